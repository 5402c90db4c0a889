"""Sequences: letters in, nucleotides as numbers out; nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput

LETTERS = "ACGUN"
IUPAC = "RYSWKMBDHVN"  # stand for several nucleotides: they pair with nothing
_CODES = np.full(256, 255, np.uint8)
for _code, _letters in enumerate(("Aa", "Cc", "Gg", "UuTt", IUPAC + IUPAC.lower())):
    _CODES[[ord(letter) for letter in _letters]] = _code


@dataclass(frozen=True, slots=True)
class Record:
    """One sequence of a file: its name (the FASTA header's first word), its letters, and where it was found."""

    name: str
    sequence: str
    structure: str = ""
    where: str = ""


def nucleotides(sequence: str, where: str = "the sequence") -> NDArray[np.uint8]:
    """A C G U N as 0 to 4: DNA or RNA letters, either case; ambiguity codes are N, which pairs with nothing.

    raises    BadInput  for an empty sequence or any other letter, with its position
    """
    if not sequence:
        raise BadInput(f"{where} is empty", remedy="give at least one nucleotide, or take the record out")
    letters = np.frombuffer(sequence.encode("latin-1", "replace"), np.uint8)
    codes = _CODES[letters]
    (wrong,) = np.nonzero(codes == 255)
    if wrong.size:
        at = int(wrong[0])
        protein = "EFILPQXZ*"
        what = "looks like a protein" if sequence[at].upper() in protein else "is no nucleotide"
        raise BadInput(
            f"{where}, position {at + 1}: {sequence[at]!r} {what}",
            remedy="use the letters A C G U (or T), and N or another IUPAC code for what is not known",
        )
    return codes


def letters(codes: NDArray[np.uint8]) -> str:
    """The RNA letters of nucleotides."""
    return np.frombuffer(LETTERS.encode(), np.uint8)[codes].tobytes().decode()
