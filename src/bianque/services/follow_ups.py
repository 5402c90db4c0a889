"""Follow-ups: a person is assigned to an officer, who reads and calls them until the follow-up closes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadInput
from bianque.model.follow_up import Outcome
from bianque.registry import follow_ups
from bianque.registry.follow_ups import FollowUp
from bianque.registry.register import Register
from bianque.safeguard.view import View, view
from bianque.services import accounts, gate
from bianque.services.show_person import PersonView, headers_of, stand_in, views

FIELDS = ("follow_up.officer", "follow_up.until", "follow_up.outcome", "follow_up.note")
CONTACT = ("person.name", "person.phone", "person.address")  # what a call or a visit needs
OFFICERS = (Role.COMMUNITY_WORKER, Role.TRACER)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One line of an officer's list: the follow-up's id, its last day, and the person as the officer may see them."""

    id: str
    until: dt.date
    person: PersonView


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """A follow-up's id, whether it is open, and the view of its fields."""

    id: str
    open: bool
    view: View


def assign_follow_up(register: Register, authority: Authority, person: str, officer: str, until: dt.date) -> str:
    """Assign a person to an officer until a day. Returns the follow-up's id.

    raises  BadInput  when the officer follows no persons up, or this one already, or the day is past; PolicyRefusal
            when the rules say no, which they also do of a record that is not there
    """
    (header,) = headers_of(register, authority, [person], ())
    gate.permit(register, authority, Action.ASSIGN_FOLLOW_UP, header.resource(()))
    account = accounts.find(register, authority, officer)
    if account.role not in OFFICERS:
        raise BadInput(
            f"{account.id} is {account.role}, who follows nobody up",
            kept="nothing was assigned",
            remedy=f"name the login of a {' or '.join(OFFICERS)}",
        )
    if until < authority.at.date():
        raise BadInput(f"{until} is past", kept="nothing was assigned", remedy="give the last day of the follow-up")
    return follow_ups.accept(register, authority, person, account.id, until)


def own_list(register: Register, authority: Authority) -> list[Assigned]:
    """Whom the officer follows up, those whose follow-up ends first before the others; one decision a person.

    raises  PolicyRefusal  when the rules say no, and when no emergency is chosen
    """
    emergency = gate.in_emergency(register, authority, Action.READ_PERSON, "follow_up")
    resource = Resource("follow_up", agency=authority.agency, emergency=emergency)
    gate.require(authority, Action.READ_OWN_ACCESS, resource)  # names nobody: each person is decided on below
    mine = follow_ups.assigned_to(register, authority, authority.account)
    headers = gate.headers(register, authority, Action.READ_PERSON, [one.person for one in mine], CONTACT)
    shown = {one.id: one for one in views(register, authority, headers, CONTACT, must=False)}
    return [Assigned(one.id, one.until, shown[one.person]) for one in mine if one.person in shown]


def write_note(register: Register, authority: Authority, follow_up: str, note: str) -> None:
    """Put a note in the place of the former one of an open follow-up.

    raises  BadInput  when it is closed; PolicyRefusal, also when there is no such follow-up here
    """
    gate.in_emergency(register, authority, Action.CORRECT_PERSON, "follow_up")
    field = FIELDS[-1:]
    with gate.sought(register, authority, Action.CORRECT_PERSON, stand_in(authority, field)):
        found = follow_ups.find(register, authority, follow_up)
    (header,) = headers_of(register, authority, [found.person], field)
    gate.permit(register, authority, Action.CORRECT_PERSON, header.resource(field))
    follow_ups.write(register, authority, follow_up, note)


def close_follow_up(register: Register, authority: Authority, follow_up: str, outcome: Outcome) -> None:
    """Close a follow-up: the officer reads the person no longer.

    raises  BadInput  when it is closed; PolicyRefusal, also when there is no such follow-up here
    """
    gate.in_emergency(register, authority, Action.ASSIGN_FOLLOW_UP, "follow_up")
    with gate.sought(register, authority, Action.ASSIGN_FOLLOW_UP, stand_in(authority), reason=outcome):
        found = follow_ups.find(register, authority, follow_up)
    (header,) = headers_of(register, authority, [found.person], ())
    gate.permit(register, authority, Action.ASSIGN_FOLLOW_UP, header.resource(()), reason=outcome)
    follow_ups.close(register, authority, follow_up, outcome)


def show_follow_ups(register: Register, authority: Authority, person: str) -> list[FollowUpView]:
    """The follow-ups of a person, open and closed, as far as the reader may see them.

    raises  PolicyRefusal  when the rules say no, which they also do of a record that is not there
    """
    (header,) = headers_of(register, authority, [person], FIELDS)
    decision = gate.permit(register, authority, Action.READ_PERSON, header.resource(FIELDS))
    return [
        FollowUpView(
            one.id, not one.closed, view(decision, _values(one, follow_ups.note_of(register, authority, one.id)))
        )
        for one in follow_ups.of_person(register, authority, person)
    ]


def _values(one: FollowUp, note: str) -> dict[str, str]:
    return dict(zip(FIELDS, (one.officer, one.until.isoformat(), one.outcome, note), strict=True))
