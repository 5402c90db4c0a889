"""What is to be folded, and how?  Every answer to a form is judged here, before anything is queued.

The same sequence with the same options is the same question, whoever asks it. It has no name: a FASTA header is often
the number of a sample or of a patient, and everyone sees what was asked.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from bianque.model import catalogue
from bianque.model.errors import BadField
from bianque.services import folding
from bianque.treat import rna
from bianque.treat.rna.parameters import MEASURED_AT
from bianque.treat.rna.sequence import IUPAC, LETTERS, letters, nucleotides

ANSWER_FORMAT = 2  # a change of what is stored, or of the model, makes another question
UNASKED_UP_TO = 5_000  # nt with probabilities unless told otherwise: without a span their cost grows with the cube
SMALLEST_SPAN = 5  # nt: a pair around the smallest hairpin
COLDEST, HOTTEST = 0.0, 100.0  # °C, of liquid water; the energies were measured at 37
GZIP = "\x1f\x8b"

Wanted = Literal["auto", "yes", "no"]


@dataclass(frozen=True, slots=True)
class Form:
    """What a reader typed, as it was typed."""

    sequence: str = ""
    file: str = ""  # what an uploaded file holds
    span: str = ""
    temperature: str = ""
    probabilities: str = "auto"

    def shown_again(self) -> Form:
        """The form as a page gives it back to be mended, without a sequence that is mostly no nucleotides: that was
        typed in the wrong place, may be about a person, and is not repeated.
        """
        lines = [line for line in self.sequence.splitlines() if not line.startswith(">")]
        symbols = "".join("".join(lines).split()).upper()
        known = sum(symbols.count(letter) for letter in LETTERS + "T")
        return self if 2 * known > len(symbols) else replace(self, sequence="")


@dataclass(frozen=True, slots=True)
class Question:
    """A sequence (RNA letters) and how to fold it; `probabilities` asks for the partition function too."""

    sequence: str
    span: int = 0
    temperature: float = MEASURED_AT
    probabilities: bool = True

    @property
    def identity(self) -> str:
        """Names the answer: SHA-256 of all that it depends on."""
        asked = [ANSWER_FORMAT, self.sequence, self.span, self.temperature, self.probabilities]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    @property
    def memory(self) -> int:
        """Bytes that the answer takes to compute, about."""
        wide = "N" in self.sequence
        return rna.memory_needed(len(self.sequence), self.span, wide=wide, ensemble=self.probabilities)


def question(form: Form) -> Question:
    """The question a form asks.

    raises    BadField  with the field, what is wrong with it and what to do, in both languages
    """
    if form.sequence.strip() and form.file.strip():
        raise _bad("file", "both")
    sequence = (
        _sequence(form.sequence) if form.sequence.strip() else _sequence(form.file, "file" if form.file else "sequence")
    )
    span = _span(form.span)
    if span >= len(sequence):  # limits nothing, however many digits it has
        span = 0
    temperature = _temperature(form.temperature)
    if form.probabilities not in get_args(Wanted):
        raise _bad("probabilities", "probabilities", given=form.probabilities, allowed=", ".join(get_args(Wanted)))
    unasked = bool(span) or len(sequence) <= UNASKED_UP_TO
    wanted = unasked if form.probabilities == "auto" else form.probabilities == "yes"
    asked = Question(sequence, span, temperature, wanted)
    check_memory(asked)
    return asked


def check_memory(asked: Question) -> None:
    """Refuse what the machine has no memory for.

    raises    BadField
    """
    free = folding.free_memory()
    if free is not None and asked.memory > folding.SHARE_OF_MEMORY * free:
        length = f"{len(asked.sequence):,}"
        raise _bad("sequence", "memory", length=length, needed=f"{asked.memory / 1e9:,.1f}", free=f"{free / 1e9:,.1f}")


def _sequence(given: str, field: str = "sequence") -> str:
    if given.startswith(GZIP):
        raise _bad(field, "gzip")
    lines = given.splitlines()
    headed = any(line.lstrip("\ufeff \t").startswith(">") for line in lines)
    # Without a header the lines are one sequence that was pasted as it was wrapped.
    found = list(rna.read_records(lines if headed else ["".join(given.split())], ""))
    found = [record for record in found if record.sequence or record.structure]
    if not found:
        raise _bad(field, "empty")
    if len(found) > 1:
        raise _bad(field, "many", count=len(found), second=found[1].name)
    record = found[0]
    if record.structure:
        raise _bad(field, "structure")
    allowed = LETTERS + "T" + IUPAC
    allowed += allowed.lower()  # not `upper` of what was given: that makes SS of ß
    wrong = next((i for i, letter in enumerate(record.sequence) if letter not in allowed), None)
    if wrong is not None:
        raise _bad(field, "letter", position=f"{wrong + 1:,}", letter=record.sequence[wrong])
    return letters(nucleotides(record.sequence))


def _span(given: str) -> int:
    if not given.strip():
        return 0
    try:
        span = int(given)
    except ValueError:
        raise _bad("span", "span", given=given, least=SMALLEST_SPAN) from None
    if span and span < SMALLEST_SPAN:
        raise _bad("span", "span", given=given, least=SMALLEST_SPAN)
    return span


def _temperature(given: str) -> float:
    if not given.strip():
        return MEASURED_AT
    try:
        temperature = float(given)
    except ValueError:
        temperature = math.nan
    if not COLDEST <= temperature <= HOTTEST:
        raise _bad("temperature", "temperature", given=given, least=f"{COLDEST:g}", most=f"{HOTTEST:g}")
    return temperature


def _bad(field: str, key: str, **values: object) -> BadField:
    what = catalogue.both(f"fold_bad_{key}", **values)
    return BadField(field, what, catalogue.both(f"fold_bad_{key}_remedy", **values))
