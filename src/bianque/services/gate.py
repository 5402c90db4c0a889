"""The gate: every use case that touches something protected passes here, and leaves an event whichever way it goes."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model.audit import event
from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.catalogue import both
from bianque.model.decision import Decision, Outcome
from bianque.model.errors import ChangedRecord, NeedsSecondPerson, PolicyRefusal
from bianque.registry import audit, people
from bianque.registry.people import PersonHeader
from bianque.registry.register import Register
from bianque.safeguard.decide import decide

RECORD_CHANGED = "record-changed"  # the rule, in the audit: no decision is made on what somebody put there


def require(authority: Authority, action: Action, resource: Resource) -> Decision:
    """The decision on what concerns no person: de-identified facts, which a lake's owner reads without a register.

    raises  PolicyRefusal  when the answer is no; NeedsSecondPerson when it is: not alone
    """
    return _granted(decide(authority, action, resource))


def permit(
    register: Register,
    authority: Authority,
    action: Action,
    resource: Resource,
    recipient: Recipient | None = None,
    *,
    reason: str = "",
) -> Decision:
    """The decision on one attempt, on record before anything is read.

    raises  PolicyRefusal  when the answer is no; NeedsSecondPerson when it is: not alone
    """
    (decision,) = permit_each(register, authority, action, [resource], recipient, reason=reason)
    return _granted(decision)


def in_emergency(register: Register, authority: Authority, action: Action, kind: str = "person") -> str:
    """The id of the emergency one works in, before anything of it is looked up.

    raises  PolicyRefusal  when one works in none, which is on record: nothing personal stands outside of one
    """
    if authority.emergency is None:
        permit(register, authority, action, Resource(kind, agency=authority.agency))
    return people.emergency_of(authority)


def headers(
    register: Register, authority: Authority, action: Action, records: Sequence[str], fields: Sequence[str] = ()
) -> list[PersonHeader]:
    """The headers of records to decide on, for an action and fields of them; unknown and erased ones are left out.

    raises  ChangedRecord  when one was changed by somebody without the key: the attempt is on record, nothing is read
    """
    try:
        return people.headers(register, authority, records)
    except ChangedRecord as changed:
        emergency = people.emergency_of(authority)
        resource = Resource("person", changed.record, authority.agency, emergency, fields=tuple(fields))
        refusal = Decision(Outcome.DENY, RECORD_CHANGED, both("record_changed"))
        subject = _subject(register, resource)
        with register.system() as connection:
            audit.append(connection, [event(authority, action, resource, refusal, subject=subject)])
        raise


def _granted(decision: Decision) -> Decision:
    if decision.outcome is Outcome.SECOND_PERSON:
        raise NeedsSecondPerson(decision)
    if not decision.allowed:
        raise PolicyRefusal(decision)
    return decision


def permit_each(
    register: Register,
    authority: Authority,
    action: Action,
    resources: Sequence[Resource],
    recipient: Recipient | None = None,
    *,
    reason: str = "",
) -> list[Decision]:
    """One decision and one event a resource, refusals among them; whoever calls leaves out what is refused."""
    decisions = [decide(authority, action, resource, recipient) for resource in resources]
    events = [
        event(
            authority,
            action,
            resource,
            decision,
            subject=_subject(register, resource),
            recipient=recipient.organisation if recipient else "",
            reason=reason,
        )
        for resource, decision in zip(resources, decisions, strict=True)
    ]
    with register.system() as connection:
        audit.append(connection, events)
    return decisions


def _subject(register: Register, resource: Resource) -> str:
    """Whom it is about, if it is about a person: never by a record's own id."""
    if resource.kind == "pseudonym":
        return resource.id
    return register.subject(resource.id) if resource.kind == "person" and resource.id else ""
