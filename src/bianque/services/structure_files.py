"""Structures as files other programs read: dot-bracket, connectivity table, bpseq, JSON, SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bianque.lake.store import write_atomically
from bianque.services.ensemble_files import TABLES, ensemble_object
from bianque.treat.rna import Ensemble, Fold, Picture, arc_diagram

LONGEST_STEM = 150  # bytes: with what is added until it is written, within the 255 of a file's name


def dbn(name: str, fold: Fold) -> str:
    """Dot-bracket: header, sequence, structure with its energy in kcal/mol."""
    return f">{name}\n{fold.sequence}\n{fold.structure} ({fold.energy:.2f})\n"


def ct(name: str, fold: Fold) -> str:
    """Connectivity table of mfold: index, letter, 5' and 3' neighbour, partner (0: none), index."""
    length = len(fold.sequence)
    lines = [f"{length}\tENERGY = {fold.energy:.2f}\t{name}"]
    for place, (letter, partner) in enumerate(zip(fold.sequence, fold.partners.tolist(), strict=True), start=1):
        lines.append(f"{place}\t{letter}\t{place - 1}\t{(place + 1) % (length + 1)}\t{partner + 1}\t{place}")
    return "\n".join(lines) + "\n"


def bpseq(name: str, fold: Fold) -> str:
    """Bpseq: index, letter, partner (0: none)."""
    rows = enumerate(zip(fold.sequence, fold.partners.tolist(), strict=True), start=1)
    return f"# {name}\n" + "".join(f"{place} {letter} {partner + 1}\n" for place, (letter, partner) in rows)


def json_text(name: str, fold: Fold, ensemble: Ensemble | None = None) -> str:
    """Everything of a fold; positions from 1, as in the other files, energies in kcal/mol."""
    return (
        json.dumps(
            {
                "name": name,
                "sequence": fold.sequence,
                "structure": fold.structure,
                "energy": fold.energy,
                "probing": fold.probing,
                "method": fold.method,
                "pairs": (fold.pairs + 1).tolist(),
                "loops": [
                    {
                        "kind": loop.kind,
                        "closing": [x + 1 for x in loop.closing] if loop.closing else None,
                        "inner": [x + 1 for x in loop.inner] if loop.inner else None,
                        "energy": loop.energy,
                    }
                    for loop in fold.loops
                ],
            }
            | ({"ensemble": ensemble_object(ensemble)} if ensemble else {})
        )
        + "\n"
    )


def svg(name: str, fold: Fold, ensemble: Ensemble | None = None) -> str:
    """The arc diagram of the structure, under its name and energy, with what pairs are probable below."""
    picture = ensemble.picture(fold.partners) if ensemble else Picture(fold.sequence, fold.partners)
    return arc_diagram(picture, title=f"{name}, {fold.energy:.2f} kcal/mol")


STRUCTURES: dict[str, Callable[[str, Fold], str]] = {"dbn": dbn, "ct": ct, "bpseq": bpseq}
WITH_ENSEMBLE: dict[str, Callable[[str, Fold, Ensemble | None], str]] = {"json": json_text, "svg": svg}
FORMATS = (*STRUCTURES, *WITH_ENSEMBLE)


def text(kind: str, name: str, fold: Fold, ensemble: Ensemble | None = None) -> str:
    """A fold as one of `FORMATS`; where the format has room for it, with its ensemble."""
    return STRUCTURES[kind](name, fold) if kind in STRUCTURES else WITH_ENSEMBLE[kind](name, fold, ensemble)


def suboptimals_text(name: str, folds: Sequence[Fold]) -> str:
    """Dot-brackets of one sequence: header with their number, sequence, each structure with its energy in kcal/mol."""
    lines = [
        f"{one.structure} ({one.energy:.2f})" + (f" probing {one.probing:+.2f}" if one.probing else "") for one in folds
    ]
    header = f">{name} {len(folds):,} structure{'s' if len(folds) > 1 else ''}"
    return "\n".join([header, folds[0].sequence, *lines]) + "\n"


def write_structure(
    out: Path,
    name: str,
    fold: Fold,
    formats: list[str],
    taken: set[str],
    *,
    ensemble: Ensemble | None = None,
    tables: list[str] | None = None,
) -> None:
    """One file a format, and one for each table of the ensemble, named after the record.

    taken     names that are in use; takes this one
    tables    any of ensemble_files.TABLES
    """
    stem = _stem(name, taken)
    for kind in formats:
        write_atomically(out / f"{stem}.{kind}", text(kind, name, fold, ensemble).encode())
    if ensemble:
        for table in tables or []:
            write_atomically(out / f"{stem}.{table}", TABLES[table](name, ensemble).encode())


def write_suboptimals(out: Path, name: str, folds: Sequence[Fold], taken: set[str]) -> None:
    """NAME.subopt.dbn, named as `write_structure` does."""
    write_atomically(out / f"{_stem(name, taken)}.subopt.dbn", suboptimals_text(name, folds).encode())


def _stem(name: str, taken: set[str]) -> str:
    stem = re.sub(r"[^\w.-]+", "_", name).strip(".")
    stem = stem.encode()[:LONGEST_STEM].decode(errors="ignore") or "sequence"
    while stem.casefold() in taken:  # some systems take A and a for one file
        stem += "_"
    taken.add(stem.casefold())
    return stem
