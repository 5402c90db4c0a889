"""The way back, as a machine of states: who must have said what before a locked target's identity is opened.

requested → approved by one → released → expired
    │              │              └────→ closed      the emergency was closed
    ├──────────────┴→ refused | lapsed | closed      nothing was opened

Pure: every step takes the release, the person and the hour, and gives the release after it or says why not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput

REQUEST_HOURS = 24  # a request that two persons have not approved by then lapses
MOST_HOURS = 72  # of reading, once released
APPROVERS = 2  # of different organisations, neither of them the requester


class ReleaseState(StrEnum):
    REQUESTED = "requested"
    APPROVED_ONCE = "approved_once"
    RELEASED = "released"
    REFUSED = "refused"
    LAPSED = "lapsed"  # not approved in time
    EXPIRED = "expired"  # its hours are over
    CLOSED = "closed"  # with its emergency


PENDING = (ReleaseState.REQUESTED, ReleaseState.APPROVED_ONCE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one approver said."""

    account: str
    organisation: str
    approves: bool
    at: dt.datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One request for the identities behind pseudonyms, and what became of it. `fields` are kinds of identifiers."""

    id: str
    emergency: str
    requester: str
    organisation: str
    purpose: Purpose
    reason: str
    fields: tuple[str, ...]
    targets: tuple[str, ...]
    asked: dt.datetime
    hours: int
    officer_key: bytes  # public key of the requester, to which what is opened is sealed
    state: ReleaseState = ReleaseState.REQUESTED
    verdicts: tuple[Verdict, ...] = ()
    released: dt.datetime | None = None

    @property
    def lapses(self) -> dt.datetime:
        """When the request lapses unless it was released before."""
        return self.asked + dt.timedelta(hours=REQUEST_HOURS)

    @property
    def until(self) -> dt.datetime | None:
        """When what was released is erased."""
        return self.released + dt.timedelta(hours=self.hours) if self.released else None

    def digest(self) -> bytes:
        """What an approver approves, in 32 bytes: an approval of one request opens no other."""
        said = {
            "release": self.id,
            "emergency": self.emergency,
            "requester": self.requester,
            "fields": self.fields,
            "targets": self.targets,
            "hours": self.hours,
            "officer_key": self.officer_key.hex(),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()

    def at(self, now: dt.datetime, *, emergency_open: bool) -> Release:
        """The release as it stands at an hour: lapsed, expired or closed where that is so, and never back again."""
        if self.state not in (*PENDING, ReleaseState.RELEASED):
            return self
        if not emergency_open:
            return replace(self, state=ReleaseState.CLOSED)
        if self.state in PENDING:
            return replace(self, state=ReleaseState.LAPSED) if now >= self.lapses else self
        assert self.until is not None
        return replace(self, state=ReleaseState.EXPIRED) if now >= self.until else self

    def judged(self, verdict: Verdict) -> Release:
        """The release after one more approver has spoken; the second approval of two organisations releases it.

        raises  BadInput  when it waits for nobody, or this person may not be one of the two
        """
        if self.state not in PENDING or verdict.at >= self.lapses:
            state = self.state if self.state not in PENDING else ReleaseState.LAPSED
            raise BadInput(f"request {self.id} is {state}: nothing can be said to it any more", kept="it as it is")
        if verdict.account == self.requester:
            raise BadInput("whoever asks for a release does not approve it", remedy="two other persons decide")
        given = [v for v in self.verdicts if v.approves]
        if any(v.account == verdict.account for v in given):
            raise BadInput(f"{verdict.account} has approved already", remedy="a person of another organisation decides")
        if verdict.approves and any(v.organisation == verdict.organisation for v in given):
            raise BadInput(
                f"{verdict.organisation} has approved already, through another person",
                remedy="the second approver is of another organisation: two of one hold the same share of the key",
            )
        after = replace(self, verdicts=(*self.verdicts, verdict))
        if not verdict.approves:
            return replace(after, state=ReleaseState.REFUSED)
        if len(given) + 1 < APPROVERS:
            return replace(after, state=ReleaseState.APPROVED_ONCE)
        return replace(after, state=ReleaseState.RELEASED, released=verdict.at)


def readable(release: Release, account: str) -> bool:
    """Whether an account may read what was released, as the release stands now."""
    return release.state is ReleaseState.RELEASED and account == release.requester


def requested(release: Release) -> Release:
    """The request, when it can be made.

    raises  BadInput  when it names no target, no field, no reason, or too many hours
    """
    wanting = [
        name
        for name, there in (
            ("a target", release.targets),
            ("a field", release.fields),
            ("a reason", release.reason.strip()),
        )
        if not there
    ]
    if wanting:
        raise BadInput(f"a request needs {' and '.join(wanting)}", remedy="name what is asked for, and why")
    if not 1 <= release.hours <= MOST_HOURS:
        raise BadInput(f"a release lasts from 1 to {MOST_HOURS} hours, not {release.hours}")
    return release
