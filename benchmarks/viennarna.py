"""ViennaRNA, asked what our folds must equal. It is a peer of tests and benchmarks; nothing of it ships."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import RNA


@dataclass(frozen=True)
class Known:
    """One sequence of ArchiveII with its accepted structure (shared/data/rna/README.md)."""

    name: str
    family: str
    sequence: str
    structure: str


def archive(shared: Path) -> list[Known]:
    with gzip.open(shared / "rna" / "archiveii.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [Known(name, family, sequence, structure) for name, family, _, _, sequence, structure in rows[1:]]


def genome(shared: Path) -> str:
    lines = (shared / "rna" / "NC_045512.2.fasta").read_text("ascii").splitlines()
    return "".join(line for line in lines if not line.startswith(">"))


def compound(
    sequence: str, *, dangles: int = 2, temperature: float = 37.0, span: int = 0, unique: bool = False
) -> RNA.fold_compound:
    """A sequence for ViennaRNA, in RNA letters: it would not know a special hairpin in those of DNA.

    unique    fill what suboptimal structures are found by
    """
    details = RNA.md()
    details.dangles, details.temperature, details.uniq_ML = dangles, temperature, int(unique)
    if span:
        details.max_bp_span = span
    return RNA.fold_compound(sequence.upper().replace("T", "U"), details)


def random_sequence(rng: np.random.Generator, length: int, letters: str = "ACGU") -> str:
    return "".join(rng.choice(list(letters), length))
