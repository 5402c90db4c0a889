"""The audit: one event for every attempt on something protected, chained by hashes, never with the data itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from bianque.model.authority import Action, Authority, Resource
from bianque.model.dates import instant
from bianque.model.decision import Decision

START = bytes(32)  # what the first event follows


class Form(StrEnum):
    """How the audit is exported."""

    FHIR = "fhir"  # one AuditEvent a line (application/fhir+ndjson)
    JSONL = "jsonl"  # number, event and hash, one a line: whoever has it can check the chain


@dataclass(frozen=True, slots=True)
class Event:
    """Who tried what, on whose behalf, under which authority, and what came of it. `subject` is a pseudonym."""

    at: str  # ISO 8601, UTC
    account: str
    role: str
    organisation: str
    agency: str
    emergency: str
    purpose: str
    basis: str
    action: str
    kind: str
    resource: str
    subject: str
    fields: tuple[str, ...]
    outcome: str
    rule: str
    reason: str = ""
    recipient: str = ""
    session: str = ""
    glass: str = ""

    def canonical(self) -> bytes:
        """The bytes that are hashed: JSON with sorted keys and no spaces."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def event(
    authority: Authority,
    action: Action,
    resource: Resource,
    decision: Decision,
    *,
    subject: str = "",
    recipient: str = "",
    reason: str = "",
) -> Event:
    """The event of one decision."""
    return Event(
        at=instant(authority.at),
        account=authority.account,
        role=authority.role,
        organisation=authority.organisation,
        agency=authority.agency,
        emergency=authority.emergency_id,
        purpose=authority.purpose or "",
        basis=authority.basis or "",
        action=action,
        kind=resource.kind,
        resource="" if subject else resource.id,
        subject=subject,
        fields=resource.fields,
        outcome=decision.outcome,
        rule=decision.rule,
        reason=reason,
        recipient=recipient,
        session=authority.session,
        glass=authority.glass.id if authority.glass else "",
    )


def follow(previous: bytes, canonical: bytes) -> bytes:
    """The hash of an event that follows another: SHA-256(previous hash ‖ event)."""
    return hashlib.sha256(previous + canonical).digest()


def first_break(chain: Iterable[tuple[int, bytes, bytes]], previous: bytes = START) -> int | None:
    """The number of the first event whose hash does not follow, or None when the chain holds.

    chain   (number, canonical bytes, hash), in order; numbers count up by one from 1
    """
    expected = None
    for number, canonical, given in chain:
        if (expected is not None and number != expected) or follow(previous, canonical) != given:
            return number
        previous, expected = given, number + 1
    return None
