"""Reaching out to persons because of an analysis: proposed by one, approved by another, then recorded one by one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.model.outreach import APPROVAL_DAYS, Channel, Contact, Outreach, Refusal, Verdict
from bianque.model.text import Text
from bianque.registry import outreach as lists
from bianque.registry.register import Register
from bianque.services import gate, reasons
from bianque.services.show_person import headers_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who is to be reached, how, why, and in which words. `persons` are ids of records."""

    persons: Sequence[str]
    channel: Channel
    reason: str
    wording: Text


@dataclass(frozen=True, slots=True)
class ProposalReceipt:
    """asked = listed + left out: who is not in the register, or whom the rules do not let the proposer list."""

    outreach: Outreach
    asked: int
    listed: int
    left_out: int


@dataclass(frozen=True, slots=True)
class OutreachStatus:
    """A list with how many of its people are where."""

    outreach: Outreach
    contacts: dict[Contact, int]


def propose(register: Register, authority: Authority, proposal: Proposal) -> ProposalReceipt:
    """Propose a list; nobody on it is contacted before another person has approved it. One decision a person.

    raises  BadInput  when the reason or the wording is missing, or nobody is left; PolicyRefusal
    """
    emergency = gate.in_emergency(register, authority, Action.PROPOSE_OUTREACH, "outreach")
    outreach_id, asked = uuid.uuid4().hex[:12], list(dict.fromkeys(proposal.persons))
    resource = Resource("outreach", outreach_id, authority.agency, emergency, count=len(asked))
    gate.permit(register, authority, Action.PROPOSE_OUTREACH, resource)
    _check(proposal.wording)
    outreach = Outreach(
        id=outreach_id,
        agency=authority.agency,
        emergency=emergency,
        channel=proposal.channel,
        reason=reasons.stated(proposal.reason, "nothing was proposed"),
        wording=proposal.wording,
        proposed_by=authority.account,
        proposed_organisation=authority.organisation,
        proposed_at=authority.at,
    )
    headers = gate.headers(register, authority, Action.PROPOSE_OUTREACH, asked)
    resources = [header.resource(()) for header in headers]
    decisions = gate.permit_each(register, authority, Action.PROPOSE_OUTREACH, resources, reason=outreach.id)
    kept = [header.id for header, decision in zip(headers, decisions, strict=True) if decision.allowed]
    if not kept:
        raise BadInput(
            f"none of {len(asked)} persons may be put on a list by you",
            kept="nothing was proposed",
            remedy="check the ids, and the regions of your grant",
        )
    with register.writing(authority) as connection:
        lists.add(connection, outreach, kept)
    return ProposalReceipt(outreach, len(asked), len(kept), len(asked) - len(kept))


def decide(register: Register, authority: Authority, outreach: str, *, approve: bool, reason: str) -> Outreach:
    """Approve a list for a week, or refuse it, as another person than its proposer.

    raises  BadInput  when it was decided, or no reason is given; PolicyRefusal, also when there is no such list
    """
    emergency = gate.in_emergency(register, authority, Action.APPROVE_OUTREACH, "outreach")
    others = Resource("outreach", agency=authority.agency, emergency=emergency, first="*")
    with (
        gate.sought(register, authority, Action.APPROVE_OUTREACH, others),
        register.reading(authority) as connection,
    ):
        found = lists.find(connection, authority, outreach)
        count = sum(lists.tally(connection, outreach).values())
    resource = Resource("outreach", found.id, found.agency, found.emergency, first=found.proposed_by, count=count)
    gate.permit(register, authority, Action.APPROVE_OUTREACH, resource)
    found.undecided()
    said = reasons.stated(reason, "the proposal is still open")
    until = authority.at + dt.timedelta(days=APPROVAL_DAYS) if approve else None
    verdict = Verdict(authority.account, authority.organisation, authority.at, approve, said)
    with register.writing(authority) as connection:
        lists.decide(connection, outreach, verdict, until)
        return lists.find(connection, authority, outreach)


def record_contact(register: Register, authority: Authority, outreach: str, person: str, contact: Contact) -> None:
    """What came of reaching out to one person of an approved list; a refusal to cooperate is put on record besides.

    raises  BadInput  when no approval is in force, or the person is not on the list; PolicyRefusal when the rules do
            not let the authority read the person's phone number, without which nobody reaches them
    """
    if contact is Contact.WAITING:
        raise BadInput("waiting is no outcome", remedy="say reached, not_reached or refused")
    (header,) = headers_of(register, authority, [person], ())
    gate.permit(register, authority, Action.READ_PERSON, header.resource(("person.phone",)), reason=outreach)
    if contact is Contact.REFUSED:
        gate.permit(register, authority, Action.RECORD_REFUSAL, header.resource(()))
    with register.writing(authority) as connection:
        lists.find(connection, authority, outreach).require_approval(authority.at)
        lists.record(connection, outreach, person, contact, authority.account, authority.at)
        if contact is Contact.REFUSED:
            refused = Refusal(uuid.uuid4().hex[:12], person, "answer", outreach, authority.account, authority.at)
            lists.add_refusal(connection, authority, refused)


def list_outreach(register: Register, authority: Authority) -> list[OutreachStatus]:
    """The lists of the emergency with how far each is: for those who propose them and those who approve them."""
    emergency = gate.in_emergency(register, authority, Action.PROPOSE_OUTREACH, "outreach")
    resource = Resource("outreach", agency=authority.agency, emergency=emergency)
    gate.permit(register, authority, Action.PROPOSE_OUTREACH, resource)
    with register.reading(authority) as connection:
        return [
            OutreachStatus(outreach, lists.tally(connection, outreach.id))
            for outreach in lists.listed(connection, authority)
        ]


def _check(wording: Text) -> None:
    for language, said in (("Chinese", wording.zh), ("English", wording.en)):
        if not said.strip():
            raise BadInput(
                f"no {language} wording is given", kept="nothing was proposed", remedy="it is what is approved: give it"
            )
