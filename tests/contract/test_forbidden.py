"""What is forbidden: each role's duty under a right authority, then with one thing wrong. All refused, all on record.

Where a duty is no duty of a role, the attempt is made with everything else right. The attempts go through the gate of
the services, on a register of each engine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bianque.model.authority import Action, Authority, Purpose, Recipient, Resource, Role
from bianque.model.decision import Outcome
from bianque.model.emergency import State
from bianque.model.errors import PolicyRefusal
from bianque.model.organisation import HolderKind
from bianque.registry import oversight
from bianque.registry.register import Register
from bianque.safeguard.decide import decide
from bianque.services.gate import permit
from tests.safeguard.authorities import AT, ELSEWHERE, EMERGENCY, authority, grant, person, recipient

AGENCY = "cdc"
OPEN = replace(EMERGENCY, agency=AGENCY)
ROLES = [role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR)]
PURPOSES = list(Purpose)
# What is done to a person, or on the way to one: nothing of it without an emergency that is open.
PERSONAL = [
    Action.FIND_PERSON,
    Action.READ_PERSON,
    Action.CORRECT_PERSON,
    Action.EXPORT_PEOPLE,
    Action.ASSIGN_FOLLOW_UP,
    Action.LOCK_TARGET,
    Action.REQUEST_RELEASE,
    Action.APPROVE_RELEASE,
    Action.READ_RELEASE,
    Action.PROPOSE_OUTREACH,
    Action.APPROVE_OUTREACH,
    Action.RECORD_REFUSAL,
    Action.REQUEST_ASSISTANCE,
    Action.BREAK_GLASS,
    Action.PROTECT_PERSON,
]


@dataclass(frozen=True, slots=True)
class Attempt:
    what: str
    by: Authority
    action: Action
    on: Resource
    to: Recipient | None = None


def at_work(role: Role) -> Authority:
    return authority(role, agency=AGENCY, emergency=OPEN)


def target(role: Role, action: Action) -> Resource:
    """A resource on which the action is right: assigned, locked, proposed by another of another organisation."""
    second = action in (Action.APPROVE_RELEASE, Action.APPROVE_OUTREACH, Action.EXPORT_PEOPLE, Action.RECONSIDER)
    kind = "release" if "release" in action else "person"
    return person(
        agency=AGENCY,
        kind=kind,
        fields=("person.phone",),
        locked=True,
        assigned=f"one-{role}",
        first="another" if second else "",
        first_organisation="elsewhere" if second else "",
        until=AT + dt.timedelta(hours=1),
    )


def right(role: Role, action: Action) -> Attempt:
    to = recipient() if action is Action.EXPORT_PEOPLE else None
    return Attempt("right", at_work(role), action, target(role, action), to)


def duties() -> Iterator[Attempt]:
    """Each personal duty of each role, under an authority with which it is allowed."""
    for role in ROLES:
        for action in PERSONAL:
            attempt = right(role, action)
            if decide(attempt.by, attempt.action, attempt.on, attempt.to).allowed:
                yield attempt


def not_duties() -> Iterator[Attempt]:
    """Each action that is no duty of a role, for each purpose, with everything else as it should be."""
    for role in ROLES:
        for action in PERSONAL:
            attempt = right(role, action)
            if decide(attempt.by, attempt.action, attempt.on, attempt.to).rule == "duty":
                for purpose in PURPOSES:
                    by = replace(attempt.by, purpose=purpose, grants=(grant(purpose),))
                    yield replace(attempt, what=f"no duty, {purpose}", by=by)


def wrong(attempt: Attempt) -> Iterator[Attempt]:
    """The same attempt with one thing wrong."""
    by, on = attempt.by, attempt.on

    def other(what: str, by: Authority = by, on: Resource = on, to: Recipient | None = attempt.to) -> Attempt:
        return Attempt(what, by, attempt.action, on, to)

    yield other("no emergency", replace(by, emergency=None))
    for state in (State.DRAFTED, State.CLOSED, State.DISPOSED):
        yield other(f"emergency {state}", replace(by, emergency=replace(OPEN, state=state)))
    late = dt.datetime(2027, 3, 2, 9, tzinfo=dt.UTC)
    yield other("emergency ended", replace(by, at=late, proved=late))
    yield other("second factor not given", replace(by, strong=False))
    yield other("another agency's record", on=replace(on, agency="another"))
    yield other("another emergency's record", on=replace(on, emergency="another"))
    yield other("outside the jurisdiction", on=replace(on, within=ELSEWHERE))
    yield other("an unregistered field", on=replace(on, fields=("person.soul",)))
    yield other("a forged recipient", to=Recipient("clinic", HolderKind.HOSPITAL, proved=False))
    yield other("a recipient that is not named", to=Recipient("press", HolderKind.INTERNET, proved=True))
    yield other("the second person is the first", on=replace(on, first=by.account, first_organisation="elsewhere"))
    yield other("no purpose", replace(by, purpose=None))
    if by.role is not Role.DPO:  # the officer stands outside: no organisation of the emergency, no grant
        yield other("an organisation that is not named", replace(by, organisation="stranger"))
        yield other("a purpose that is not the emergency's", replace(by, purpose=Purpose.RESEARCH))
    if attempt.action in (Action.EXPORT_PEOPLE, Action.REQUEST_RELEASE, Action.APPROVE_RELEASE):
        yield other("proved six minutes ago", replace(by, proved=AT - dt.timedelta(minutes=6)))
    if attempt.action is Action.APPROVE_RELEASE:
        yield other("of the same organisation", on=replace(on, first_organisation=by.organisation))
    if attempt.action in (Action.REQUEST_RELEASE, Action.APPROVE_RELEASE, Action.READ_RELEASE):
        yield other("not locked", on=replace(on, locked=False))
    if attempt.action is Action.READ_RELEASE:
        yield other("released to another", on=replace(on, assigned="another"))
        yield other("its hours are over", on=replace(on, until=AT - dt.timedelta(seconds=1)))


def wrong_grant(attempt: Attempt) -> Iterator[Attempt]:
    """The same attempt with a grant or basis that does not fit, where the action needs one."""
    by, action = attempt.by, attempt.action
    if decide(replace(by, grants=()), action, attempt.on, attempt.to).allowed:
        return
    purpose = by.purpose
    assert purpose is not None
    grants: dict[str, dict[str, Any]] = {
        "expired": {"expires": AT - dt.timedelta(seconds=1)},
        "not begun": {"starts": AT + dt.timedelta(hours=1), "expires": AT + dt.timedelta(hours=2)},
        "of another region": {"regions": ("420500",)},
        "of another emergency": {"emergency": "another"},
        "on another basis": {"basis": "eu-gdpr-9-2-i"},
    }
    for what, changes in grants.items():
        yield replace(attempt, what=f"grant {what}", by=replace(by, grants=(grant(purpose, **changes),)))
    yield replace(attempt, what="no grant", by=replace(by, grants=()))
    yield replace(attempt, what="basis not of the emergency", by=replace(by, basis="eu-gdpr-9-2-i"))
    yield replace(attempt, what="basis of one's own", by=replace(by, basis="because"))
    yield replace(attempt, what="protected", on=replace(attempt.on, protected=True))
    yield replace(attempt, what="taken for another purpose", on=replace(attempt.on, purposes=(Purpose.RESEARCH,)))


def forbidden() -> list[Attempt]:
    """Everything that must be refused, each attempt under an account of its own, so that it is found in the audit."""
    allowed = list(duties())
    attempts = [*not_duties(), *(bad for one in allowed for bad in wrong(one))]
    attempts += [bad for one in allowed for bad in wrong_grant(one)]
    return attempts


def test_the_matrix_starts_from_what_is_allowed() -> None:
    """A matrix of attempts that are refused for a reason it does not name would prove nothing."""
    allowed = list(duties())
    assert len(allowed) > 30
    assert {one.by.role for one in allowed} == set(ROLES) - {Role.ADMINISTRATOR}
    assert {one.action for one in allowed} == set(PERSONAL)


def test_every_forbidden_attempt_is_refused_and_is_in_the_audit(
    register: Register, record_property: Callable[[str, object], None]
) -> None:
    attempts = forbidden()
    if register.engine.dialect.name == "postgresql":
        attempts = attempts[::4]  # the rules are those of the other engine; what is another's is the audit
    passed: list[str] = []
    for number, attempt in enumerate(attempts):
        marked = replace(attempt.by, session=f"attempt {number}")
        try:
            permit(register, marked, attempt.action, attempt.on, attempt.to)
        except PolicyRefusal:
            continue
        passed.append(f"{attempt.by.role} {attempt.action}: {attempt.what}")
    assert passed == []
    with register.system() as connection:
        on_record = {
            one.event.session: one.event for one in oversight.events(connection, refused=True, limit=10 * len(attempts))
        }
    assert len(attempts) >= 300
    assert on_record.keys() == {f"attempt {number}" for number in range(len(attempts))}
    for number, attempt in enumerate(attempts):
        event = on_record[f"attempt {number}"]
        assert (event.account, event.action) == (attempt.by.account, attempt.action)
        assert event.outcome in (Outcome.DENY, Outcome.SECOND_PERSON)
        assert event.rule
    record_property("attempted", len(attempts))
    record_property("refused", len(attempts) - len(passed))
    record_property("in the audit", len(on_record))


def test_an_event_holds_no_value_of_a_person() -> None:
    """An event is made of what is named here, and none of it is a value of a record."""
    from bianque.model.audit import Event

    assert {one.name for one in dataclasses.fields(Event)} == {
        "at", "account", "role", "organisation", "agency", "emergency", "purpose", "basis", "action", "kind",
        "resource", "subject", "fields", "outcome", "rule", "reason", "recipient", "session", "glass",
    }  # fmt: skip
