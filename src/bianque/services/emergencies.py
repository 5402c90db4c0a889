"""Emergencies: drafted from terms, declared, extended, closed and disposed by two persons each time."""

from __future__ import annotations

import datetime as dt
import re

from bianque.model.audit import event
from bianque.model.authority import Action, Authority, Resource
from bianque.model.catalogue import both
from bianque.model.decision import Decision, Outcome
from bianque.model.emergency import Act, Emergency, Signature, Terms
from bianque.model.errors import BadInput
from bianque.registry import audit, emergencies, organisations
from bianque.registry.register import Register, Transaction
from bianque.safeguard.bases import bases, carried_by
from bianque.services.gate import permit, sought

ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


def draft(register: Register, authority: Authority, id_: str, terms: Terms) -> Emergency:
    """A draft, which opens nothing until two persons of the command body declare it.

    id_      name it goes by: a-z, 0-9 and dashes; never used twice, also after a disposal
    raises   PolicyRefusal; BadInput when the terms name what the register or the list of legal bases does not know
    """
    if not ID.fullmatch(id_):
        raise BadInput(
            "the id of an emergency has 2 to 63 of the characters a-z, 0-9 and '-'",
            kept="nothing was drafted",
            remedy="choose another id",
        )
    permit(register, authority, Action.DRAFT_EMERGENCY, _resource(authority, id_), reason=terms.name.en)
    new = Emergency(id_, authority.agency, terms)
    with register.system() as transaction:
        if emergencies.find(transaction, id_) is not None:
            raise BadInput(f"there is an emergency {id_} already", kept="it, as it is", remedy="choose another id")
        _check(transaction, authority, terms)
        emergencies.add(transaction, new, authority.account, authority.at)
    return new


def sign(register: Register, authority: Authority, id_: str, act: Act, ends: dt.date | None = None) -> Emergency:
    """One person's signature under an act; with the second person's it takes effect.

    ends     the day that an extension moves the end to
    raises   PolicyRefusal when the person signed before or may not sign; BadInput when the act does not fit the state,
             or the person is not of the body that signs it
    """
    ends = ends if act is Act.EXTEND else None
    found = find(register, authority, id_, Action.SIGN_EMERGENCY)
    before = found.waiting(act, ends)
    first = next((s.account for s in before if s.account == authority.account), before[0].account if before else "")
    resource = Resource("emergency", id_, agency=found.agency, emergency=id_, first=first)
    reason = f"{act} {ends}" if ends else str(act)
    permit(register, authority, Action.SIGN_EMERGENCY, resource, reason=reason)
    given = Signature(act, authority.account, authority.organisation, authority.at, ends)
    with register.system() as transaction:
        try:
            after = (emergencies.find(transaction, id_) or found).signed(given)
        except BadInput as cause:
            refusal = Decision(Outcome.DENY, "emergency-does-not-take-it", both("emergency_does_not_take_it"))
            audit.append(transaction, [event(authority, Action.SIGN_EMERGENCY, resource, refusal, reason=reason)])
            wrong = cause
        else:
            emergencies.save(transaction, after)
            return after
    raise wrong


def find(register: Register, authority: Authority, id_: str, action: Action = Action.READ_OWN_ACCESS) -> Emergency:
    """An emergency of one's agency as it stands.

    action  what it is looked up for
    raises  PolicyRefusal  when there is none of that id
    """
    with register.system() as transaction:
        found = emergencies.find(transaction, id_) if ID.fullmatch(id_) else None
    with sought(register, authority, action, Resource("emergency", agency=authority.agency)):
        if found is None or found.agency != authority.agency:
            raise BadInput("there is no such emergency", remedy="`bianque emergency list` shows those there are")
        return found


def listed(register: Register, authority: Authority) -> list[Emergency]:
    """The emergencies of one's agency, newest first."""
    permit(register, authority, Action.READ_OWN_ACCESS, Resource("emergency", agency=authority.agency))
    with register.system() as transaction:
        return emergencies.listed(transaction, authority.agency)


def _check(transaction: Transaction, authority: Authority, terms: Terms) -> None:
    """Whether everything that terms name is known."""
    if terms.command_body != authority.organisation:
        raise BadInput(
            f"command_body: {terms.command_body} is another organisation than yours",
            kept="nothing was drafted",
            remedy="an emergency is drafted by a person of its command body",
        )
    named = {terms.command_body, terms.disposal_by, *terms.executing_bodies, *(s.organisation for s in terms.sources)}
    known = {one.id for one in organisations.some(transaction, sorted(named))}
    if missing := sorted(named - known):
        raise BadInput(
            f"organisations that the register does not know: {', '.join(missing)}",
            kept="nothing was drafted",
            remedy="the administrator adds them with `bianque account organisation`",
        )
    if missing := sorted(set(terms.legal_bases) - set(bases())):
        raise BadInput(
            f"legal_bases: unknown: {', '.join(missing)}",
            kept="nothing was drafted",
            remedy="choose from `bianque safeguard bases`",
        )
    for source in terms.sources:
        if beyond := sorted(set(source.purposes) - set(carried_by(source.basis))):
            raise BadInput(
                f"source {source.organisation}: {source.basis} does not carry {', '.join(beyond)}",
                kept="nothing was drafted",
                remedy="choose another basis from `bianque safeguard bases`, or fewer purposes",
            )


def _resource(authority: Authority, id_: str) -> Resource:
    return Resource("emergency", id_, agency=authority.agency, emergency=id_)
