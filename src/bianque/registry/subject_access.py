"""Who read a person's record: the audit's events about one pseudonym."""

from __future__ import annotations

import json
from dataclasses import fields

from sqlalchemy import Connection, select

from bianque.model.audit import Event
from bianque.registry.tables.audit import audit_event


def events_about(connection: Connection, subject: str) -> list[tuple[int, Event]]:
    """The number and the event of everything that was tried on a person, oldest first.

    subject  the person's pseudonym in the audit, `Register.subject(id)`
    """
    rows = connection.execute(
        select(audit_event.c.number, audit_event.c.event)
        .where(audit_event.c.subject == subject)
        .order_by(audit_event.c.number)
    )
    return [(row.number, _event(row.event)) for row in rows]


def _event(canonical: bytes) -> Event:
    read = json.loads(canonical)
    values = {field.name: read[field.name] for field in fields(Event)}
    return Event(**{**values, "fields": tuple(values["fields"])})
