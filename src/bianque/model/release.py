"""A release: one request for the identities behind locked pseudonyms, and what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bianque.model.authority import Purpose

REQUEST_HOURS = 24  # a request that two persons have not approved by then lapses


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

    def record(self) -> dict[str, Any]:
        """What was asked for, without what became of it: JSON, but for the officer's key, which stands beside it."""
        return {
            "id": self.id,
            "emergency": self.emergency,
            "requester": self.requester,
            "organisation": self.organisation,
            "purpose": self.purpose,
            "reason": self.reason,
            "fields": list(self.fields),
            "targets": list(self.targets),
            "asked": self.asked.isoformat(),
            "hours": self.hours,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], officer_key: bytes) -> Release:
        """The request as it was made."""
        return cls(
            **{
                **record,
                "purpose": Purpose(record["purpose"]),
                "fields": tuple(record["fields"]),
                "targets": tuple(record["targets"]),
                "asked": dt.datetime.fromisoformat(record["asked"]),
            },
            officer_key=officer_key,
        )

    def digest(self) -> bytes:
        """What an approver approves, in 32 bytes: an approval of one request opens no other."""
        said = json.dumps(self.record(), sort_keys=True, separators=(",", ":")).encode()
        return hashlib.sha256(self.officer_key + said).digest()
