"""Targets: pseudonyms locked by a recorded risk rule. Nothing else is ever re-identified."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.registry import locks
from bianque.registry.locks import Lock
from bianque.registry.register import Register
from bianque.safeguard import risk_rules
from bianque.safeguard.door import Door
from bianque.safeguard.pseudonym import is_pseudonym
from bianque.services import gate


def lock(
    register: Register, door: Door, authority: Authority, pseudonyms: Sequence[str], rule: str, evidence: str
) -> int:
    """Lock pseudonyms as targets, each on record with rule, evidence, person and hour; how many.

    raises  BadInput  when a text is no pseudonym of this emergency, there is no such rule, or no evidence is named;
            PolicyRefusal when the rules say no
    """
    targets = checked(pseudonyms)
    by = risk_rules.rule(rule)
    if not evidence.strip():
        raise BadInput(f"a lock by {rule} names its evidence", kept="no lock", remedy=f"name: {by.evidence}")
    emergency = permitted(register, authority, Action.LOCK_TARGET, targets, reason=f"risk rule {rule}")
    door.lock(emergency, targets, rule)  # first: a lock that only the record knows would open nothing
    new = [Lock(target, rule, evidence, authority.account, authority.organisation, authority.at) for target in targets]
    with register.writing(authority) as connection:
        locks.add(connection, authority.agency, emergency, new)
    return len(new)


def lift(register: Register, door: Door, authority: Authority, pseudonyms: Sequence[str]) -> int:
    """Lift locks that no longer hold; how many there were. Requests for these targets open nothing any more.

    raises  BadInput, PolicyRefusal  as `lock`
    """
    targets = checked(pseudonyms)
    emergency = permitted(register, authority, Action.LOCK_TARGET, targets, reason="lift")
    door.unlock(emergency, targets)
    with register.writing(authority) as connection:
        return locks.lift(connection, emergency, targets, authority.account, authority.at)


def checked(pseudonyms: Sequence[str]) -> list[str]:
    """Pseudonyms as targets, each once.

    raises  BadInput  when there are none, or a text is none: it is not repeated, since it may be a name
    """
    if wrong := [place for place, text in enumerate(pseudonyms, start=1) if not is_pseudonym(text)]:
        raise BadInput(
            f"target {wrong[0]} of {len(pseudonyms)} is no pseudonym",
            kept="nothing was done",
            remedy="name targets by the pseudonyms of the lake: 32 hexadecimal digits",
        )
    if not pseudonyms:
        raise BadInput("no target is named", remedy="name at least one pseudonym")
    return list(dict.fromkeys(pseudonyms))


def permitted(register: Register, authority: Authority, action: Action, targets: Sequence[str], *, reason: str) -> str:
    """The emergency one works in, once every single target is permitted.

    raises  PolicyRefusal  with the first refusal; every decision is on record
    """
    emergency = authority.emergency_id
    resources = [Resource("pseudonym", target, agency=authority.agency, emergency=emergency) for target in targets]
    for decision in gate.permit_each(register, authority, action, resources, reason=reason):
        if not decision.allowed:
            raise PolicyRefusal(decision)
    return emergency
