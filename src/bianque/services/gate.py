"""The gate: every use case that touches something protected passes here, and leaves an event whichever way it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bianque.model.audit import event
from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.catalogue import both
from bianque.model.decision import Decision, Outcome
from bianque.model.errors import BadInput, BadRegister, ChangedRecord, NeedsSecondPerson, PolicyRefusal
from bianque.model.text import Text
from bianque.registry import audit, people
from bianque.registry.people import PersonHeader
from bianque.registry.register import Register
from bianque.safeguard.decide import decide, sentences
from bianque.services import standing

NOT_THERE = Decision(Outcome.DENY, "not-there", both("not_there"))
SESSION_ENDED = Decision(Outcome.DENY, "session-ended", both("session_ended"))
RECORD_CHANGED = Decision(Outcome.DENY, "record-changed", both("record_changed"))
OF_THE_GATE = {one.rule: one.why for one in (NOT_THERE, SESSION_ENDED, RECORD_CHANGED)}  # what no policy says


def rules() -> Mapping[str, Text]:
    """The sentence of every rule that a decision can name: of the policies, and of the gate itself."""
    return {**sentences(), **OF_THE_GATE}


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
        _record(register, authority, action, [(resource, RECORD_CHANGED)], None, "")
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
    _record(register, authority, action, list(zip(resources, decisions, strict=True)), recipient, reason)
    return decisions


def still(
    register: Register,
    authority: Authority,
    action: Action,
    resources: Sequence[Resource],
    recipient: Recipient | None = None,
    *,
    reason: str = "",
) -> None:
    """Decide again on what was permitted, right before it leaves; on record where the answer is no by now.

    raises  PolicyRefusal  when the emergency was closed meanwhile, a grant revoked, the account disabled or the session
            ended
    """
    now = standing.as_it_is_now(register, authority)
    if now is None:
        refused = [(one, SESSION_ENDED) for one in resources]
    else:
        decisions = [(one, decide(now, action, one, recipient)) for one in resources]
        refused = [(one, decision) for one, decision in decisions if not decision.allowed]
    if refused:
        _record(register, authority, action, refused, recipient, reason)
        raise PolicyRefusal(refused[0][1])


@contextmanager
def sought(
    register: Register,
    authority: Authority,
    action: Action,
    stand_in: Resource,
    recipient: Recipient | None = None,
    *,
    reason: str = "",
) -> Iterator[None]:
    """For the block that looks an id up and raises BadInput where there is none: it is refused then, on record.

    Who may not do this to what is there hears the same of what is not, so that nobody finds out which ids there are.

    stand_in  what is decided on in place of the record: as such records are, and nobody's
    raises    PolicyRefusal  when the block raises BadInput
    """
    try:
        yield
    except BadRegister:  # it is there, and not as it was written
        raise
    except BadInput as cause:
        decision = decide(authority, action, stand_in, recipient)
        refusal = decision if decision.outcome is Outcome.DENY else NOT_THERE
        unnamed = replace(stand_in, id="")  # what was typed may be a name or a number, and the audit forgets nothing
        _record(register, authority, action, [(unnamed, refusal)], recipient, reason)
        raise PolicyRefusal(refusal, remedy=cause.remedy) from cause


def _record(
    register: Register,
    authority: Authority,
    action: Action,
    decided: Sequence[tuple[Resource, Decision]],
    recipient: Recipient | None,
    reason: str,
) -> None:
    to = recipient.organisation if recipient else ""
    events = [
        event(authority, action, resource, decision, subject=_subject(register, resource), recipient=to, reason=reason)
        for resource, decision in decided
    ]
    with register.system() as connection:
        audit.append(connection, events)


def _subject(register: Register, resource: Resource) -> str:
    """Whom it is about, if it is about a person: never by a record's own id."""
    if resource.kind == "pseudonym":
        return resource.id
    return register.subject(resource.id) if resource.kind == "person" and resource.id else ""
