"""A data subject's rights: a request is received with a deadline, and answered on record.

The officer makes sure who asks and writes down how, never the number of a document. Each answer is an act of its own:
who read the record, a copy of it, its correction, or the reconsideration of a decision by another person.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from bianque.model.audit import Event
from bianque.model.authority import Action, Authority, Resource
from bianque.model.catalogue import both, text
from bianque.model.errors import BadInput
from bianque.model.rights import Answer, Answered, IdentityCheck, Right, RightsRequest
from bianque.model.text import Text
from bianque.registry import rights
from bianque.registry.register import Register
from bianque.registry.subject_access import events_about
from bianque.safeguard.deadlines import deadline, earliest
from bianque.services import gate, reasons
from bianque.services.cases import show_cases
from bianque.services.correct_person import correct_person
from bianque.services.follow_ups import show_follow_ups
from bianque.services.show_person import headers_of, show_person


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What the officer takes down. `event` is the number of the contested decision, as the access log prints it."""

    person: str
    right: Right
    identity: IdentityCheck
    statement: str = ""
    event: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """One attempt on the record. The officer's name is not in it: a body answers for its staff (CJEU, C-579/21)."""

    number: int
    at: str
    organisation: str
    role: str
    action: str
    purpose: str
    basis: str
    fields: tuple[str, ...]
    outcome: str


def receive(register: Register, authority: Authority, new: NewRequest) -> RightsRequest:
    """Take a request down; its receipt names the last day to answer and the law that says so.

    raises  BadInput  when there is no such record, or the contested decision is not about it; PolicyRefusal
    """
    (header,) = headers_of(register, authority, [new.person], ())
    gate.permit(register, authority, Action.RECEIVE_RIGHTS_REQUEST, header.resource(()), reason=new.right)
    first = _first(register, authority, new) if new.right is Right.CONTEST else ""
    due, law = earliest(authority.at.date())
    request = RightsRequest(
        id=uuid.uuid4().hex[:12],
        agency=authority.agency,
        emergency=header.emergency,
        person=new.person,
        right=new.right,
        identity=new.identity,
        received_by=authority.account,
        received_at=authority.at,
        due=due,
        law=law.id,
        event=new.event,
        first=first,
    )
    with register.writing(authority) as connection:
        rights.add(register, connection, authority, request, new.statement)
    return request


def receipt(request: RightsRequest) -> dict[str, object]:
    """What the data subject is handed, with a sentence in both languages; it names nobody."""
    asked = both(f"right_{request.right}")
    law = deadline(request.law)
    if request.answered is None:
        words = Text(
            zh=text("rights_received", "zh-CN", right=asked.zh, due=request.due, law=law.law.zh, article=law.article),
            en=text("rights_received", "en", right=asked.en, due=request.due, law=law.law.en, article=law.article),
        )
    else:
        said, day = both(f"answer_{request.answered.answer}"), request.answered.at.date()
        words = Text(
            zh=text("rights_answered", "zh-CN", right=asked.zh, answer=said.zh, day=day),
            en=text("rights_answered", "en", right=asked.en, answer=said.en, day=day),
        )
    return {**request.receipt(), "words": {"zh-CN": words.zh, "en": words.en}}


def access_log(register: Register, authority: Authority, request: str) -> list[Access]:
    """Who tried what on the record, oldest first; the request is answered by it."""
    found = _to_answer(register, authority, request, Right.ACCESS_LOG)
    with register.reading(authority) as connection:
        events = events_about(connection, register.subject(found.person))
    _answer(register, authority, found, Answer.FULFILLED, "")
    return [_access(number, event) for number, event in events]


def copy_of_record(register: Register, authority: Authority, request: str) -> dict[str, object]:
    """The record in a form that machines read (GDPR art. 20(1), PIPL art. 45); the request is answered by it."""
    found = _to_answer(register, authority, request, Right.COPY)
    (header,) = headers_of(register, authority, [found.person], ())
    shown = show_person(register, authority, found.person).view
    cases = [dict(one.view) for one in show_cases(register, authority, found.person)]
    follow_ups = [dict(one.view) for one in show_follow_ups(register, authority, found.person)]
    _answer(register, authority, found, Answer.FULFILLED, "")
    return {
        "format": "bianque-record-1",
        "request": request,
        "as_of": authority.at.isoformat(timespec="seconds"),
        "record": dict(shown),
        "cases": cases,
        "follow_ups": follow_ups,
        "purposes": sorted(header.purposes),
        "provided_by": header.organisation,
        "follows_from_its_list": sorted(header.implies),
        "kept_until": _kept_until(authority),
    }


def correct(register: Register, authority: Authority, request: str, values: Mapping[str, str]) -> int:
    """Put the right values in the record; the request is answered by it. Returns the record's new version.

    values  by `person.field`; '' takes a value out
    """
    found = _to_answer(register, authority, request, Right.CORRECTION)
    version = correct_person(register, authority, found.person, values)
    _answer(register, authority, found, Answer.FULFILLED, "")
    return version


