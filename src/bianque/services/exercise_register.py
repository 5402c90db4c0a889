"""The register of the exercise, three weeks into its emergency: everybody has been at work, and something waits.

Each step is done through the service of its use case under the account whose duty it is, so what the pages show, what
waits and what was refused is as in an emergency; nobody in it is real.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bianque.lake.store import Lake
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.organisation import HolderKind
from bianque.registry import accounts, emergencies, organisations
from bianque.registry.register import Register, create
from bianque.safeguard import passwords
from bianque.services import exercise_people, exercise_wall, grants, released
from bianque.services.door import at_door
from bianque.services.exercise_accounts import AGENCY, BASIS, EMERGENCY, FIRST, ExerciseLogIn, exercise_accounts
from bianque.services.exercise_actors import Actors
from bianque.services.exercise_people import Population
from bianque.services.exercise_wall import Refused
from bianque.services.grants import NewGrant

SEED, PEOPLE = 7, 10_000
DECLARED_DAYS, TAKEN_IN_DAYS, ASKED_DAYS = 20, 19, 13  # before today; a data subject is answered within 15 days
ENDS_SOON_DAYS = 4  # of a grant that the officer's desk shows
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ExerciseRegister:
    """The log-ins, what the wall did, and the phone of a synthetic person to look for."""

    told: list[ExerciseLogIn]
    refused: list[Refused]
    phone: str


def exercise_register(
    folder: Path,
    lake: Lake | None,
    at: dt.datetime,
    *,
    people: int = PEOPLE,
    seed: int = SEED,
    say: Say = lambda _: None,
) -> ExerciseRegister:
    """A new register in a folder, complete, and with a lake its newest figures released.

    people  how many synthetic people are taken in; at least a few hundred, so that each list has somebody
    seed    whose province they live in
    say     told of each step when it is done
    raises  BadRegister    when the folder holds a register
            NothingUsable  when the lake has no picture
    """
    register = create(folder)
    try:
        begun = at - dt.timedelta(days=DECLARED_DAYS)
        told = exercise_accounts(register, begun.date(), begun)
        _past_the_first_log_in(register, told)
        say(f"emergency declared by two, {len(told)} accounts, grants given")
        actors = Actors(register)
        population = _people(actors, seed, people, at, say)
        refused = _wall(folder, actors, told, population, at, say)
        _grant_that_ends(register, actors, at)
        if lake is not None:
            _release(register, lake, at)
            say("figures proposed by one of the command body and released by the other")
        return ExerciseRegister(told, refused, population.community[0].phone)
    finally:
        register.close()


def _past_the_first_log_in(register: Register, told: list[ExerciseLogIn]) -> None:
    """Passwords are people's own by now: key pairs stand under them."""
    for one in told:
        with register.system() as transaction:
            accounts.set_password(transaction, one.login, passwords.hashed(one.password))


def _people(actors: Actors, seed: int, count: int, at: dt.datetime, say: Say) -> Population:
    taken_in = at - dt.timedelta(days=TAKEN_IN_DAYS)
    population = exercise_people.take_in(actors, seed=seed, count=count, at=taken_in)
    for receipt in population.receipts:
        say(
            f"people of {receipt.organisation}: read {receipt.read:,} = accepted {receipt.accepted:,} "
            f"+ quarantined {receipt.quarantined:,}"
        )
    say(f"{exercise_people.report_cases(actors, population, at)} cases reported by the hospital")
    return population


def _wall(
    folder: Path, actors: Actors, told: list[ExerciseLogIn], population: Population, at: dt.datetime, say: Say
) -> list[Refused]:
    followed = exercise_people.assign(actors, population, at)
    say(f"{len(followed)} follow-ups assigned to the community worker")
    protected = exercise_people.protect_some(actors, population, at)
    say(f"{len(protected)} persons protected")
    due = exercise_wall.receive_a_request(actors, followed[0], at - dt.timedelta(days=ASKED_DAYS))
    say(f"a data subject asked for a copy, to be answered by {due}")
    with at_door(folder) as door:
        exercise_wall.draw_release_keys(actors, door, told, at)
        say("the emergency's keys drawn, shares given to two organisations")
        waiting, other = exercise_wall.ask_for_an_identity(actors, door, population, at)
    say(f"re-identification {waiting.id} asked for by {waiting.requester}, waits for two organisations")
    say(f"calls to {exercise_wall.propose_calls(actors, followed, at)} persons proposed, wait for the command body")
    exercise_wall.hand_out_forms(actors, at)
    say("paper forms handed out")
    refused = exercise_wall.try_the_wall(actors, population, protected=protected[0], unlocked=other, at=at)
    exercise_wall.break_glass(actors, population, at)
    say("break-glass used once, the data-protection officer told")
    return refused


def _grant_that_ends(register: Register, actors: Actors, at: dt.datetime) -> None:
    """The laboratory's night shift ends within the week."""
    command = actors.acting(FIRST.command[0], Purpose.SITUATION_MONITORING, at)
    assert command.emergency is not None, "it was declared"
    ends = at + dt.timedelta(days=ENDS_SOON_DAYS)
    asked = NewGrant(
        "laboratory",
        EMERGENCY,
        Purpose.LABORATORY_TESTING,
        BASIS,
        command.emergency.terms.regions,
        ends,
        "night shift of the week",
    )
    grants.give(register, command, asked)


def _release(register: Register, lake: Lake, at: dt.datetime) -> None:
    """The two persons of the exercise's command body, each doing their part."""
    with register.system() as connection:
        emergency = emergencies.find(connection, EMERGENCY)
        assert emergency is not None, "the exercise has just begun"
        body = organisations.find(connection, emergency.terms.command_body)
        assert body is not None, "and its command body was made before it"
    first = Authority(
        account=FIRST.command[0],
        organisation=body.id,
        agency=AGENCY.id,
        role=Role.COMMAND,
        kind=HolderKind.COMMAND,
        at=at,
        emergency=emergency,
        purpose=Purpose.PUBLICATION,
        strong=True,
        proved=at,
    )
    proposed = released.propose(register, first, lake)
    released.release(register, replace(first, account=FIRST.command[1]), proposed.id)
