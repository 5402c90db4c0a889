"""What is known of a structure beforehand: positions that must or must not pair, and chemical probing.

Constraints are written like RNAfold's: `|` pairs with something, `x` does not pair, `<` pairs with a later position if
at all, `>` with an earlier one if at all, `(` and `)` pair with each other and nothing crosses them, `.` is free.

Probing after Deigan et al. 2009, PNAS 106:97: each nucleotide of a stack adds m ln(reactivity + 1) + b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput
from bianque.treat.rna.parameters import LARGEST
from bianque.treat.rna.structure import partners_of

SLOPE = 1.8  # kcal/mol, Deigan et al. 2009
INTERCEPT = -0.6  # kcal/mol, Deigan et al. 2009
DCAL = 100  # in one kcal/mol
# For a position that must pair: more than a structure can lose by it, which is at most all stacks of the sequence.
SMALLEST_BONUS = 20_000  # dcal/mol
BONUS_PER_NUCLEOTIDE = 400  # dcal/mol
ALL_BONUSES = 40_000_000  # dcal/mol together, within what 32 bits hold


@dataclass(frozen=True)
class Constraint:
    """A constraint, position by position.

    layer          positions of different layers cannot pair
    opens, closes  may be the 5', the 3' end of a pair
    must           pairs with something
    bonus          what a pair earns at a position that must pair, dcal/mol; the fold takes it off again
    """

    text: str
    layer: NDArray[np.int32]
    opens: NDArray[np.uint8]
    closes: NDArray[np.uint8]
    must: NDArray[np.bool_]
    bonus: int

    @property
    def pair_bonus(self) -> NDArray[np.int32] | None:
        return np.where(self.must, -self.bonus, 0).astype(np.int32) if self.must.any() else None


def read_constraint(text: str, length: int, where: str = "the constraint") -> Constraint:
    """A constraint for a sequence of some length.

    raises    BadInput  for another length, an unknown symbol or brackets without partner, with the position
    """
    if len(text) != length:
        raise BadInput(
            f"{where} has {len(text)} symbols, the sequence {length} nucleotides", remedy="give one symbol a nucleotide"
        )
    symbols = np.array(list(text))
    (unknown,) = np.nonzero(~np.isin(symbols, list(".|x<>()")))
    if unknown.size:
        at = int(unknown[0])
        raise BadInput(f"{where}, position {at + 1}: {text[at]!r} is no symbol of a constraint; they are . | x < > ( )")
    partners = partners_of("".join(symbol if symbol in "()" else "." for symbol in text), where)
    layer = np.zeros(length, np.int32)
    enclosing, made = [0], 0
    for place, partner in enumerate(partners):
        if partner > place:  # what is inside pairs inside, and the two ends with each other
            made += 2
            layer[place] = layer[partner] = made
            enclosing.append(made - 1)
        elif partner >= 0:
            enclosing.pop()
        else:
            layer[place] = enclosing[-1]
    free = symbols != "x"
    must = np.isin(symbols, list("|()"))
    opens = free & ~np.isin(symbols, list(">)"))
    closes = free & ~np.isin(symbols, list("<("))
    bonus = min(SMALLEST_BONUS + BONUS_PER_NUCLEOTIDE * length, ALL_BONUSES // max(1, int(must.sum())))
    return Constraint(text, layer, opens.astype(np.uint8), closes.astype(np.uint8), must, bonus)


def stack_bonus(
    reactivities: NDArray[np.float64], length: int, slope: float = SLOPE, intercept: float = INTERCEPT
) -> NDArray[np.int32]:
    """What each nucleotide of a stack adds, dcal/mol; 0 where the reactivity is unknown (NaN).

    raises    BadInput  for another length, or a reactivity that is negative or infinite
    """
    if len(reactivities) != length:
        raise BadInput(
            f"there are {len(reactivities)} reactivities and {length} nucleotides",
            remedy="give one reactivity a position; leave unknown ones empty",
        )
    known = ~np.isnan(reactivities)
    (wrong,) = np.nonzero(known & ~((reactivities >= 0) & np.isfinite(reactivities)))
    if wrong.size:
        at = int(wrong[0])
        raise BadInput(
            f"the reactivity of position {at + 1} is {reactivities[at]:g}",
            remedy="a reactivity is 0 or more; leave it empty where there is no data",
        )
    energies: NDArray[np.float64] = np.where(known, slope * np.log1p(np.where(known, reactivities, 0)) + intercept, 0.0)
    (beyond,) = np.nonzero(~(np.abs(energies) * DCAL <= LARGEST))
    if beyond.size:
        at = int(beyond[0])
        raise BadInput(
            f"the reactivity of position {at + 1}, {reactivities[at]:g}, is worth {energies[at]:g} kcal/mol",
            remedy=f"normalise the reactivities, or take a smaller slope: {LARGEST // DCAL} kcal/mol is the most",
        )
    return np.rint(energies * DCAL).astype(np.int32)