def reconsider(register: Register, authority: Authority, request: str, *, change: bool, reason: str) -> RightsRequest:
    """Decide anew on a contested decision, as another person than the one who took it.

    raises  BadInput  when no reason is given, or it was answered; PolicyRefusal
    """
    found = _find(register, authority, request, Action.RECONSIDER)
    resource = _resource(found, first=found.first)
    gate.permit(register, authority, Action.RECONSIDER, resource)
    answer = Answer.CHANGED if change else Answer.UPHELD
    found.open_for(answer)
    said = reasons.stated(reason, "the request is still open")
    return _answer(register, authority, found, answer, said)


def refuse(register: Register, authority: Authority, request: str, reason: str) -> RightsRequest:
    """Refuse a request, with the reason that is told to the data subject (GDPR art. 12(4), PIPL art. 50)."""
    found = _find(register, authority, request)
    gate.permit(register, authority, Action.ANSWER_RIGHTS_REQUEST, _resource(found))
    found.open_for(Answer.REFUSED)
    said = reasons.stated(reason, "the request is still open")
    return _answer(register, authority, found, Answer.REFUSED, said)


def statement(register: Register, authority: Authority, request: str) -> str:
    """What the data subject said when they asked; '' when nothing was written down."""
    found = _find(register, authority, request)
    action = Action.RECONSIDER if found.right is Right.CONTEST else Action.ANSWER_RIGHTS_REQUEST
    gate.permit(register, authority, action, _resource(found, first=found.first))
    with register.reading(authority) as connection:
        return rights.statement(register, connection, authority, request)


def list_requests(register: Register, authority: Authority) -> list[RightsRequest]:
    """The requests of the emergency: the open ones first, by the day they are due."""
    emergency = gate.in_emergency(register, authority, Action.ANSWER_RIGHTS_REQUEST, "rights_request")
    resource = Resource("rights_request", agency=authority.agency, emergency=emergency)
    gate.permit(register, authority, Action.ANSWER_RIGHTS_REQUEST, resource)
    with register.reading(authority) as connection:
        return rights.listed(connection, authority)


def list_overdue(register: Register, authority: Authority) -> list[RightsRequest]:
    """The requests of the emergency that should have been answered before today."""
    return [one for one in list_requests(register, authority) if one.overdue(authority.at.date())]


def _find(
    register: Register, authority: Authority, request: str, action: Action = Action.ANSWER_RIGHTS_REQUEST
) -> RightsRequest:
    emergency = gate.in_emergency(register, authority, action, "rights_request")
    others = Resource("rights_request", agency=authority.agency, emergency=emergency)
    with gate.sought(register, authority, action, others), register.reading(authority) as connection:
        return rights.find(connection, authority, request)


def _to_answer(register: Register, authority: Authority, request: str, right: Right) -> RightsRequest:
    found = _find(register, authority, request)
    gate.permit(register, authority, Action.ANSWER_RIGHTS_REQUEST, _resource(found), reason=right)
    if found.right is not right:
        raise BadInput(f"request {request} is for {found.right}, not for {right}", kept="the request is still open")
    found.open_for(Answer.FULFILLED)
    return found


def _answer(
    register: Register, authority: Authority, request: RightsRequest, answer: Answer, reason: str
) -> RightsRequest:
    answered = Answered(authority.account, authority.organisation, authority.at, answer, reason)
    with register.writing(authority) as connection:
        rights.answer(connection, request.id, answered)
        return rights.find(connection, authority, request.id)


def _first(register: Register, authority: Authority, new: NewRequest) -> str:
    """Who took the contested decision."""
    with register.reading(authority) as connection:
        about = dict(events_about(connection, register.subject(new.person)))
    if new.event not in about:
        raise BadInput(
            f"event {new.event} of the audit is no decision about this record",
            kept="no request was taken down",
            remedy="take the number from the record's access log: `bianque rights access-log`",
        )
    return about[new.event].account


def _resource(request: RightsRequest, first: str = "") -> Resource:
    return Resource("rights_request", request.id, agency=request.agency, emergency=request.emergency, first=first)


def _access(number: int, event: Event) -> Access:
    return Access(
        number=number,
        at=event.at,
        organisation=event.organisation,
        role=event.role,
        action=event.action,
        purpose=event.purpose,
        basis=event.basis,
        fields=event.fields,
        outcome=event.outcome,
    )


def _kept_until(authority: Authority) -> str:
    """How long the record is kept, in words of the emergency's terms."""
    assert authority.emergency is not None  # a request stands in one
    terms = authority.emergency.terms
    return f"{terms.retention.identified_days} days after the close of the emergency, planned for {terms.ends}"
