"""Grants: leave to work in an emergency for one purpose, on one basis, in some regions, until a date, for a reason.

The command body or the data-protection officer gives them, never to themselves, and never the administrator. One that
covers protected persons counts when a second person has confirmed it. An expired or revoked one stops counting at once.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from bianque.model.account import Account, GivenGrant, login_name
from bianque.model.authority import Action, Authority, Grant, Purpose, Resource, Role
from bianque.model.emergency import Emergency, State
from bianque.model.errors import BadInput
from bianque.model.regions import contains
from bianque.registry import emergencies, grants
from bianque.registry.register import Register
from bianque.safeguard.bases import carried_by
from bianque.services import reasons
from bianque.services.accounts import find
from bianque.services.gate import permit, sought

LAST_MOMENT = dt.time(23, 59, 59, tzinfo=dt.UTC)  # of the day an emergency ends


@dataclass(frozen=True, slots=True)
class NewGrant:
    """What is asked to be granted."""

    account: str
    emergency: str
    purpose: Purpose
    basis: str
    regions: tuple[str, ...]
    expires: dt.datetime
    reason: str
    protected: bool = False


def give(register: Register, authority: Authority, new: NewGrant) -> GivenGrant:
    """A grant from now on; one that covers protected persons waits for a second person's confirmation.

    raises  PolicyRefusal to oneself, or when it is not one's office; BadInput when it goes beyond its emergency
    """
    said = reasons.given(new.reason, "nothing was granted")
    # Protection asks for a second person when it is confirmed: what is not confirmed opens nothing.
    resource = Resource("account", login_name(new.account), agency=authority.agency, emergency=new.emergency)
    reason = f"{new.purpose} until {new.expires.isoformat()}{' protected' if new.protected else ''}: {said}"
    permit(register, authority, Action.GRANT, resource, reason=reason)
    holder = find(register, authority, new.account)
    grant = Grant(
        id=secrets.token_hex(8),
        emergency=new.emergency,
        purpose=new.purpose,
        basis=new.basis,
        regions=new.regions,
        starts=authority.at,
        expires=new.expires,
        reason=said,
        protected=new.protected,
    )
    given = GivenGrant(grant, holder.id, authority.account, authority.at, authority.organisation)
    with register.system() as transaction:
        emergency = emergencies.find(transaction, new.emergency)
        if emergency is None or emergency.agency != authority.agency:
            raise BadInput("there is no such emergency", kept="nothing was granted")
        _check(emergency, authority, new, holder)
        grants.add(transaction, given)
    return given


def confirm(register: Register, authority: Authority, id_: str) -> None:
    """Confirm a grant that covers protected persons, as the second person.

    raises  PolicyRefusal when it is the one who gave it or who gets it; BadInput when none waits
    """
    given = _find(register, authority, id_)
    if not given.pending:
        raise BadInput("the grant does not wait for anybody", kept="it, as it is")
    resource = Resource(
        "account",
        given.account,
        agency=authority.agency,
        emergency=given.grant.emergency,
        protected=True,
        first=given.given_by,
        first_organisation=given.given_by_organisation,
    )
    permit(register, authority, Action.GRANT, resource, reason=f"confirm {id_}")
    with register.system() as transaction:
        if not grants.confirm(transaction, id_, authority.account):
            raise BadInput("the grant does not wait for anybody any more", kept="it, as it is")


def revoke(register: Register, authority: Authority, id_: str, *, reason: str) -> None:
    """Take a grant back: the holder's next request is decided without it.

    raises  PolicyRefusal; BadInput when it was revoked before
    """
    given = _find(register, authority, id_)
    said = reasons.given(reason, "the grant")
    resource = Resource("grant", id_, agency=authority.agency, emergency=given.grant.emergency)
    permit(register, authority, Action.GRANT, resource, reason=f"revoke: {said}")
    with register.system() as transaction:
        if not grants.revoke(transaction, id_, authority.account, authority.at):
            raise BadInput("the grant was revoked before", kept="it, as it is")


def listed(register: Register, authority: Authority, *, expires_by: dt.datetime | None = None) -> list[GivenGrant]:
    """The grants of one's agency that are not revoked, by expiry; `expires_by`: those about to end."""
    permit(register, authority, Action.GRANT, Resource("grant", agency=authority.agency), reason="list")
    with register.system() as transaction:
        return grants.listed(transaction, authority.agency, expires_by=expires_by)


def _find(register: Register, authority: Authority, id_: str) -> GivenGrant:
    with sought(register, authority, Action.GRANT, Resource("grant", agency=authority.agency)):
        with register.system() as transaction:
            given = grants.find(transaction, id_) if id_.isalnum() else None
        if given is None:
            raise BadInput("there is no such grant", kept="nothing was changed", remedy="see `bianque account grants`")
        find(register, authority, given.account)  # of one's agency
        return given


def _check(emergency: Emergency, authority: Authority, new: NewGrant, holder: Account) -> None:
    """Whether a grant stays within its emergency, and is given by its command body or an officer."""
    terms = emergency.terms
    bodies = {terms.command_body, terms.disposal_by, *terms.executing_bodies, *(s.organisation for s in terms.sources)}
    last = dt.datetime.combine(terms.ends, LAST_MOMENT)
    wrong = [
        (emergency.state is not State.DECLARED, f"the emergency is {emergency.state}, not declared"),
        (
            authority.role is Role.COMMAND and authority.organisation != terms.command_body,
            f"grants are given by {terms.command_body}, its command body, and by the data-protection officer",
        ),
        (holder.role is Role.ADMINISTRATOR, "an administrator sees no personal data"),
        (holder.organisation not in bodies, f"the emergency does not name {holder.organisation}"),
        (new.purpose not in (*terms.purposes, Purpose.DATA_SUBJECT_RIGHTS), f"{new.purpose} is none of its purposes"),
        (new.basis not in terms.legal_bases, f"{new.basis} is none of its legal bases"),
        (new.purpose not in carried_by(new.basis), f"{new.basis} does not carry {new.purpose}"),
        (not new.regions, "no region is named"),
        (
            any(not any(contains(whole, code) for whole in terms.regions) for code in new.regions),
            "a region is outside its jurisdiction",
        ),
        (new.expires <= authority.at, "the expiry has passed"),
        (new.expires > last, f"it ends with the emergency, on {terms.ends}, at the latest"),
    ]
    if found := [what for is_so, what in wrong if is_so]:
        raise BadInput("; ".join(found), kept="nothing was granted", remedy="see `bianque emergency show`")
