"""A stored answer as readers see it: a sentence, and what is at each position of a window."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import numpy as np

from bianque.model import catalogue
from bianque.services import numerals
from bianque.services.fold_answer import Answer, Kind, Structure
from bianque.services.fold_examples import examples
from bianque.services.fold_question import Question
from bianque.services.tables.structure import kind as kind_of
from bianque.treat import rna
from bianque.treat.rna.folding import DRAWINGS

View = Literal["arc", "circle", "mountain"]


def called(question: Question, language: str) -> str:
    """What a sequence is called on a page: an example by its title, any other by the beginning of its identity."""
    known = next((one for one in examples().values() if one.sequence == question.sequence), None)
    if known:
        return known.name.in_language(language)
    return catalogue.text("fold_called", language, digest=digest(question.identity))


def digest(identity: str) -> str:
    """As much of an identity as tells the stored ones apart."""
    return identity[:12]


def sentence(answer: Answer, kind: Kind, language: str) -> str:
    """Length, share paired and energy."""
    fold = answer.structure(kind).fold
    return catalogue.text(
        f"fold_sentence_{kind}",
        language,
        name=called(answer.question, language),
        length=numerals.number(len(fold.sequence)),
        energy=numerals.energy(fold.energy),
        share=f"{2 * len(fold.pairs) / len(fold.sequence):.0%}",
    )


def method(answer: Answer, kind: Kind, language: str) -> str:
    """How the structure was found, as the fold itself says it in English, and how it stands among all others."""
    fold, span = answer.structure(kind).fold, answer.question.span
    said = catalogue.text(
        f"fold_method_{kind}",
        language,
        temperature=f"{fold.temperature:g}",
        dangles=fold.dangles,
        span=catalogue.text("fold_span", language, span=numerals.number(span)) if span else "",
    )
    if answer.ensemble is None:
        return said
    energy = numerals.energy(answer.ensemble.energy)
    share = numerals.share(answer.ensemble.log_share(fold.energy))
    return said + catalogue.text("fold_in_ensemble", language, energy=energy, share=share)


def moment(seconds: float, language: str) -> str:
    """A time of day in UTC."""
    return numerals.moment(dt.datetime.fromtimestamp(seconds, dt.UTC), language)


def picture(answer: Answer, kind: Kind, view: View, first: int, last: int, language: str) -> str:
    """A structure from position first to last (from 1) as SVG, with the probabilities where they are known."""
    fold, ensemble = answer.structure(kind).fold, answer.ensemble
    drawn = ensemble.picture(fold.partners) if ensemble else rna.Picture(fold.sequence, fold.partners)
    return DRAWINGS[view](drawn, first=first - 1, last=last, title=called(answer.question, language))


def positions(shown: Structure, first: int, last: int, language: str) -> dict[str, Any]:
    """What is at positions first to last (from 1): letter, partner (0: none), the loop, and each such loop in words.

    Where probabilities are known, that of the position to be unpaired, and that of its pair (0 where it has none).
    """
    fold, cut = shown.fold, slice(first - 1, last)
    at = shown.loop_at[cut]
    named = {}
    for index in np.unique(at).tolist():
        loop = fold.loops[index]
        named[index] = {
            "kind": catalogue.text(f"fold_loop_{kind_of(loop)}", language),
            "closing": "–".join(numerals.number(end + 1) for end in loop.closing) if loop.closing else "",
            "energy": numerals.energy(loop.energy),
        }
    found = {
        "first": first,
        "letters": fold.sequence[cut],
        "partners": (fold.partners[cut] + 1).tolist(),
        "loops": at.tolist(),
        "named": named,
    }
    if shown.ensemble:
        found["unpaired"] = [numerals.probability(p) for p in shown.ensemble.unpaired[cut].tolist()]
        found["probabilities"] = [numerals.probability(p) for p in shown.probability_at[cut].tolist()]
    return found
