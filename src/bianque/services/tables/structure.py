"""A structure in rows: its loops with their energies, its pairs with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from bianque.model import catalogue
from bianque.services import numerals
from bianque.services.fold_answer import Structure
from bianque.services.tables.table import Cell, Column, Table
from bianque.treat.rna import Loop


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair (from 0), whether the structure has it, and its probability."""

    first: int
    second: int
    own: bool
    probability: float


def kind(loop: Loop) -> str:
    """The word for a loop: an interior loop without unpaired nucleotides is a stack, with some on one side a bulge."""
    if loop.kind != "interior" or loop.closing is None or loop.inner is None:
        return loop.kind
    sides = (loop.inner[0] - loop.closing[0] - 1, loop.closing[1] - loop.inner[1] - 1)
    return "interior" if all(sides) else "bulge" if any(sides) else "stack"


def loops_between(shown: Structure, first: int, last: int) -> list[Loop]:
    """The loops whose closing pair has an end among positions first to last (from 1), from the 5' end on.

    The exterior loop belongs to the whole sequence alone.
    """
    whole = first == 1 and last == len(shown.fold.sequence)
    found = [
        loop
        for loop in shown.fold.loops
        if (any(first <= end + 1 <= last for end in loop.closing) if loop.closing else whole)
    ]
    return sorted(found, key=lambda loop: loop.closing or (-1, -1))


def loops(found: list[Loop], language: str) -> Table:
    """Loops with their energies."""
    rows = [
        [
            Cell(kind(loop), catalogue.text(f"fold_loop_{kind(loop)}", language)),
            *(_position(end) for end in (*(loop.closing or (None, None)), *(loop.inner or (None, None)))),
            Cell(loop.energy, numerals.energy(loop.energy)),
        ]
        for loop in found
    ]
    columns = [
        Column("loop"),
        Column("closing_first", "number"),
        Column("closing_last", "number"),
        Column("inner_first", "number"),
        Column("inner_last", "number"),
        Column("energy", "number", "folding_energy"),
    ]
    return Table("loops", catalogue.text("fold_loops_heading", language), columns, rows)


def pairs_between(shown: Structure, first: int, last: int) -> list[Pair]:
    """The pairs with an end among positions first to last (from 1): the structure's, and other probable ones."""
    pairs, own, probabilities = shown.listed
    inside = ((pairs >= first - 1) & (pairs < last)).any(axis=1)
    found = zip(pairs[inside].tolist(), own[inside].tolist(), probabilities[inside].tolist(), strict=True)
    return [Pair(i, j, there, probability) for (i, j), there, probability in found]


def pairs(shown: Structure, found: list[Pair], language: str) -> Table:
    """Pairs with their letters, and with their probabilities where those were asked for."""
    sequence, known = shown.fold.sequence, shown.ensemble is not None
    rows = []
    for pair in found:
        i, j = pair.first, pair.second
        row = [_position(i), Cell(sequence[i], sequence[i]), _position(j), Cell(sequence[j], sequence[j])]
        if known:
            there = "yes" if pair.own else "no"
            row.append(Cell(pair.own, catalogue.text(f"fold_{there}", language)))
            row.append(Cell(pair.probability, numerals.probability(pair.probability), bar=pair.probability))
        rows.append(row)
    columns = [Column("position", "number"), Column("letter"), Column("partner", "number"), Column("partner_letter")]
    if known:
        columns += [Column("in_structure"), Column("probability", "number", "pair_probability")]
    return Table("pairs", catalogue.text("fold_pairs_heading", language), columns, rows)


def _position(place: int | None) -> Cell:
    """A position as readers count it, from 1."""
    return Cell(None, numerals.UNKNOWN) if place is None else Cell(place + 1, numerals.number(place + 1))
