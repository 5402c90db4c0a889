"""Protected persons (witnesses, people in shelters, the threatened): put on by one, taken off by two.

The data-protection officer puts a protection on and asks to take it off; the second person who takes it off is another
officer or of the command body, since many agencies have one officer.
"""

from __future__ import annotations

from dataclasses import replace

from bianque.model.authority import Action, Authority, Resource
from bianque.model.decision import Outcome
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.notice import NoticeKind
from bianque.model.protection import Because, Protection
from bianque.registry import notices, protection
from bianque.registry.register import Register
from bianque.services import gate, reasons
from bianque.services.show_person import headers_of


def protect(register: Register, authority: Authority, person: str, because: Because) -> Protection:
    """Protect a person: from now on only a grant that covers protected persons opens the record.

    raises  BadInput  when there is no such record, or it is protected; PolicyRefusal
    """
    gate.permit(register, authority, Action.PROTECT_PERSON, _resource(register, authority, person))
    with register.writing(authority) as connection:
        return protection.put_on(register, connection, authority, person, because)


def unprotect(register: Register, authority: Authority, person: str, reason: str) -> Protection:
    """Ask to take a person's protection off, or do so when somebody else has asked. Who did which is in the answer.

    raises  BadInput  when the record is not protected, or no reason is given; PolicyRefusal
    """
    resource = _resource(register, authority, person)
    with register.reading(authority) as connection:
        stands = protection.standing(connection, authority, person)
    if stands is None:
        raise BadInput(f"record {person} is not protected", kept="the record as it is")
    asked = replace(resource, protected=True, first=stands.off_asked_by)
    (decision,) = gate.permit_each(register, authority, Action.PROTECT_PERSON, [asked])
    if decision.outcome is Outcome.DENY:
        raise PolicyRefusal(decision)
    said = reasons.stated(reason, "the protection")
    if decision.outcome is Outcome.SECOND_PERSON:
        with register.writing(authority) as connection:
            protection.ask_off(connection, authority, stands.id, said)
        return replace(stands, off_asked_by=authority.account, off_asked_at=authority.at, off_reason=said)
    with register.writing(authority) as connection:
        protection.take_off(register, connection, authority, stands)
        notices.tell(connection, authority, NoticeKind.PROTECTION_ENDED, stands.id)
    return replace(stands, off_by=authority.account, off_at=authority.at)


def list_protected(register: Register, authority: Authority) -> list[Protection]:
    """The protections that stand in the emergency, oldest first; no name among them."""
    emergency = gate.in_emergency(register, authority, Action.PROTECT_PERSON, "protection")
    resource = Resource("protection", agency=authority.agency, emergency=emergency)
    gate.permit(register, authority, Action.PROTECT_PERSON, resource)
    with register.reading(authority) as connection:
        return protection.listed(connection, authority)


def _resource(register: Register, authority: Authority, person: str) -> Resource:
    (header,) = headers_of(register, authority, [person], ())
    return replace(header.resource(()), protected=False)
