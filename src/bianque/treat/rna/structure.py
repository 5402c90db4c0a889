"""Secondary structures: dot-bracket, partners and pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput

MIN_HAIRPIN = 3  # nucleotides in a hairpin loop, of which the model knows none smaller
OPENING, CLOSING = "([{<", ")]}>"

Partners = NDArray[np.int32]


def dot_bracket(partners: Partners) -> str:
    """Partners (-1: unpaired) as dots and brackets; one kind of bracket, so pairs must not cross."""
    places = np.arange(len(partners))
    symbols = np.where(partners < 0, ord("."), np.where(partners > places, ord("("), ord(")"))).astype(np.uint8)
    return symbols.tobytes().decode()


def partners_of(structure: str, where: str = "the structure") -> Partners:
    """The partner of each position of a dot-bracket, -1 where it is unpaired.

    raises    BadInput  for a bracket without partner, a pseudoknot or another symbol, with its position
    """
    partners = np.full(len(structure), -1, np.int32)
    open_at: list[int] = []
    for place, symbol in enumerate(structure):
        if symbol == "(":
            open_at.append(place)
        elif symbol == ")":
            if not open_at:
                raise BadInput(f"{where}, position {place + 1}: ')' closes nothing", remedy="balance the brackets")
            partner = open_at.pop()
            partners[partner], partners[place] = place, partner
        elif symbol in "[]{}<>" or symbol.isalpha():
            remedy = "take the pairs of the other brackets out: the model knows no pseudoknots"
            raise BadInput(f"{where}, position {place + 1}: {symbol!r} is part of a pseudoknot", remedy=remedy)
        elif symbol not in ".,":
            raise BadInput(f"{where}, position {place + 1}: {symbol!r} is no bracket and no dot")
    if open_at:
        raise BadInput(f"{where}, position {open_at[-1] + 1}: '(' is never closed", remedy="balance the brackets")
    return partners


def pairs_of(partners: Partners) -> NDArray[np.int32]:
    """Base pairs as rows of two positions, from 0, 5' one first."""
    (first,) = np.nonzero(partners > np.arange(len(partners)))
    return np.stack([first, partners[first]], axis=1).astype(np.int32)
