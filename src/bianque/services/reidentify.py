"""The way back: a request, two approvers of different organisations, an officer's hours, and the end.

Who may do what is decided for each target and leaves an event for each; the order of the steps is that of
`safeguard.release`; that targets are locked and two shares are there is checked once more by the door, which alone can
open anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource
from bianque.model.decision import Decision
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.identifiers import Kind
from bianque.model.release import Release, ReleaseState, Verdict
from bianque.registry import accounts, emergencies, locks, release_shares, releases
from bianque.registry.register import Register, Transaction
from bianque.safeguard import account_keys, release, release_key
from bianque.safeguard.door import Door
from bianque.safeguard.view import View, view
from bianque.services import gate, reasons, release_ends, targets
from bianque.services.release_keys import own_share

FIELD = "directory.value"  # what is decided on: an identifier of the directory, of whichever kind


@dataclass(frozen=True, slots=True)
class Request:
    """What an officer asks for: identifiers of these kinds, of these targets, for this reason, for so many hours."""

    targets: Sequence[str]
    fields: Sequence[str]
    reason: str
    hours: int = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """One target as its officer sees it: kind of identifier → what the decision shows of its values."""

    pseudonym: str
    values: Mapping[str, View]


def request(register: Register, authority: Authority, asked: Request) -> Release:
    """Ask for the identities behind locked targets.

    raises  BadInput  when something is missing, a target is no pseudonym, or one has no key pair to receive it;
            PolicyRefusal when the rules say no to a target: then nothing is asked
    """
    new = _new(register, authority, asked)
    with register.writing(authority) as connection:
        _settle(connection, authority)
    _permit(register, authority, Action.REQUEST_RELEASE, new)
    with register.writing(authority) as connection:
        releases.add(connection, new, authority.agency)
    return new


def approve(register: Register, door: Door, authority: Authority, id_: str, password: str) -> Release:
    """Approve a request with one's organisation's share; the second approval opens it for the officer.

    raises  BadInput  when it waits for nobody, one may not be one of the two, or the password opens no share;
            PolicyRefusal when the rules say no, which they also do of a request that is not there
    """
    found = _sought(register, authority, id_, Action.APPROVE_RELEASE)
    wanted, _ = _permit(register, authority, Action.APPROVE_RELEASE, found)
    verdict = Verdict(authority.account, authority.organisation, approves=True, at=authority.at)
    with register.writing(authority) as connection:
        _judged(connection, authority, id_, verdict)  # before the share is touched
    share = own_share(register, authority, found.emergency, password)  # a password takes its time
    gate.still(register, authority, Action.APPROVE_RELEASE, wanted, reason=_about(found))
    door.hand_share(share, found.emergency, authority.organisation, found.id, found.digest(), found.lapses)
    with register.writing(authority) as connection:
        after = _judged(connection, authority, id_, verdict)
        if after.state is ReleaseState.RELEASED:
            releases.keep_opened(connection, after, authority.agency, door.release(after, authority.at))
        releases.save(connection, after, authority.agency)
    if after.state is ReleaseState.RELEASED:
        door.forget(id_, authority.at)
    return after


def refuse(register: Register, door: Door, authority: Authority, id_: str, reason: str) -> Release:
    """Refuse a request; one refusal ends it, and shares that were given for it are forgotten.

    raises  BadInput  when it waits for nobody, or no reason is given; PolicyRefusal when the rules say no, which they
            also do of a request that is not there
    """
    said = reasons.given(reason, "the request as it is")
    found = _sought(register, authority, id_, Action.APPROVE_RELEASE)
    _permit(register, authority, Action.APPROVE_RELEASE, found)
    verdict = Verdict(authority.account, authority.organisation, approves=False, at=authority.at, reason=said)
    with register.writing(authority) as connection:
        after = release.judged(_standing(connection, authority, id_), verdict)
        releases.save(connection, after, authority.agency)
    door.forget(id_, authority.at)
    return after


def read(register: Register, authority: Authority, id_: str, password: str) -> list[Opened]:
    """What was opened, by the officer who asked, while the hours last: one decision and one event a person.

    Who was erased meanwhile, or is locked no more, is left out.

    raises  BadInput  when it is not released, or the password does not open it; PolicyRefusal when the rules say no,
            which they also do of a request that is not there
    """
    found = _sought(register, authority, id_, Action.READ_RELEASE)
    wanted, decisions = _decided(register, authority, Action.READ_RELEASE, found)
    if not any(decision.allowed for decision in decisions):
        raise PolicyRefusal(decisions[0])
    if not release.readable(found, authority.account):
        raise _unreadable(found)
    with register.reading(authority) as connection:
        pair = release_shares.pair(connection, authority.account)
    if pair is None or pair.public != found.officer_key:
        raise BadInput("the key pair to which this was sealed is gone", remedy="make a new request with the new one")
    private = account_keys.open(pair.sealed, password)  # takes its time
    leaving = [one for one, decision in zip(wanted, decisions, strict=True) if decision.allowed]
    gate.still(register, authority, Action.READ_RELEASE, leaving, reason=_about(found))
    with register.reading(authority) as connection:
        sealed = releases.opened(connection, id_)
    if not sealed:  # its hours ended meanwhile
        raise _unreadable(_found(register, authority, id_))
    return [
        _shown(pseudonym, decision, release_key.read_opened(private, sealed[place], id_, place))
        for place, (pseudonym, decision) in enumerate(zip(found.targets, decisions, strict=True))
        if decision.allowed and place in sealed
    ]


def listed(register: Register, authority: Authority) -> list[Release]:
    """The requests of the emergency as they stand: to its approvers and overseers all, to others their own."""
    resource = Resource("release", agency=authority.agency)
    gate.permit(register, authority, Action.READ_OWN_ACCESS, resource, reason="list of requests")
    with register.writing(authority) as connection:
        _settle(connection, authority)
        found = releases.listed(connection, authority.emergency_id)
        holders = {copy.account for copy in release_shares.copies(connection, authority.emergency_id)}
    return [one for one in found if authority.account in (one.requester, *holders)]


def _unreadable(found: Release) -> BadInput:
    return BadInput(
        f"request {found.id} is {found.state}: there is nothing to read", remedy="see `bianque reidentify list`"
    )


def _new(register: Register, authority: Authority, asked: Request) -> Release:
    if unknown := set(asked.fields) - {*Kind}:
        kinds = ", ".join(Kind)
        raise BadInput(f"{len(unknown)} of the fields are no kind of identifier", remedy=f"name some of {kinds}")
    with register.reading(authority) as connection:
        pair = release_shares.pair(connection, authority.account)
    if pair is None:
        raise BadInput(
            f"{authority.account} has no key pair to which an identity could be sealed",
            remedy="make one: `bianque reidentify key`",
        )
    if authority.purpose is None:
        raise BadInput("no purpose is chosen", remedy="choose the purpose under which you ask")
    return release.requested(
        Release(
            id=uuid.uuid4().hex[:12],
            emergency=authority.emergency_id,
            requester=authority.account,
            organisation=authority.organisation,
            purpose=authority.purpose,
            reason=reasons.given(asked.reason, "nothing was asked for"),
            fields=tuple(dict.fromkeys(asked.fields)),
            targets=tuple(targets.checked(asked.targets)),
            asked=authority.at,
            hours=asked.hours,
            officer_key=pair.public,
        )
    )


def _about(wanted: Release) -> str:
    return f"request {wanted.id} for {', '.join(wanted.fields)}"


def _permit(
    register: Register, authority: Authority, action: Action, wanted: Release
) -> tuple[list[Resource], list[Decision]]:
    """What was decided on and the decisions; a single refusal refuses the whole."""
    resources, decisions = _decided(register, authority, action, wanted)
    for decision in decisions:
        if not decision.allowed:
            raise PolicyRefusal(decision)
    return resources, decisions


def _decided(
    register: Register, authority: Authority, action: Action, wanted: Release
) -> tuple[list[Resource], list[Decision]]:
    """What was decided on and the decisions: one, and one event, a target."""
    with register.reading(authority) as connection:
        locked = locks.standing(connection, wanted.emergency, wanted.targets)
    given = [verdict for verdict in wanted.verdicts if verdict.approves]
    others = [wanted.requester, *(verdict.account for verdict in given)]
    approving = action is Action.APPROVE_RELEASE
    first = authority.account if authority.account in others else wanted.requester
    resources = [
        Resource(
            "pseudonym",
            target,
            agency=authority.agency,
            emergency=wanted.emergency,
            fields=(FIELD,),
            locked=target in locked,
            assigned=wanted.requester,
            first=first if approving else "",
            first_organisation=given[0].organisation if given and approving else "",
            until=wanted.until,
        )
        for target in wanted.targets
    ]
    return resources, gate.permit_each(register, authority, action, resources, reason=_about(wanted))


def _shown(pseudonym: str, decision: Decision, opened: Mapping[str, Sequence[str]]) -> Opened:
    shown = {kind: view(decision, {FIELD: " ".join(values)}) for kind, values in opened.items()}
    return Opened(pseudonym, shown)


def _found(register: Register, authority: Authority, id_: str) -> Release:
    with register.writing(authority) as connection:
        return _standing(connection, authority, id_)


def _sought(register: Register, authority: Authority, id_: str, action: Action) -> Release:
    """A request of this id; that there is none is refused as one on locked targets that somebody else asked for."""
    others = Resource(
        "pseudonym", agency=authority.agency, emergency=authority.emergency_id, fields=(FIELD,), locked=True
    )
    with gate.sought(register, authority, action, others, reason="request that is not there"):
        return _found(register, authority, id_)


def _standing(connection: Transaction, authority: Authority, id_: str) -> Release:
    """A request as it stands at this hour.

    raises  BadInput  when the emergency has none of this id
    """
    _settle(connection, authority)
    found = releases.find(connection, id_)
    if found is None or found.emergency != authority.emergency_id:
        raise BadInput("there is no such request in this emergency", remedy="see `bianque reidentify list`")
    return found


def _judged(connection: Transaction, authority: Authority, id_: str, approval: Verdict) -> Release:
    """A request as it stands at this hour, after one more approval.

    raises  BadInput  when it waits for nobody, or somebody who asked for it or approved it has no account any more
    """
    found = _standing(connection, authority, id_)
    for account in (found.requester, *(verdict.account for verdict in found.verdicts)):
        holder = accounts.find(connection, account)
        if holder is None or holder.disabled_at is not None:
            raise BadInput(
                f"request {id_} cannot be approved: the account {account}, which stands in it, was disabled",
                kept="the request as it is",
                remedy="refuse it; who still needs it asks anew",
            )
    return release.judged(found, approval)


def _settle(connection: Transaction, authority: Authority) -> None:
    """End what is over: requests lapse, releases expire, what was opened is erased."""
    emergency = authority.emergency
    if emergency is None:
        return
    # A close may have been signed since the authority was made: a password takes its time to open a share.
    now_there = emergencies.find(connection, emergency.id)
    is_open = emergency.open_at(authority.at) and now_there is not None and now_there.open_at(authority.at)
    release_ends.end(connection, emergency, authority.at, is_open=is_open)
