"""Reaching out: a call, message or visit to persons because of an analysis.  An analysis alone never contacts anyone.

proposed → approved or refused, by another person than the proposer → each person reached, not reached, or refusing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from bianque.model.errors import BadInput
from bianque.model.text import Text

APPROVAL_DAYS = 7  # an approval is of a list as it was looked at; older than this it is asked for anew


class Channel(StrEnum):
    CALL = "call"
    MESSAGE = "message"
    VISIT = "visit"


class Contact(StrEnum):
    """What came of reaching out to one person."""

    WAITING = "waiting"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"  # does not cooperate: recorded, and nothing follows from it by itself


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody else than the asker said."""

    account: str
    organisation: str
    at: dt.datetime
    granted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Outreach:
    """A list, the reason, the wording and the channel; who proposed it, and what was said to it."""

    id: str
    agency: str
    emergency: str
    channel: Channel
    reason: str
    wording: Text
    proposed_by: str
    proposed_organisation: str
    proposed_at: dt.datetime
    verdict: Verdict | None = None
    until: dt.datetime | None = None  # when the approval ends

    def in_force(self, at: dt.datetime) -> bool:
        """Whether it is approved at a moment."""
        approved = self.verdict is not None and self.verdict.granted
        return approved and self.until is not None and at < self.until

    def undecided(self) -> None:
        """raises  BadInput  when something was said to it already"""
        if self.verdict is not None:
            said = "approved" if self.verdict.granted else "refused"
            raise BadInput(
                f"outreach {self.id} was {said} on {self.verdict.at:%Y-%m-%d}",
                kept="that decision",
                remedy="propose it anew",
            )

    def require_approval(self, at: dt.datetime) -> None:
        """raises  BadInput  when nobody may be contacted under it at a moment"""
        if self.in_force(at):
            return
        why = "is not approved"
        if self.verdict is not None:
            why = "has expired" if self.verdict.granted else "was refused"
        raise BadInput(
            f"outreach {self.id} {why}: nobody on it may be contacted",
            kept="the list as it is; no contact was recorded",
            remedy="another person than the proposer approves it" if self.verdict is None else "propose it anew",
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody does not cooperate. It raises nothing and starts nothing."""

    id: str
    person: str
    what: str  # answer, isolation, testing, …
    outreach: str
    recorded_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Assistance:
    """A request for help of the police after a refusal (Regulation on Responses to Public Health Emergencies, art. 44).

    Somebody else than the asker decides it; nothing in the system carries it out.
    """

    id: str
    agency: str
    emergency: str
    refusal: str
    person: str
    police: str  # organisation that is asked
    reason: str
    asked_by: str
    asked_organisation: str
    asked_at: dt.datetime
    verdict: Verdict | None = None
