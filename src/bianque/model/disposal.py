"""Disposal: what of an emergency is destroyed when, what has been, and what is out of reach?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bianque.model.emergency import Emergency, State
from bianque.model.errors import BadInput


@dataclass(frozen=True, slots=True)
class Schedule:
    """The moments from which identified records, and pseudonymous facts, have no reason to be kept."""

    identified: dt.datetime
    pseudonymous: dt.datetime
    audit: dt.datetime


def schedule(emergency: Emergency) -> Schedule:
    """When the retention of each class ends, counted from the close.

    raises  BadInput  when the emergency is not closed
    """
    if emergency.state is not State.CLOSED or emergency.closed_at is None:
        raise BadInput(
            f"an emergency that is {emergency.state} is not disposed of",
            kept="everything",
            remedy="two persons of the command body close it first: `bianque emergency sign`",
        )
    keep, closed = emergency.terms.retention, emergency.closed_at
    days = (keep.identified_days, keep.pseudonymous_days, keep.audit_days)
    return Schedule(*(closed + dt.timedelta(days=count) for count in days))


@dataclass(frozen=True, slots=True)
class Destroyed:
    """planned = destroyed + remaining, of one kind of record."""

    planned: int
    remaining: int

    @property
    def destroyed(self) -> int:
        return self.planned - self.remaining


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Copies that no command destroys: on paper, or with whoever was given them."""

    paper_forms_returned: int
    paper_forms_open: int
    exports: tuple[tuple[str, int], ...]  # recipient, records
    releases: int  # identities that were released to an officer


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a disposal did, for the file: it holds no personal value."""

    emergency: str
    agency: str
    closed_at: dt.datetime
    executed_by: tuple[str, str]
    organisation: str
    at: dt.datetime
    counts: Mapping[str, Destroyed]
    identifiers_at_the_door: int
    key_at_the_door: bool  # one was drawn for the emergency, and is destroyed with its identifiers
    out_of_reach: OutOfReach
    audit_kept_until: dt.datetime
    audit_events: int
    audit_head: str  # hash of the newest event, hexadecimal
    traces_left: bool  # bytes of deleted rows may be in the files until the owner of the tables has rewritten them

    def document(self) -> dict[str, object]:
        """The certificate as JSON takes it."""
        shown = asdict(self)
        for name in ("closed_at", "at", "audit_kept_until"):
            shown[name] = shown[name].isoformat(timespec="seconds")
        shown["counts"] = {
            kind: {"planned": one.planned, "destroyed": one.destroyed, "remaining": one.remaining}
            for kind, one in self.counts.items()
        }
        files = (
            "bytes of them may be in the database's files until the owner of its tables has rewritten them"
            if self.traces_left
            else "its records are absent from the stores of this register"
        )
        door = (
            f"the door has destroyed its key and {self.identifiers_at_the_door} identifiers under it"
            if self.key_at_the_door
            else "no key was ever drawn for it at the door"
        )
        shown["claim"] = (
            f"The keys of this emergency are destroyed, {door}, its rows are deleted, and {files}. "
            "Copies on paper or with recipients are out of reach and listed."
        )
        return {"format": "bianque-disposal-1", **shown}
