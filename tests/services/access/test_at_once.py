"""Many at once: what counts once counts once, and nobody gets more guesses by sending them together."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table, func, select

from bianque.model.authority import Role
from bianque.model.emergency import Act, State
from bianque.model.errors import BianqueError, LogInRefused
from bianque.registry import accounts as kept
from bianque.registry.register import Register
from bianque.registry.tables.accounts import guess, ticket
from bianque.services import accounts, emergencies, grants, login, recovery

from .people import AT, Person, another, declared, terms, tracing

Entered = tuple[Register, dict[str, Person]]
LATER = AT + dt.timedelta(minutes=10)


def at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """What each of several acts came to, all begun together."""

    def outcome(act: Callable[[], object]) -> str:
        try:
            return type(act()).__name__
        except BianqueError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(outcome, acts))


def test_guesses_sent_together_wait_like_guesses_sent_in_turn(begun: Entered) -> None:
    register, _ = begun
    assert at_once([lambda: login.first_step(register, "lan", "not this one", AT)] * 12) == {
        "LogInRefused": 4,
        "MustWait": 8,
    }


def test_a_password_reset_while_the_old_one_is_checked_leaves_no_ticket_for_the_old_one(entered: Entered) -> None:
    """The check takes seconds here, which is what the hash that is kept asks for: the reset falls into them."""
    register, people = entered
    slow = PasswordHasher(time_cost=120, memory_cost=19_456, parallelism=1).hash(people["lan"].password)
    with register.system() as transaction:
        kept.set_password(transaction, "lan", slow)
    with ThreadPoolExecutor(1) as pool:
        step = pool.submit(login.first_step, register, "lan", people["lan"].password, AT)
        while _count(register, guess) == 0:  # then the old hash has been read
            time.sleep(0.005)
        accounts.reset_password(register, people["wei"].authority(AT), "lan")
        assert not step.done(), "the check was over too soon for this test"
        with pytest.raises(LogInRefused):
            step.result()
    assert _count(register, ticket) == 0


def _count(register: Register, table: Table) -> int:
    with register.system() as transaction:
        return int(transaction.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_code_sent_many_times_together_counts_once(entered: Entered) -> None:
    register, people = entered
    lan = people["lan"]
    code = lan.code(LATER)
    tickets = [login.first_step(register, "lan", lan.password, LATER).token for _ in range(6)]
    came_to = at_once([partial(login.second_step, register, one, code, LATER) for one in tickets])
    assert came_to["NewSession"] == 1
    assert sum(came_to.values()) == 6


def test_a_person_who_signs_many_times_together_has_signed_once(entered: Entered) -> None:
    register, people = entered
    lan = people["lan"].authority(AT)
    emergencies.draft(register, lan, "hubei", terms())
    at_once([lambda: emergencies.sign(register, lan, "hubei", Act.DECLARE)] * 6)
    found = emergencies.find(register, lan, "hubei")
    assert (found.state, len(found.signatures)) == (State.DRAFTED, 1)


def test_a_second_factor_is_reset_once_for_one_request(entered: Entered) -> None:
    register, people = entered
    asked = recovery.ask(register, people["wei"].authority(AT), "bo", reason="phone lost; came with a badge")
    lan = people["lan"].authority(AT)
    came_to = at_once([lambda: recovery.reset(register, lan, asked.id)] * 5)
    assert (came_to["OneTime"], came_to["BadInput"] + came_to["PolicyRefusal"]) == (1, 4)


def test_a_grant_is_revoked_once(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    another(register, people["wei"].authority(AT), "min", Role.TRACER)
    given = grants.give(register, people["lan"].authority(AT), tracing("min"))
    bo = people["bo"].authority(AT)
    came_to = at_once([lambda: grants.revoke(register, bo, given.grant.id, reason="moved")] * 5)
    assert came_to == {"NoneType": 1, "BadInput": 4}
