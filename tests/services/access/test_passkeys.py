"""Passkeys: a second factor that no other page, no copy and no replay can give."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from bianque.model.account import Step
from bianque.model.errors import BadInput, LogInRefused
from bianque.registry.register import Register
from bianque.safeguard.passkeys import Site
from bianque.services import login, passkeys
from bianque.services.login import NewSession, Ticket

from .authenticator import Authenticator
from .people import AT, Person, events

Entered = tuple[Register, dict[str, Person]]
SITE = Site("bianque.example", "https://bianque.example")


def after(**passed: float) -> dt.datetime:
    return AT + dt.timedelta(**passed)


def holder(register: Register, lan: Person) -> Authenticator:
    """A passkey that lan has added beside the authenticator application."""
    device = Authenticator(SITE.host, SITE.origin)
    answer = device.create(passkeys.registration_options(register, lan.token, SITE, AT))
    session = passkeys.add(register, lan.token, answer, SITE, AT)
    assert isinstance(session, NewSession)
    lan.token = session.token
    return device


def ticket(lan: Person, at: dt.datetime) -> Ticket:
    given = login.first_step(lan.register, lan.login, lan.password, at)
    assert given.step is Step.CODE
    return given


def test_a_passkey_is_the_second_factor_of_a_log_in(entered: Entered) -> None:
    register, lan = entered[0], entered[1]["lan"]
    device, at = holder(register, lan), after(minutes=1)
    given = ticket(lan, at)
    assert given.passkey
    answer = device.get(passkeys.challenge_options(register, given.token, SITE, at))
    assert isinstance(passkeys.second_step(register, given.token, answer, SITE, at), NewSession)


def test_a_passkey_alone_can_be_set_up_at_the_first_log_in(begun: Entered) -> None:
    register, lan = begun[0], begun[1]["lan"]
    first = login.first_step(register, "lan", lan.password, AT)
    second = login.new_password(register, first.token, "gibbon onward splashy", AT)
    assert isinstance(second, Ticket)
    device = Authenticator(SITE.host, SITE.origin)
    answer = device.create(passkeys.registration_options(register, second.token, SITE, AT))
    session = passkeys.add(register, second.token, answer, SITE, AT)
    assert isinstance(session, NewSession)
    (key,) = passkeys.own(register, session.token, AT)
    with pytest.raises(BadInput, match="only second factor"):
        passkeys.remove(register, session.token, key.id, AT)


def test_a_passkey_proves_a_session_again(entered: Entered) -> None:
    register, lan = entered[0], entered[1]["lan"]
    device, at = holder(register, lan), after(minutes=10)
    answer = device.get(passkeys.challenge_options(register, lan.token, SITE, at))
    lan.token = passkeys.prove(register, lan.token, answer, SITE, at).token
    assert lan.authority(at).proved == at


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://bianque.example.evil"},
        {"host": "evil.example"},
        {"verifies": False},
        {"count": -1},
        {"key": Authenticator("", "").key},
        {"id": b"another"},
    ],
    ids=["another page", "another host", "no PIN", "a copy that fell behind", "another key", "another passkey"],
)
def test_an_answer_that_is_not_quite_right_is_refused(entered: Entered, changed: dict[str, object]) -> None:
    register, lan = entered[0], entered[1]["lan"]
    device, at = holder(register, lan), after(minutes=1)
    device.count = 5
    given = ticket(lan, at)
    answer = device.get(passkeys.challenge_options(register, given.token, SITE, at))
    passkeys.second_step(register, given.token, answer, SITE, at)
    other = dataclasses.replace(device, **changed)  # type: ignore[arg-type]
    given = ticket(lan, at)
    answer = other.get(passkeys.challenge_options(register, given.token, SITE, at))
    with pytest.raises(LogInRefused):
        passkeys.second_step(register, given.token, answer, SITE, at)


def test_an_answer_counts_once_and_to_its_own_challenge(entered: Entered) -> None:
    register, lan = entered[0], entered[1]["lan"]
    device, at = holder(register, lan), after(minutes=1)
    given = ticket(lan, at)
    answer = device.get(passkeys.challenge_options(register, given.token, SITE, at))
    other = ticket(lan, at)
    with pytest.raises(LogInRefused):
        passkeys.second_step(register, other.token, answer, SITE, at)
    passkeys.challenge_options(register, other.token, SITE, at)
    with pytest.raises(LogInRefused):
        passkeys.second_step(register, other.token, answer, SITE, at)


def test_a_passkey_counts_for_the_account_it_was_registered_on_alone(entered: Entered) -> None:
    register, lan, bo = entered[0], entered[1]["lan"], entered[1]["bo"]
    device, at = holder(register, lan), after(minutes=1)
    holder(register, bo)
    given = ticket(bo, at)
    answer = device.get(passkeys.challenge_options(register, given.token, SITE, at))
    with pytest.raises(LogInRefused):
        passkeys.second_step(register, given.token, answer, SITE, at)
    answer = device.get(passkeys.challenge_options(register, bo.token, SITE, at))
    with pytest.raises(LogInRefused):
        passkeys.prove(register, bo.token, answer, SITE, at)


def test_a_passkey_of_somebody_else_is_registered_on_no_second_account(entered: Entered) -> None:
    """Neither the same one, nor another that says it has the same id (WebAuthn level 2, 7.1, step 22)."""
    register, lan, bo = entered[0], entered[1]["lan"], entered[1]["bo"]
    device = holder(register, lan)
    for same in (device, Authenticator(SITE.host, SITE.origin, id=device.id)):
        answer = same.create(passkeys.registration_options(register, bo.token, SITE, AT))
        with pytest.raises(LogInRefused):
            passkeys.add(register, bo.token, answer, SITE, AT)
        assert events(register)[-1]["rule"] == "passkey-known"  # which the desk explains: the answer was not wrong
    assert passkeys.own(register, bo.token, AT) == []
    at = after(minutes=1)
    answer = device.get(passkeys.challenge_options(register, lan.token, SITE, at))
    assert passkeys.prove(register, lan.token, answer, SITE, at).account == "lan"


def test_an_answer_in_one_session_is_none_in_another(entered: Entered) -> None:
    """To prove oneself, and to register: of the same person's other session, and of somebody else's."""
    register, lan, bo = entered[0], entered[1]["lan"], entered[1]["bo"]
    device, at, first = holder(register, lan), after(minutes=1), lan.token
    answer = device.get(passkeys.challenge_options(register, first, SITE, at))
    second = lan.log_in(at).token
    for also_asked in (False, True):
        if also_asked:
            passkeys.challenge_options(register, second, SITE, at)
        with pytest.raises(LogInRefused):
            passkeys.prove(register, second, answer, SITE, at)
    made = Authenticator(SITE.host, SITE.origin).create(passkeys.registration_options(register, second, SITE, at))
    passkeys.registration_options(register, bo.token, SITE, at)
    with pytest.raises(LogInRefused):
        passkeys.add(register, bo.token, made, SITE, at)
    assert passkeys.own(register, bo.token, at) == []


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": 5}', "\ud800", "x" * 30_000])
def test_an_answer_that_is_none_is_refused(entered: Entered, answer: str) -> None:
    register, lan = entered[0], entered[1]["lan"]
    holder(register, lan)
    given = ticket(lan, after(minutes=1))
    passkeys.challenge_options(register, given.token, SITE, after(minutes=1))
    with pytest.raises(LogInRefused):
        passkeys.second_step(register, given.token, answer, SITE, after(minutes=1))
    passkeys.registration_options(register, lan.token, SITE, after(minutes=1))
    with pytest.raises(LogInRefused):
        passkeys.add(register, lan.token, answer, SITE, after(minutes=1))


def test_a_passkey_is_added_and_removed_by_who_proved_it_just_now(entered: Entered) -> None:
    register, lan = entered[0], entered[1]["lan"]
    holder(register, lan)
    (key,) = passkeys.own(register, lan.token, AT)
    with pytest.raises(LogInRefused, match="needed again"):
        passkeys.registration_options(register, lan.token, SITE, after(minutes=6))
    with pytest.raises(LogInRefused, match="needed again"):
        passkeys.remove(register, lan.token, key.id, after(minutes=6))
    passkeys.remove(register, lan.token, key.id, AT)
    assert passkeys.own(register, lan.token, AT) == []


def test_a_ticket_of_an_enrolled_account_adds_no_passkey(entered: Entered) -> None:
    register, lan = entered[0], entered[1]["lan"]
    given = ticket(lan, after(minutes=1))
    with pytest.raises(LogInRefused):
        passkeys.registration_options(register, given.token, SITE, after(minutes=1))
