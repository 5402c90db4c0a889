"""Cases: what the disease did to a person, reported and classified by those who treat or trace them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model.authority import Action, Authority
from bianque.model.case import Status
from bianque.registry import cases
from bianque.registry.cases import Case
from bianque.registry.register import Register
from bianque.safeguard.view import View, view
from bianque.services import gate
from bianque.services.show_person import headers_of, stand_in

FIELDS = ("case.status", "case.onset", "case.reported", "case.note")


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is reported. `onset` is None where it is unknown; the note is sealed under the person's own key."""

    status: Status
    reported: dt.date
    onset: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case's id, and the view of its fields."""

    id: str
    view: View


def report_case(register: Register, authority: Authority, person: str, new: NewCase) -> str:
    """Put a case of a person on record. Returns its id.

    raises  BadInput  when the onset is after the report; PolicyRefusal when the rules say no, which they also do of a
            record that is not there
    """
    (header,) = headers_of(register, authority, [person], FIELDS)
    gate.permit(register, authority, Action.CORRECT_PERSON, header.resource(FIELDS))
    return cases.report(register, authority, person, new.status, reported=new.reported, onset=new.onset, note=new.note)


def reclassify_case(register: Register, authority: Authority, case: str, status: Status) -> None:
    """Give a case another status, such as confirmed after a test.

    raises  PolicyRefusal  also when there is no such case here
    """
    gate.in_emergency(register, authority, Action.CORRECT_PERSON, "case")
    field = FIELDS[:1]
    with gate.sought(register, authority, Action.CORRECT_PERSON, stand_in(authority, field)):
        found = cases.find(register, authority, case)
    (header,) = headers_of(register, authority, [found.person], field)
    gate.permit(register, authority, Action.CORRECT_PERSON, header.resource(field))
    cases.reclassify(register, authority, case, status)


def show_cases(register: Register, authority: Authority, person: str) -> list[CaseView]:
    """The cases of a person in the order they were reported, as far as the reader may see them.

    raises  PolicyRefusal  when the rules say no, which they also do of a record that is not there
    """
    (header,) = headers_of(register, authority, [person], FIELDS)
    decision = gate.permit(register, authority, Action.READ_PERSON, header.resource(FIELDS))
    return [
        CaseView(one.id, view(decision, _values(one, cases.note_of(register, authority, one.id))))
        for one in cases.of_person(register, authority, person)
    ]


def _values(case: Case, note: str) -> dict[str, str]:
    onset = case.onset.isoformat() if case.onset else ""
    return dict(zip(FIELDS, (case.status.value, onset, case.reported.isoformat(), note), strict=True))
