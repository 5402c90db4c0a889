"""A data subject's rights: what is asked for, how was it made sure who asks, by when is it answered, and how?"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum

from bianque.model.errors import BadInput


class Right(StrEnum):
    ACCESS_LOG = "access_log"  # who read my record
    COPY = "copy"  # a copy of my record
    CORRECTION = "correction"
    CONTEST = "contest"  # a grade or a decision: it is reconsidered by a second person


class IdentityCheck(StrEnum):
    """How the officer made sure that the asker is the data subject, or may act for them. No number is kept of it."""

    ID_CARD = "id_card"  # seen, and its holder in person
    PASSPORT = "passport"
    CALL_BACK = "call_back"  # on the phone number of the record
    GUARDIAN = "guardian"  # of a child: household register or birth certificate, and the guardian's ID card
    MANDATE = "mandate"  # a written mandate, and the ID card of whoever holds it


class Answer(StrEnum):
    FULFILLED = "fulfilled"
    REFUSED = "refused"  # with the reason, as PIPL art. 50 and GDPR art. 12(4) ask
    UPHELD = "upheld"  # a contested decision stands
    CHANGED = "changed"  # a contested decision is taken back or replaced


ANSWERS: dict[Right, tuple[Answer, ...]] = {
    Right.ACCESS_LOG: (Answer.FULFILLED, Answer.REFUSED),
    Right.COPY: (Answer.FULFILLED, Answer.REFUSED),
    Right.CORRECTION: (Answer.FULFILLED, Answer.REFUSED),
    Right.CONTEST: (Answer.UPHELD, Answer.CHANGED),
}


@dataclass(frozen=True, slots=True)
class Answered:
    account: str
    organisation: str
    at: dt.datetime
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """A request as it stands. `event` is the number of the contested decision in the audit, `first` who took it."""

    id: str
    agency: str
    emergency: str
    person: str  # id of the record
    right: Right
    identity: IdentityCheck
    received_by: str
    received_at: dt.datetime
    due: dt.date
    law: str  # id of the deadline that sets the day
    event: int = 0
    first: str = ""
    answered: Answered | None = None

    def overdue(self, day: dt.date) -> bool:
        return self.answered is None and day > self.due

    def open_for(self, answer: Answer) -> None:
        """raises  BadInput  when it has been answered, or cannot be answered so"""
        if self.answered is not None:
            raise BadInput(
                f"request {self.id} was answered on {self.answered.at:%Y-%m-%d}",
                kept="that answer",
                remedy="whoever is not content with it contests it: `bianque rights receive --right contest`",
            )
        if answer not in ANSWERS[self.right]:
            raise BadInput(
                f"a request for {self.right} is not answered by {answer}",
                kept="the request is still open",
                remedy=f"answer {' or '.join(ANSWERS[self.right])}",
            )

    def receipt(self) -> dict[str, object]:
        """What the data subject is handed: no personal value, so that a lost receipt tells nothing."""
        values = asdict(self)
        shown = {name: values[name] for name in ("id", "right", "identity", "law", "event")}
        shown |= {"received_at": self.received_at.isoformat(timespec="seconds"), "due": self.due.isoformat()}
        if self.answered:
            shown |= {
                "answer": self.answered.answer,
                "answered_at": self.answered.at.isoformat(timespec="seconds"),
                "reason": self.answered.reason,
            }
        return shown
