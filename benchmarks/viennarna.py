"""ViennaRNA, asked what our folds must equal. It is a peer of tests and benchmarks; nothing of it ships."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import RNA
from numpy.typing import NDArray

ENFORCED = RNA.CONSTRAINT_DB_DEFAULT | RNA.CONSTRAINT_DB_ENFORCE_BP


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
    sequence: str,
    *,
    dangles: int = 2,
    temperature: float = 37.0,
    span: int = 0,
    smooth: bool = True,
    unique: bool = False,
) -> RNA.fold_compound:
    """A sequence for ViennaRNA, in RNA letters: it would not know a special hairpin in those of DNA.

    smooth    as it does unless told otherwise, energies near zero are smoothed in the partition function, not elsewhere
    unique    fill what suboptimal structures are found by
    """
    details = RNA.md()
    details.dangles, details.temperature = dangles, temperature
    details.pf_smooth, details.uniq_ML = int(smooth), int(unique)
    if span:
        details.max_bp_span = span
    return RNA.fold_compound(sequence.upper().replace("T", "U"), details)


def probabilities(theirs: RNA.fold_compound) -> tuple[float, NDArray[np.float64]]:
    """Free energy of the ensemble, kcal/mol, and the probability of each pair, from 0."""
    theirs.exp_params_rescale(theirs.mfe()[1])
    energy = theirs.pf()[1]
    return energy, np.array(theirs.bpp())[1:, 1:]


def random_sequence(rng: np.random.Generator, length: int, letters: str = "ACGU") -> str:
    return "".join(rng.choice(list(letters), length))


def probed(sequence: str, reactivities: NDArray[np.float64]) -> RNA.fold_compound:
    """A sequence with SHAPE reactivities, NaN where there is none, after Deigan et al. 2009: m 1.8, b -0.6."""
    theirs = compound(sequence)
    theirs.sc_add_SHAPE_deigan([-999.0, *np.where(np.isnan(reactivities), -999.0, reactivities)], 1.8, -0.6)
    return theirs


def random_structure(rng: np.random.Generator, length: int) -> str:
    """Nested pairs anywhere, canonical or not."""
    partners = np.full(length, -1)
    pieces = [(0, length)]
    while pieces:
        low, high = pieces.pop()
        if high - low < 5 or rng.random() < 0.1:
            continue
        i = int(rng.integers(low, high - 4))
        j = int(rng.integers(i + 4, high))
        partners[i], partners[j] = j, i
        pieces += [(i + 1, j), (j + 1, high)]
    return "".join("." if x < 0 else "(" if x > place else ")" for place, x in enumerate(partners))


def random_constraint(rng: np.random.Generator, sequence: str, bracket: bool) -> str:
    """Positions that must and must not pair, and with `bracket` two that pair with each other."""
    symbols = np.full(len(sequence), ".")
    for at in rng.integers(0, len(sequence), max(1, len(sequence) // 14)):
        symbols[at] = rng.choice(list("x|<>"))
    for _ in range(60 if bracket else 0):
        i, j = sorted(rng.choice(len(sequence), 2, replace=False))
        if j - i > 5 and sequence[i] + sequence[j] in ("AU", "UA", "GC", "CG", "GU", "UG"):
            symbols[i], symbols[j] = "(", ")"
            break
    return "".join(symbols)
