"""Follow-ups: who looks after whom, until when.  A person stays readable to the officer until the follow-up closes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, insert, select
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority
from bianque.model.dates import instant
from bianque.model.errors import BadInput
from bianque.registry.notes import key_of, opened_note, sealed_note
from bianque.registry.people import emergency_of, marks_of
from bianque.registry.register import Register
from bianque.registry.tables.people import follow_up


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up. `closed` and `outcome` are '' while it is open."""

    id: str
    person: str
    officer: str
    accepted: str
    until: dt.date
    closed: str
    outcome: str


def accept(register: Register, authority: Authority, person: str, officer: str, until: dt.date) -> str:
    """Assign a person to an officer's follow-up. Returns its id.

    raises  BadInput  when there is no such person here, or the officer follows them up already
    """
    with register.writing(authority) as connection:
        _, key = key_of(register, connection, authority, person)
        theirs = and_(_mine(authority), follow_up.c.person == person, follow_up.c.officer == officer)
        if connection.execute(select(follow_up.c.id).where(theirs, follow_up.c.closed_at == "")).first():
            raise BadInput(f"{officer} follows up {person} already", kept="the follow-up as it is")
        row = {
            "id": uuid.uuid4().hex,
            "agency": authority.agency,
            "emergency": emergency_of(authority),
            "person": person,
            "officer": officer,
            "accepted_at": instant(authority.at),
            "until": until.isoformat(),
            "closed_at": "",
            "outcome": "",
            "version": 1,
            "key": key.generation,
        }
        connection.execute(insert(follow_up), [marks_of(register, connection, authority).marked(follow_up, row)])
    return str(row["id"])


def write(register: Register, authority: Authority, of: str, note: str) -> None:
    """Put a note in the place of an open follow-up's former one.

    raises  BadInput  when there is no such follow-up here, or it is closed
    """
    with register.writing(authority) as connection:
        row = _open(connection, authority, of)
        ring, key = key_of(register, connection, authority, row["person"])
        version = row["version"] + 1
        sealed = sealed_note(ring, key, "follow_up", of, version, note)
        changes = {"version": version, "key": key.generation, "note": sealed}
        marks_of(register, connection, authority).change(connection, follow_up, row, changes)


def note_of(register: Register, authority: Authority, of: str) -> str:
    """The note of a follow-up; '' where nothing was written.

    raises  BadInput  when there is no such follow-up here, or its person was erased
    """
    with register.reading(authority) as connection:
        row = connection.execute(select(follow_up).where(follow_up.c.id == of, _mine(authority))).mappings().first()
        if row is None:
            raise BadInput(f"there is no follow-up {of} here")
        marks_of(register, connection, authority).must_hold(follow_up, row)
        ring, key = key_of(register, connection, authority, row["person"])
        return opened_note(ring, key, "follow_up", row)


def close(register: Register, authority: Authority, of: str, outcome: str) -> None:
    """Close a follow-up: its officer no longer reads the person.

    outcome  a word of the field: completed, moved, lost_to_follow_up …
    raises   BadInput  when there is no such follow-up here, or it is closed
    """
    with register.writing(authority) as connection:
        row = _open(connection, authority, of)
        changes = {"closed_at": instant(authority.at), "outcome": outcome}
        marks_of(register, connection, authority).change(connection, follow_up, row, changes)


def find(register: Register, authority: Authority, of: str) -> FollowUp:
    """One follow-up.

    raises  BadInput  when there is none of this id here
    """
    for found in _listed(register, authority, follow_up.c.id == of):
        return found
    raise BadInput(f"there is no follow-up {of} here", remedy="`bianque followup list RECORD` shows those of a record")


def assigned_to(register: Register, authority: Authority, officer: str) -> list[FollowUp]:
    """The open follow-ups of an officer, those that end first before the others."""
    return _listed(register, authority, and_(follow_up.c.officer == officer, follow_up.c.closed_at == ""))


def of_person(register: Register, authority: Authority, person: str) -> list[FollowUp]:
    """All follow-ups of a person, open and closed."""
    return _listed(register, authority, follow_up.c.person == person)


def _listed(register: Register, authority: Authority, which: ColumnElement[bool]) -> list[FollowUp]:
    wanted = select(follow_up).where(which, _mine(authority)).order_by(follow_up.c.until, follow_up.c.id)
    with register.reading(authority) as connection:
        rows = connection.execute(wanted).mappings().all()
        marks = marks_of(register, connection, authority)
    for row in rows:
        marks.must_hold(follow_up, row)
    return [
        FollowUp(
            row["id"],
            row["person"],
            row["officer"],
            row["accepted_at"],
            dt.date.fromisoformat(row["until"]),
            row["closed_at"],
            row["outcome"],
        )
        for row in rows
    ]


def _open(connection: Connection, authority: Authority, of: str) -> RowMapping:
    row = connection.execute(select(follow_up).where(follow_up.c.id == of, _mine(authority))).mappings().first()
    if row is None or row["closed_at"]:
        raise BadInput(f"there is no open follow-up {of} here", kept="what was written before")
    return row


def _mine(authority: Authority) -> ColumnElement[bool]:
    return and_(follow_up.c.agency == authority.agency, follow_up.c.emergency == emergency_of(authority))
