"""What was opened for an officer's hours is gone when they are over, whether or not anybody comes by."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from bianque.model.authority import Purpose, Role
from bianque.model.emergency import Emergency, State
from bianque.model.release import Release, ReleaseState
from bianque.registry import emergencies, releases
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.services import release_ends, sessions
from bianque.services.door import at_door
from bianque.services.vault import check_vault
from bianque.web import ending
from tests.readers import EMERGENCY, Staff, now, staff, terms
from tests.registry.authorities import authority

HOURS = 8
OPEN = Emergency(EMERGENCY, "cdc", terms(), State.DECLARED)


def opened(register: Register, ago: dt.timedelta, id_: str = "r1") -> None:
    """A release of this long ago, with what was opened of one target."""
    released = now() - ago
    given = Release(
        id=id_,
        emergency=EMERGENCY,
        requester="li",
        organisation="cdc",
        purpose=Purpose.CONTACT_TRACING,
        reason="contact of case 12",
        fields=("phone",),
        targets=("00" * 16,),
        asked=released,
        hours=HOURS,
        officer_key=b"key",
    )
    after = replace(given, state=ReleaseState.RELEASED, released=released)
    with register.system() as connection:
        releases.add(connection, given, "cdc")
        releases.save(connection, after, "cdc")
    with register.writing(authority("cdc", EMERGENCY)) as connection:
        releases.keep_opened(connection, after, "cdc", [b"sealed to the officer"])


def left(register: Register, id_: str = "r1") -> tuple[str, int]:
    """The state of a release, and of how many targets something opened is still there."""
    with register.snapshot("register") as connection:
        found = releases.find(connection, id_)
        assert found is not None
        return found.state, len(releases.opened(connection, id_))


@pytest.fixture
def at_work(register: Register) -> Register:
    with register.system() as connection:
        emergencies.add(connection, OPEN, "command", now())
    return register


def test_hours_that_are_over_end_everywhere_and_those_that_run_do_not(at_work: Register) -> None:
    opened(at_work, dt.timedelta(hours=HOURS, minutes=1))
    opened(at_work, dt.timedelta(hours=1), "r2")
    assert release_ends.over(at_work, now()) == 1
    assert release_ends.end_everywhere(at_work, now()) == 1
    assert left(at_work) == ("expired", 0)
    assert left(at_work, "r2") == ("released", 1)
    assert release_ends.end_everywhere(at_work, now()) == 0


def test_a_clock_that_was_set_back_ends_nothing_and_a_close_ends_all(at_work: Register) -> None:
    opened(at_work, dt.timedelta(hours=1))
    assert release_ends.end_everywhere(at_work, now() - dt.timedelta(days=400)) == 0
    with at_work.system() as connection:
        closed = replace(OPEN, state=State.CLOSED, closed_at=now())
        assert release_ends.end_in(connection, closed, now()) == 1
    assert left(at_work) == ("closed", 0)


def test_they_end_when_the_door_opens(tmp_path: Path) -> None:
    register = registers.create(tmp_path / "register")
    with register.system() as connection:
        emergencies.add(connection, OPEN, "command", now())
    opened(register, dt.timedelta(hours=HOURS + 1))
    with at_door(register.at_rest):
        assert left(register) == ("expired", 0)
    register.close()


@pytest.fixture
def people(tmp_path: Path) -> Staff:
    return staff(tmp_path / "register")


def test_they_end_when_anybody_works_in_the_emergency(people: Staff) -> None:
    reader = people.log_in(Role.COMMUNITY_WORKER)
    opened(people.register, dt.timedelta(hours=HOURS + 1))
    sessions.authority_of(people.register, reader.token, now())
    assert left(people.register) == ("expired", 0)
    people.register.close()


def test_they_end_while_the_pages_are_served(people: Staff) -> None:
    async def served() -> None:
        async with ending.at_work(people.register, every=0.01):
            opened(people.register, dt.timedelta(hours=HOURS + 1))
            for _ in range(500):
                if left(people.register) == ("expired", 0):
                    return
                await asyncio.sleep(0.01)

    asyncio.run(served())
    assert left(people.register) == ("expired", 0)
    people.register.close()


def test_the_check_finds_them_and_tidies_them_up(people: Staff) -> None:
    opened(people.register, dt.timedelta(hours=HOURS + 1))
    administrator = people.log_in(Role.ADMINISTRATOR)  # who works in no emergency
    who = sessions.authority_of(people.register, administrator.token, now())
    assert check_vault(people.register, who).releases == 1
    assert left(people.register) == ("released", 1)
    assert check_vault(people.register, who, tidy=True).releases == 1
    assert left(people.register) == ("expired", 0)
    assert check_vault(people.register, who).releases == 0
    people.register.close()
