"""Oversight: what the data-protection officer looks at, and what everybody may see of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model import account as acts
from bianque.model import catalogue
from bianque.model.account import GivenGrant
from bianque.model.audit import Event
from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.model.notice import Notice
from bianque.model.paper_forms import FormBatch
from bianque.model.protection import Protection
from bianque.model.release import PENDING, Release
from bianque.model.rights import RightsRequest
from bianque.model.text import Text
from bianque.registry import audit, grants, notices, oversight, paper_forms, protection, releases, rights
from bianque.registry.audit import Link
from bianque.registry.oversight import Refusals, Totals
from bianque.registry.register import Register
from bianque.safeguard.decide import NO_DUTY, no_duty
from bianque.services import gate

DAYS = 7  # what the desk looks back on, and ahead for grants that expire
SHOWN_AT_MOST = 500
OWN_SHOWN = 20
READING = (Action.FIND_PERSON, Action.READ_PERSON, Action.EXPORT_PEOPLE, Action.READ_RELEASE, Action.CORRECT_PERSON)


@dataclass(frozen=True, slots=True)
class Desk:
    """What happened in the last days, and what is open.

    Requests, paper forms and protections are those of the chosen emergency; what is due first comes first.
    """

    totals: Totals
    reads: list[Link]
    refused: list[Refusals]
    expiring: list[GivenGrant]
    releases: list[Release]
    rights: list[RightsRequest]
    forms: list[FormBatch]
    protections: list[Protection]
    notices: list[Notice]


def desk(register: Register, authority: Authority) -> Desk:
    """The desk of one agency.

    raises  PolicyRefusal  when the audit is not for this authority to read
    """
    _may_read(authority)
    since, until = authority.at - dt.timedelta(days=DAYS), authority.at + dt.timedelta(days=DAYS)
    with register.reading(authority) as connection:
        protections = protection.listed(connection, authority) if authority.emergency else []
        asked = rights.listed(connection, authority) if authority.emergency else []
        batches = paper_forms.listed(connection, authority) if authority.emergency else []
        unseen = notices.unseen(connection, authority)
        emergency = authority.emergency_id
        pending = releases.listed(connection, emergency, PENDING)
    with register.system() as connection:
        return Desk(
            totals=oversight.totals(connection, since, READING),
            reads=oversight.events(connection, since=since, actions=READING, refused=False, limit=SHOWN_AT_MOST),
            refused=oversight.refusals(connection, since),
            expiring=[
                one
                for one in grants.listed(connection, authority.agency, expires_by=until)
                if one.grant.expires > authority.at
            ],
            releases=pending,
            rights=asked,
            forms=sorted(batches, key=lambda batch: (batch.open == 0, batch.due)),
            protections=protections,
            notices=unseen,
        )


def refused(register: Register, authority: Authority, account: str, action: str, rule: str) -> list[Link]:
    """The attempts behind one line of the desk's refusals, newest first.

    raises  PolicyRefusal  when the audit is not for this authority to read
            BadInput       when there is none
    """
    _may_read(authority)
    since = authority.at - dt.timedelta(days=DAYS)
    with register.system() as connection:
        found = oversight.events(
            connection,
            since=since,
            account=account,
            actions=(action,),
            refused=True,
            rule=rule,
            limit=SHOWN_AT_MOST,
        )
    if not found:
        raise BadInput("no such attempt was refused in these days", remedy="the desk lists the refusals")
    return found


@dataclass(frozen=True, slots=True)
class Explained:
    """An event, and the sentence of the rule that decided it, where the rules still have it."""

    recorded: Link
    why: Text | None


def explain(register: Register, authority: Authority, number: int) -> Explained:
    """One decision on record.

    raises  PolicyRefusal  when the audit is not for this authority to read
            BadInput       when there is no such event
    """
    _may_read(authority)
    with register.system() as connection:
        found = audit.one(connection, number)
    if found is None:
        raise BadInput(f"there is no event number {number}", remedy="the desk lists the events")
    return Explained(found, why(found.event))


def why(event: Event) -> Text | None:
    """What the rule of an event says; that there is none for the role; or what befell somebody's own account."""
    if event.rule == NO_DUTY:
        return no_duty(event.role, event.action)
    own = f"account_rule_{event.rule.replace('-', '_')}"
    return catalogue.both(own) if catalogue.has(own) else gate.rules().get(event.rule)


def own_events(register: Register, authority: Authority) -> list[Link]:
    """The last attempts of the authority's own account.

    raises  PolicyRefusal  when that is not permitted
    """
    gate.require(authority, Action.READ_OWN_ACCESS, Resource("access", agency=authority.agency))
    with register.system() as connection:
        return oversight.events(connection, account=authority.account, limit=OWN_SHOWN)


def own_grants(register: Register, authority: Authority) -> list[GivenGrant]:
    """Every grant the authority's own account ever had, newest first.

    raises  PolicyRefusal  when that is not permitted
    """
    gate.require(authority, Action.READ_OWN_ACCESS, Resource("access", agency=authority.agency))
    with register.system() as connection:
        return grants.of(connection, authority.account)


def _may_read(authority: Authority) -> None:
    gate.require(authority, Action.READ_AUDIT, Resource("audit", agency=authority.agency))


def is_own_act(action: str) -> bool:
    """Whether an event is of what people do with their own accounts, on which no rule decides."""
    return action in set(acts.Act)
