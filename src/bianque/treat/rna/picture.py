"""What a drawing of a structure shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput
from bianque.treat.rna.structure import Partners

FAINTEST = 0.05  # less probable pairs are not drawn: there are too many of them, and none is seen

Pairs = NDArray[np.int32]  # (m, 2): positions from 0


@dataclass(frozen=True)
class Picture:
    """What is drawn of a sequence.

    sequence        letters
    partners        per position its partner's position, from 0; -1: unpaired
    pairs           (m, 2): positions, from 0, of base pairs whose probability is known
    probabilities   (m,): their probabilities
    unpaired        per position, the probability to be unpaired
    raises          BadInput  where these do not fit each other
    """

    sequence: str
    partners: Partners
    pairs: Pairs | None = None
    probabilities: NDArray[np.float64] | None = None
    unpaired: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        length = len(self.sequence)
        if len(self.partners) != length:
            raise BadInput(f"a structure of {len(self.partners)} positions does not fit a sequence of {length}")
        if self.unpaired is not None and len(self.unpaired) != length:
            raise BadInput(f"{len(self.unpaired)} unpaired probabilities do not fit a sequence of {length}")
        known = None if self.pairs is None else len(self.pairs)
        given = None if self.probabilities is None else len(self.probabilities)
        if known != given:
            raise BadInput(f"{known or 'no'} pairs do not fit {given or 'no'} probabilities")

    @property
    def probable(self) -> tuple[Pairs, NDArray[np.float64]] | None:
        """Pairs worth drawing, 5' position first, with their probabilities."""
        if self.pairs is None or self.probabilities is None:
            return None
        shown = self.probabilities >= FAINTEST
        return np.sort(self.pairs[shown].reshape(-1, 2), axis=1), self.probabilities[shown]
