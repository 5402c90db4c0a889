"""Protected persons in the register. The mark on the record and its history change in one transaction."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.protection import Because, Protection
from bianque.registry import people
from bianque.registry.people import emergency_of
from bianque.registry.register import Register
from bianque.registry.tables.protection import protection


def put_on(
    register: Register, connection: Connection, authority: Authority, person: str, because: Because
) -> Protection:
    """Protect a record.

    raises  BadInput  when there is no such record, or it is protected; BadRegister when it is not as it was written
    """
    if standing(connection, authority, person):
        raise BadInput(f"record {person} is protected already", kept="its protection")
    people.protect(register, connection, authority, person, protected=True)
    new = Protection(uuid.uuid4().hex[:12], person, because, authority.account, authority.at)
    connection.execute(
        insert(protection).values(
            id=new.id,
            agency=authority.agency,
            emergency=emergency_of(authority),
            person=person,
            because=because,
            put_on_by=new.put_on_by,
            put_on_at=new.put_on_at,
        )
    )
    return new


def standing(connection: Connection, authority: Authority, person: str) -> Protection | None:
    """The protection a record has."""
    row = connection.execute(_standing(authority).where(protection.c.person == person)).first()
    return _protection(row) if row else None


def listed(connection: Connection, authority: Authority) -> list[Protection]:
    """The protections that stand in the authority's emergency, oldest first."""
    rows = connection.execute(_standing(authority).order_by(protection.c.put_on_at, protection.c.id))
    return [_protection(row) for row in rows]


def ask_off(connection: Connection, authority: Authority, id_: str, reason: str) -> None:
    """One person's wish to take a protection off; the newest counts."""
    connection.execute(
        update(protection)
        .where(protection.c.id == id_)
        .values(off_asked_by=authority.account, off_asked_at=authority.at, off_reason=reason)
    )


def take_off(register: Register, connection: Connection, authority: Authority, standing: Protection) -> None:
    """Take a protection off, as the second person."""
    people.protect(register, connection, authority, standing.person, protected=False)
    connection.execute(
        update(protection).where(protection.c.id == standing.id).values(off_by=authority.account, off_at=authority.at)
    )


def _standing(authority: Authority) -> Any:
    mine = (protection.c.agency == authority.agency, protection.c.emergency == emergency_of(authority))
    return select(protection).where(*mine, protection.c.off_at.is_(None))


def _protection(row: Row[Any]) -> Protection:
    return Protection(
        id=row.id,
        person=row.person,
        because=Because(row.because),
        put_on_by=row.put_on_by,
        put_on_at=row.put_on_at,
        off_asked_by=row.off_asked_by,
        off_asked_at=row.off_asked_at,
        off_reason=row.off_reason,
        off_by=row.off_by,
        off_at=row.off_at,
    )
