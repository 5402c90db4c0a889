"""The wall at work in the exercise: what waits for a second person, and what was tried and refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from bianque.model.authority import Authority, Purpose
from bianque.model.errors import PolicyRefusal
from bianque.model.outreach import Channel
from bianque.model.release import Release
from bianque.model.rights import IdentityCheck, Right
from bianque.model.text import Text
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import outreach, reidentify, release_keys, rights, targets
from bianque.services.break_glass import open_glass
from bianque.services.enrol_identifiers import enrol_identifiers
from bianque.services.exercise_accounts import EMERGENCY, FIRST, ExerciseLogIn
from bianque.services.exercise_actors import Actors
from bianque.services.exercise_people import Population, records
from bianque.services.find_person import find_person
from bianque.services.paper_forms import FormIssue, issue_forms
from bianque.services.show_person import show_person

HOLDERS = (*FIRST.command, "officer")  # of two organisations: the command body and the health commission
AT_THE_DOOR = 200
FORMS, FORMS_DUE_DAYS = 50, 3


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that the wall did not let through."""

    login: str
    tried: str
    rule: str
    why: Text


def draw_release_keys(actors: Actors, door: Door, told: list[ExerciseLogIn], at: dt.datetime) -> None:
    """The key pairs of whoever approves and of who asks, and the ceremony of the emergency's keys."""
    passwords = {one.login: one.password for one in told}
    for login in (*HOLDERS, "tracer"):
        purpose = Purpose.CONTACT_TRACING if login == "tracer" else Purpose.OVERSIGHT
        release_keys.make_key(actors.register, actors.acting(login, purpose, at), passwords[login])
    keeper = actors.acting(FIRST.administrator, Purpose.ADMINISTRATION, at)
    release_keys.ceremony(actors.register, door, keeper, EMERGENCY, HOLDERS)


def ask_for_an_identity(actors: Actors, door: Door, population: Population, at: dt.datetime) -> tuple[Release, str]:
    """A contact is known to the lake by a pseudonym, locked, and asked for; the request, and one who is not locked."""
    tracer = actors.acting("tracer", Purpose.CONTACT_TRACING, at)
    pairs = [(one.phone, one.id_number) for one in population.by_source["rail-police"][:AT_THE_DOOR]]
    contact, other = enrol_identifiers(actors.register, door, tracer, "rail-police", pairs).pseudonyms[:2]
    evidence = "train D5512, seats of the same carriage, query 7 of the rail file"
    targets.lock(actors.register, door, tracer, [contact], "shared-conveyance", evidence)
    asked = reidentify.Request([contact], ["phone"], "shared a carriage with a case: to be told to stay at home", 8)
    return reidentify.request(actors.register, tracer, asked), other


def propose_calls(actors: Actors, followed: list[str], at: dt.datetime) -> int:
    """Calls to people who returned wait for somebody of the command body."""
    proposal = outreach.Proposal(
        followed,
        Channel.CALL,
        "returned from the capital within 14 days",
        Text(
            zh="您好，这里是社区防控工作组。您十四天内从疫区返回，请居家观察，需要帮助请回电。",
            en="You came back from the capital within the last 14 days: please stay at home, and call us for help.",
        ),
    )
    return outreach.propose(actors.register, actors.acting("tracer", Purpose.ISOLATION_FOLLOW_UP, at), proposal).listed


def hand_out_forms(actors: Actors, at: dt.datetime) -> None:
    """A batch of paper forms that is still out."""
    due = at.date() + dt.timedelta(days=FORMS_DUE_DAYS)
    issue = FormIssue("household survey", 1001, FORMS, "head of the Landu street team", "community tablet 7", due)
    issue_forms(actors.register, actors.acting("community-worker", Purpose.ISOLATION_FOLLOW_UP, at), issue)


def receive_a_request(actors: Actors, person: str, at: dt.datetime) -> dt.date:
    """Somebody asks for a copy of their record; the day by which they must have it."""
    officer = actors.acting("officer", Purpose.DATA_SUBJECT_RIGHTS, at)
    new = rights.NewRequest(person, Right.COPY, IdentityCheck.ID_CARD, "a copy of what is held about me")
    return rights.receive(actors.register, officer, new).due


def break_glass(actors: Actors, population: Population, at: dt.datetime) -> None:
    """The community worker reads, for an hour, somebody who is not assigned to them; the officer is told."""
    tracer = actors.acting("tracer", Purpose.CONTACT_TRACING, at)
    (person,) = records(actors.register, tracer, population.community[:1], 1)
    worker = actors.acting("community-worker", Purpose.ISOLATION_FOLLOW_UP, at)
    open_glass(actors.register, worker, "found unconscious at home, next of kin to be called")
    again = actors.acting("community-worker", Purpose.ISOLATION_FOLLOW_UP, at)
    show_person(actors.register, again, person, ("person.name", "person.phone"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody tries, in words, and as the services are asked for it."""

    login: str
    purpose: Purpose
    tried: str
    ask: Callable[[Authority], object]


def try_the_wall(
    actors: Actors, population: Population, *, protected: str, unlocked: str, at: dt.datetime
) -> list[Refused]:
    """What people try who are not meant to: each attempt is refused, and on record."""
    someone = population.community[0]
    (record,) = records(actors.register, actors.acting("tracer", Purpose.CONTACT_TRACING, at), [someone], 1)
    attempts = _attempts(actors.register, someone.phone, record, protected, unlocked)
    return [_refused(attempt, actors.acting(attempt.login, attempt.purpose, at)) for attempt in attempts]


def _attempts(register: Register, phone: str, record: str, protected: str, unlocked: str) -> list[Attempt]:
    tracing, asked = Purpose.CONTACT_TRACING, reidentify.Request([unlocked], ["phone"], "who is this", 8)
    return [
        Attempt(
            "epidemiologist",
            Purpose.SITUATION_MONITORING,
            "find a person by phone",
            lambda by: find_person(register, by, "phone", phone),
        ),
        Attempt(
            FIRST.administrator, Purpose.ADMINISTRATION, "read a record", lambda by: show_person(register, by, record)
        ),
        Attempt(
            "community-worker",
            Purpose.ISOLATION_FOLLOW_UP,
            "read somebody who is not assigned to them",
            lambda by: show_person(register, by, record),
        ),
        Attempt("tracer", tracing, "read a protected person", lambda by: show_person(register, by, protected)),
        Attempt(
            "tracer",
            tracing,
            "ask for the identity of a target that is not locked",
            lambda by: reidentify.request(register, by, asked),
        ),
        Attempt(
            "hospital",
            Purpose.CLINICAL_CARE,
            "read somebody who is not its patient",
            lambda by: show_person(register, by, record),
        ),
        Attempt(
            FIRST.command[0],
            Purpose.SITUATION_MONITORING,
            "take break-glass leave",
            lambda by: open_glass(register, by, "to look at the list of a district"),
        ),
    ]


def _refused(attempt: Attempt, by: Authority) -> Refused:
    try:
        attempt.ask(by)
    except PolicyRefusal as refusal:
        return Refused(attempt.login, attempt.tried, refusal.decision.rule, refusal.decision.why)
    raise AssertionError(f"the wall let {attempt.login} through: {attempt.tried}")
