"""The audit's rows: added in one transaction, each chained to the one before; read by whom, on whom, when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from bianque.model.audit import START, Event, follow
from bianque.registry.tables.audit import audit_event

BATCH = 1_000  # rows held at once when the whole chain is read
DONE = ("allow", "allow_masked")
SEARCHED = ("at", "account", "emergency", "action", "subject", "outcome")  # columns beside the event that repeat it


@dataclass(frozen=True, slots=True)
class Link:
    """One event in its place in the chain."""

    number: int
    event: Event
    hash: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events; what is empty asks for nothing in particular. `since` and `until` are ISO 8601 in UTC."""

    account: str = ""
    subject: str = ""
    emergency: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    refused: bool = False


def append(connection: Connection, events: Sequence[Event]) -> None:
    """Add events at the end of the chain. The caller's transaction must be a writing one: it serialises the chain."""
    number, previous = head(connection)
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


def page(connection: Connection, asked: Asked, limit: int, before: int | None = None) -> list[Link]:
    """The newest events asked for, newest first; `before`: only those with a smaller number."""
    rows = audit_event.c
    same = ((rows.account, asked.account), (rows.subject, asked.subject), (rows.emergency, asked.emergency))
    where = [column == value for column, value in (*same, (rows.action, asked.action)) if value]
    where += [rows.at >= asked.since] if asked.since else []
    where += [rows.at < asked.until] if asked.until else []
    where += [rows.outcome.not_in(DONE)] if asked.refused else []
    where += [rows.number < before] if before is not None else []
    found = connection.execute(select(*_LINK).where(*where).order_by(rows.number.desc()).limit(limit))
    return [link(row.number, row.event, row.hash) for row in found]


def one(connection: Connection, number: int) -> Link | None:
    row = connection.execute(select(*_LINK).where(audit_event.c.number == number)).first()
    return link(row.number, row.event, row.hash) if row else None


def head(connection: Connection) -> tuple[int, bytes]:
    """The number and hash of the last event; 0 and the start of the chain where there is none."""
    last = connection.execute(_LAST).first()
    return (last.number, last.hash) if last else (0, START)


def chain(connection: Connection, after: int = 0) -> Iterator[tuple[int, bytes, bytes, bool]]:
    """Every event in order, in bounded memory: number, canonical bytes, hash, and whether the columns that are
    searched say what the event says."""
    while True:
        rows = connection.execute(
            select(*_LINK, *(audit_event.c[name] for name in SEARCHED))
            .where(audit_event.c.number > after)
            .order_by(audit_event.c.number)
            .limit(BATCH)
        ).all()
        for row in rows:
            canonical = row.event if isinstance(row.event, bytes) else b""  # another tool may have left a text there
            yield row.number, canonical, row.hash, _repeats(row)
        if len(rows) < BATCH:
            return
        after = rows[-1].number


def links(connection: Connection) -> Iterator[Link]:
    """Every event in order, in bounded memory."""
    return (link(number, canonical, hash_) for number, canonical, hash_, _ in chain(connection))


_LINK = (audit_event.c.number, audit_event.c.event, audit_event.c.hash)
_LAST = select(audit_event.c.number, audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)


def _repeats(row: Any) -> bool:
    try:
        event = json.loads(row.event)
        return all(getattr(row, name) == event[name] for name in SEARCHED)
    except (ValueError, KeyError, TypeError):
        return False


def link(number: int, canonical: bytes, hash_: bytes) -> Link:
    """An event as its row holds it."""
    values = json.loads(canonical)
    return Link(number, Event(**values | {"fields": tuple(values["fields"])}), hash_)
