"""Cases: what the disease did to a person.  Status and dates are plain, for counting; the note is sealed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import and_, insert, select
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority
from bianque.model.case import Status
from bianque.model.errors import BadInput
from bianque.registry.notes import key_of, opened_note, sealed_note
from bianque.registry.people import emergency_of, marks_of
from bianque.registry.register import Register
from bianque.registry.tables.people import case_record


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `onset` is None where it is unknown."""

    id: str
    person: str
    status: Status
    onset: dt.date | None
    reported: dt.date


def report(
    register: Register,
    authority: Authority,
    person: str,
    status: Status,
    *,
    reported: dt.date,
    onset: dt.date | None = None,
    note: str = "",
) -> str:
    """A new case of a person. Returns its id.

    raises  BadInput  when there is no such person here, or the onset is after the report
    """
    if onset and onset > reported:
        raise BadInput(f"onset {onset} is after the report of {reported}", kept="nothing", remedy="correct a date")
    case = uuid.uuid4().hex
    with register.writing(authority) as connection:
        ring, key = key_of(register, connection, authority, person)
        row = {
            "id": case,
            "agency": authority.agency,
            "emergency": emergency_of(authority),
            "person": person,
            "status": status,
            "onset": onset.isoformat() if onset else "",
            "reported": reported.isoformat(),
            "version": 1,
            "key": key.generation,
            "note": sealed_note(ring, key, "case_record", case, 1, note),
        }
        connection.execute(insert(case_record), [marks_of(register, connection, authority).marked(case_record, row)])
    return case


def reclassify(register: Register, authority: Authority, case: str, status: Status) -> None:
    """Give a case another status.

    raises  BadInput  when there is no such case here; BadRegister when it is not as it was written
    """
    wanted = select(case_record).where(case_record.c.id == case, _mine(authority))
    with register.writing(authority) as connection:
        row = connection.execute(wanted).mappings().first()
        if row is None:
            raise BadInput(f"there is no case {case} here")
        marks_of(register, connection, authority).change(connection, case_record, row, {"status": status})


def find(register: Register, authority: Authority, case: str) -> Case:
    """One case.

    raises  BadInput  when there is none of this id here
    """
    for found in _listed(register, authority, case_record.c.id == case):
        return found
    raise BadInput(f"there is no case {case} here", remedy="`bianque case list RECORD` shows those of a record")


def of_person(register: Register, authority: Authority, person: str) -> list[Case]:
    """The cases of a person, in the order they were reported."""
    return _listed(register, authority, case_record.c.person == person)


def _listed(register: Register, authority: Authority, which: ColumnElement[bool]) -> list[Case]:
    wanted = select(case_record).where(which, _mine(authority)).order_by(case_record.c.reported, case_record.c.id)
    with register.reading(authority) as connection:
        rows = connection.execute(wanted).mappings().all()
        marks = marks_of(register, connection, authority)
    for row in rows:
        marks.must_hold(case_record, row)
    return [
        Case(
            row["id"],
            row["person"],
            Status(row["status"]),
            dt.date.fromisoformat(row["onset"]) if row["onset"] else None,
            dt.date.fromisoformat(row["reported"]),
        )
        for row in rows
    ]


def note_of(register: Register, authority: Authority, case: str) -> str:
    """The note of a case; '' where there is none.

    raises  BadInput  when there is no such case here, or its person was erased
    """
    wanted = select(case_record).where(case_record.c.id == case, _mine(authority))
    with register.reading(authority) as connection:
        row = connection.execute(wanted).mappings().first()
        if row is None:
            raise BadInput(f"there is no case {case} here")
        marks_of(register, connection, authority).must_hold(case_record, row)
        ring, key = key_of(register, connection, authority, row["person"])
        return opened_note(ring, key, "case_record", row)


def _mine(authority: Authority) -> ColumnElement[bool]:
    return and_(case_record.c.agency == authority.agency, case_record.c.emergency == emergency_of(authority))
