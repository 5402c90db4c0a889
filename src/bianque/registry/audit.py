"""The audit's rows: added in one transaction, each chained to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from bianque.model.audit import START, Event, follow
from bianque.registry.tables.audit import audit_event


def append(connection: Connection, events: Sequence[Event]) -> None:
    """Add events at the end of the chain. The caller's transaction must be a writing one: it serialises the chain."""
    last = connection.execute(
        select(audit_event.c.number, audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number, last.hash) if last else (0, START)
    rows: list[dict[str, Any]] = []
    for event in events:
        canonical = event.canonical()
        number, previous = number + 1, follow(previous, canonical)
        rows.append(
            {
                "number": number,
                "at": event.at,
                "account": event.account,
                "emergency": event.emergency,
                "action": event.action,
                "subject": event.subject,
                "outcome": event.outcome,
                "event": canonical,
                "hash": previous,
            }
        )
    if rows:
        connection.execute(insert(audit_event), rows)
