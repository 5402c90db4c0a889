"""Which part of which structure is seen, and how?  In the address as `from` and `to` (from 1), `view`, `structure`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from fastapi import Request

from bianque.services.fold_answer import KINDS, Kind
from bianque.services.fold_question import Question
from bianque.services.fold_view import View
from bianque.web.refusals import Refusal

VIEWS: tuple[View, ...] = get_args(View)
NARROWEST = 10  # nt: closer there is nothing to see


@dataclass(frozen=True, slots=True)
class Window:
    first: int
    last: int
    length: int
    view: View = "arc"
    kind: Kind = "mfe"

    @property
    def whole(self) -> bool:
        return (self.first, self.last) == (1, self.length)

    def query(self) -> dict[str, str | None]:
        """What a URL has to say for it; None for what is as usual."""
        return {
            "from": None if self.whole else str(self.first),
            "to": None if self.whole else str(self.last),
            "view": None if self.view == "arc" else self.view,
            "structure": None if self.kind == "mfe" else self.kind,
        }

    def seen_as(self, view: View) -> Window:
        return replace(self, view=view)

    def of(self, kind: Kind) -> Window:
        return replace(self, kind=kind)

    def all(self) -> Window:
        return replace(self, first=1, last=self.length)

    def scaled(self, factor: float) -> Window:
        """So many times as wide, about the same middle, within the sequence."""
        wide = min(self.length, max(NARROWEST, round((self.last - self.first + 1) * factor)))
        return self._from((self.first + self.last + 1 - wide) // 2, wide)

    def moved(self, share: float) -> Window:
        """Moved by a share of its width, within the sequence."""
        wide = self.last - self.first + 1
        return self._from(self.first + round(share * wide), wide)

    def _from(self, first: int, wide: int) -> Window:
        first = min(max(1, first), self.length - wide + 1)
        return replace(self, first=first, last=first + wide - 1)


def window_of(request: Request, question: Question) -> Window:
    """The window a request asks for, the whole sequence and the structure of least energy without one.

    raises  Refusal  when it is none of a sequence of this length
    """
    asked = request.query_params
    view = asked.get("view") or "arc"
    if view not in VIEWS:
        raise Refusal(400, "bad_choice", key="view", allowed=", ".join(VIEWS))
    kind = asked.get("structure") or "mfe"
    kinds = KINDS if question.probabilities else KINDS[:1]
    if kind not in kinds:
        raise Refusal(400, "bad_choice", key="structure", allowed=", ".join(kinds))
    length = len(question.sequence)
    given = (asked.get("from") or "1", asked.get("to") or str(length))
    try:
        first, last = (int(text) for text in given)
    except ValueError:
        first, last = 0, 0
    if not 1 <= first <= last <= length:
        raise Refusal(400, "bad_window", length=f"{length:,}")
    return Window(first, last, length, view, kind)
