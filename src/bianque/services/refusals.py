"""Somebody refuses to cooperate: it is recorded.  Help of the police is asked for by one and decided by another.

The Regulation on Responses to Public Health Emergencies lets the police assist in the execution of measures on whoever
does not cooperate (art. 44). Here that is a request on record with a decision on it; nothing is sent by itself.
"""

from __future__ import annotations

import uuid

from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.errors import BadInput
from bianque.model.notice import NoticeKind
from bianque.model.organisation import HolderKind
from bianque.model.outreach import Assistance, Refusal, Verdict
from bianque.registry import notices, organisations, outreach
from bianque.registry.register import Register
from bianque.services import gate, reasons
from bianque.services.show_person import headers_of, stand_in

MEASURES = ("answer", "isolation", "testing", "treatment")  # what somebody does not cooperate in


def record_refusal(register: Register, authority: Authority, person: str, what: str) -> Refusal:
    """Put on record that somebody does not cooperate, and in what.

    raises  BadInput  when there is no such record or no such measure; PolicyRefusal
    """
    if what not in MEASURES:
        raise BadInput(f"{what!r} is no measure that is refused here", remedy=f"say one of {', '.join(MEASURES)}")
    (header,) = headers_of(register, authority, [person], ())
    gate.permit(register, authority, Action.RECORD_REFUSAL, header.resource(()))
    refusal = Refusal(uuid.uuid4().hex[:12], person, what, "", authority.account, authority.at)
    with register.writing(authority) as connection:
        outreach.add_refusal(connection, authority, refusal)
    return refusal


def ask_assistance(register: Register, authority: Authority, refusal: str, police: str, reason: str) -> Assistance:
    """Ask for help of the police after a refusal. The data-protection officer is told; somebody else decides.

    police  organisation that is to be asked, one that the emergency names
    raises  BadInput  when the organisation is no police, or no reason is given; PolicyRefusal, also when there is no
            such refusal
    """
    gate.in_emergency(register, authority, Action.REQUEST_ASSISTANCE, "assistance")
    others, to = stand_in(authority), Recipient(police, HolderKind.POLICE, proved=True)
    with (
        gate.sought(register, authority, Action.REQUEST_ASSISTANCE, others, to),
        register.reading(authority) as connection,
    ):
        of = outreach.find_refusal(connection, authority, refusal)
    (header,) = headers_of(register, authority, [of.person], ())
    recipient = _police(register, authority, police)
    gate.permit(register, authority, Action.REQUEST_ASSISTANCE, header.resource(()), recipient, reason=refusal)
    said = reasons.stated(reason, "nothing was asked for")
    asked = Assistance(
        id=uuid.uuid4().hex[:12],
        agency=authority.agency,
        emergency=header.emergency,
        refusal=refusal,
        person=of.person,
        police=police,
        reason=said,
        asked_by=authority.account,
        asked_organisation=authority.organisation,
        asked_at=authority.at,
    )
    with register.writing(authority) as connection:
        outreach.add_assistance(connection, asked)
        notices.tell(connection, authority, NoticeKind.ASSISTANCE_ASKED, asked.id)
    return asked


def decide_assistance(
    register: Register, authority: Authority, assistance: str, *, grant: bool, reason: str
) -> Assistance:
    """Grant or refuse a request for help of the police, as another person than the asker.

    raises  BadInput  when it was decided, or no reason is given; PolicyRefusal, also when there is no such request
    """
    emergency = gate.in_emergency(register, authority, Action.APPROVE_OUTREACH, "assistance")
    others = Resource("assistance", agency=authority.agency, emergency=emergency, first="*")
    with (
        gate.sought(register, authority, Action.APPROVE_OUTREACH, others),
        register.reading(authority) as connection,
    ):
        asked = outreach.find_assistance(connection, authority, assistance)
    resource = Resource("assistance", asked.id, agency=asked.agency, emergency=asked.emergency, first=asked.asked_by)
    gate.permit(register, authority, Action.APPROVE_OUTREACH, resource)
    said = reasons.stated(reason, "the request is still open")
    verdict = Verdict(authority.account, authority.organisation, authority.at, grant, said)
    with register.writing(authority) as connection:
        outreach.decide_assistance(connection, assistance, verdict)
        return outreach.find_assistance(connection, authority, assistance)


def list_assistance(register: Register, authority: Authority) -> list[Assistance]:
    """The requests for help of the police in the emergency, newest first."""
    emergency = gate.in_emergency(register, authority, Action.REQUEST_ASSISTANCE, "assistance")
    resource = Resource("assistance", agency=authority.agency, emergency=emergency)
    gate.permit(register, authority, Action.REQUEST_ASSISTANCE, resource)
    with register.reading(authority) as connection:
        return outreach.assistances(connection, authority)


def _police(register: Register, authority: Authority, organisation: str) -> Recipient:
    with register.system() as connection:
        found = organisations.find(connection, organisation)
    if found is None or found.kind is not HolderKind.POLICE:
        raise BadInput(
            f"{organisation} is no police that the register knows",
            kept="nothing was asked for",
            remedy="give the id of an organisation of kind police",
        )
    named = authority.emergency is not None and organisation in authority.emergency.terms.executing_bodies
    return Recipient(organisation, found.kind, proved=named)
