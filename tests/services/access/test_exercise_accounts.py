"""The exercise has one login for each role, and each of them can begin to work."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bianque.model.account import PROFESSIONAL, Step
from bianque.model.emergency import State
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.safeguard import second_factor
from bianque.services import emergencies, login, sessions
from bianque.services.exercise_accounts import EMERGENCY, ExerciseLogIn, exercise_accounts
from bianque.services.login import NewSession, Ticket

from .people import AT


def entered(register: Register, one: ExerciseLogIn, at: dt.datetime) -> NewSession:
    """Logged in with what was told: the code, then a password of one's own."""
    ticket = login.first_step(register, one.login, one.password, at)
    assert ticket.step is Step.CODE
    after = login.second_step(register, ticket.token, second_factor.code(one.secret, at), at)
    assert isinstance(after, Ticket)
    session = login.new_password(register, after.token, f"gibbon onward splashy {one.login[::-1]}", at)
    assert isinstance(session, NewSession)
    return session


def test_the_exercise_has_a_login_for_every_role_and_a_declared_emergency(tmp_path: Path) -> None:
    register = registers.create(tmp_path / "register")
    told = exercise_accounts(register, AT.date(), AT)
    assert {one.role for one in told} == set(PROFESSIONAL)
    chosen = {}
    for one in told:
        token = entered(register, one, AT).token
        offered = sessions.choices(register, token, AT)
        for choice in offered:
            sessions.choose(register, token, choice.emergency, choice.purpose, AT)
        authority = sessions.authority_of(register, token, AT)
        chosen[one.login] = {choice.purpose.value for choice in offered}
        if offered:
            assert authority.emergency is not None
            assert authority.emergency.state is State.DECLARED
            assert authority.emergency.open_on(AT.date())
            assert emergencies.find(register, authority, EMERGENCY) == authority.emergency
    assert chosen["administrator"] == set()
    assert chosen["tracer"] == {"contact_tracing", "isolation_follow_up"}
    assert chosen["command"] == {"situation_monitoring", "resource_allocation", "publication"}
    assert chosen["officer"] == {"oversight", "data_subject_rights"}
    assert all(chosen[login] for login in chosen if login != "administrator")
