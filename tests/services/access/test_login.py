"""Logging in: what a person needs, what a stranger gets."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import time
from pathlib import Path

import pytest

from bianque.model.account import Step
from bianque.model.errors import LogInRefused, MustWait, NotLoggedIn
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.safeguard import session_rules
from bianque.services import enrolment, login, sessions
from bianque.services.login import NewSession, Ticket

from .people import AT, Person, events, first_people

Begun = tuple[Register, dict[str, Person]]


def after(**passed: float) -> dt.datetime:
    return AT + dt.timedelta(**passed)


def test_the_first_log_in_asks_for_a_password_and_an_authenticator_of_one_s_own(begun: Begun) -> None:
    _, people = begun
    session = people["lan"].first_log_in()
    assert session.expires == after(minutes=15)
    authority = people["lan"].authority(AT)
    assert (authority.account, authority.organisation, authority.role) == ("lan", "headquarters", "command")
    assert authority.strong
    assert authority.proved == AT
    assert isinstance(people["lan"].log_in(after(minutes=1)), NewSession)


def test_the_one_time_password_is_none_any_more(begun: Begun) -> None:
    register, people = begun
    told = people["lan"].password
    people["lan"].first_log_in()
    with pytest.raises(LogInRefused):
        login.first_step(register, "lan", told, after(minutes=1))


def test_a_one_time_password_runs_out(begun: Begun) -> None:
    register, people = begun
    with pytest.raises(LogInRefused, match="run out"):
        login.first_step(register, "lan", people["lan"].password, AT + session_rules.ONE_TIME)


def test_nobody_gets_past_the_second_factor_by_enrolling_another(begun: Begun) -> None:
    """Who stole a password has a ticket; it opens neither the enrolment nor the change of the password."""
    register, people = begun
    people["lan"].first_log_in()
    ticket = login.first_step(register, "lan", people["lan"].password, after(minutes=1))
    assert ticket.step is Step.CODE
    for act in (
        lambda: enrolment.begin_totp(register, ticket.token, after(minutes=1)),
        lambda: login.new_password(register, ticket.token, "gibbon onward mistake", after(minutes=1)),
        lambda: sessions.authority_of(register, ticket.token, after(minutes=1)),
    ):
        with pytest.raises((LogInRefused, NotLoggedIn)):
            act()


def test_a_code_counts_once(begun: Begun) -> None:
    register, people = begun
    people["lan"].first_log_in()
    code, at = people["lan"].code(after(minutes=1)), after(minutes=1)
    login.log_in(register, "lan", people["lan"].password, code, at)
    with pytest.raises(LogInRefused):
        login.log_in(register, "lan", people["lan"].password, code, at)


@pytest.mark.parametrize(("seconds", "counts"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_half_a_minute_off(begun: Begun, seconds: int, counts: bool) -> None:
    register, people = begun
    people["lan"].first_log_in()
    code = people["lan"].code(after(minutes=10, seconds=seconds))
    if counts:
        login.log_in(register, "lan", people["lan"].password, code, after(minutes=10))
    else:
        with pytest.raises(LogInRefused):
            login.log_in(register, "lan", people["lan"].password, code, after(minutes=10))


def test_a_ticket_counts_once_and_for_ten_minutes(begun: Begun) -> None:
    register, people = begun
    people["lan"].first_log_in()
    at = after(minutes=1)
    ticket = login.first_step(register, "lan", people["lan"].password, at)
    login.second_step(register, ticket.token, people["lan"].code(at), at)
    with pytest.raises(LogInRefused, match="timed out"):
        login.second_step(register, ticket.token, people["lan"].code(after(minutes=2)), after(minutes=2))
    late = login.first_step(register, "lan", people["lan"].password, at)
    with pytest.raises(LogInRefused, match="timed out"):
        login.second_step(register, late.token, people["lan"].code(after(minutes=11)), after(minutes=11))


@pytest.mark.parametrize("typed", ["nobody", "lan", "bo\0", "x" * 5000, "\ud800", ""])
def test_a_wrong_log_in_gets_the_same_answer_whoever_it_is(begun: Begun, typed: str) -> None:
    register, _ = begun
    with pytest.raises(LogInRefused) as refused:
        login.first_step(register, typed, "wrong \ud800 password", AT)
    assert refused.value.what == "The login, the password or the code is not right."
    assert [e["outcome"] for e in events(register) if e["action"] == "log_in"] == ["deny"]


def test_what_a_stranger_typed_is_not_in_the_audit(begun: Begun) -> None:
    register, _ = begun
    with pytest.raises(LogInRefused):
        login.first_step(register, "correct-horse-battery", "x", AT)
    assert "correct-horse" not in json.dumps(events(register))


def test_each_guess_waits_twice_as_long_as_the_one_before(begun: Begun) -> None:
    register, people = begun
    people["lan"].first_log_in()
    at, waits = after(minutes=20), []
    for _ in range(9):
        try:
            login.first_step(register, "lan", "not this one", at, address="203.0.113.5")
        except MustWait as wait:
            waits.append(wait.seconds)
            at += dt.timedelta(seconds=wait.seconds)
        except LogInRefused:
            continue
    assert waits == [1, 2, 4]
    with pytest.raises(LogInRefused):
        login.first_step(register, "lan", "not this one", at, address="203.0.113.5")
    with pytest.raises(MustWait):  # even the right one is not looked at
        login.first_step(register, "lan", people["lan"].password, at, address="203.0.113.5")


def test_strangers_who_guess_at_an_account_do_not_keep_its_person_out(begun: Begun) -> None:
    register, people = begun
    people["lan"].first_log_in()
    people["lan"].log_in(after(minutes=1), address="198.51.100.7")
    at = after(minutes=30)
    for stranger in range(40):
        with pytest.raises(LogInRefused):
            login.first_step(register, "lan", "not this one", at, address=f"203.0.113.{stranger}")
    with pytest.raises(MustWait):
        login.first_step(register, "lan", "not this one", at, address="203.0.113.200")
    assert people["lan"].log_in(at, address="198.51.100.7")


def test_many_addresses_of_one_ipv6_subscriber_are_one(begun: Begun) -> None:
    register, _ = begun
    for host in range(4):
        with pytest.raises(LogInRefused):
            login.first_step(register, "lan", "not this one", AT, address=f"2001:db8::{host}")
    with pytest.raises(MustWait):
        login.first_step(register, "lan", "not this one", AT, address="2001:db8::9")


def test_codes_cannot_be_tried_through_either(begun: Begun) -> None:
    register, people = begun
    people["lan"].first_log_in()
    at = after(minutes=20)
    refusals = []
    for _ in range(8):
        ticket = login.first_step(register, "lan", people["lan"].password, at)
        with pytest.raises(LogInRefused) as refused:
            login.second_step(register, ticket.token, "000000", at)
        refusals.append(type(refused.value))
    assert refusals[:6] == [LogInRefused] * 6
    assert refusals[6:] == [MustWait] * 2


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short one", "too short"),
        ("x" * 129, "too long"),
        ("password1234", "easy to guess"),
        ("Headquarters2026!", "easy to guess"),
        ("lan-lan-lan-lan", "easy to guess"),
        ("1qaz2wsx3edc", "easy to guess"),
        ("woaini5201314", "easy to guess"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(begun: Begun, password: str, why: str) -> None:
    register, people = begun
    ticket = login.first_step(register, "lan", people["lan"].password, AT)
    with pytest.raises(LogInRefused, match=why):
        login.new_password(register, ticket.token, password, AT)


def test_the_one_time_password_cannot_be_kept(begun: Begun) -> None:
    register, people = begun
    ticket = login.first_step(register, "lan", people["lan"].password, AT)
    with pytest.raises(LogInRefused, match="is the old one"):
        login.new_password(register, ticket.token, people["lan"].password, AT)


def test_a_log_in_interrupted_after_the_new_password_goes_on_with_it(begun: Begun) -> None:
    register, people = begun
    ticket = login.first_step(register, "lan", people["lan"].password, AT)
    login.new_password(register, ticket.token, "gibbon onward splashy", AT)
    again = login.first_step(register, "lan", "gibbon onward splashy", AT)
    assert again.step is Step.ENROL
    with pytest.raises(LogInRefused):
        enrolment.finish_totp(register, again.token, "000000", AT)
    assert isinstance(ticket, Ticket)


def test_neither_token_nor_secret_nor_address_stands_in_the_register(tmp_path: Path) -> None:
    register = registers.create(tmp_path / "register")
    lan = first_people(register)["lan"]
    lan.first_log_in()
    lan.log_in(after(minutes=1), address="198.51.100.7")
    stored = b"".join(path.read_bytes() for path in register.at_rest.glob("*.sqlite*"))
    assert b"headquarters" in stored
    for secret in (lan.token, lan.secret, lan.password, "198.51.100.7"):
        assert secret.encode() not in stored
    register.close()


def test_a_password_of_the_list_beside_the_register_is_refused(begun: Begun) -> None:
    register, people = begun
    (register.at_rest / "blocked_passwords.txt").write_bytes(b"gibbon onward splashy\r\nanother of them\n")
    ticket = login.first_step(register, "lan", people["lan"].password, AT)
    with pytest.raises(LogInRefused, match="easy to guess"):
        login.new_password(register, ticket.token, "gibbon onward splashy", AT)
    assert login.new_password(register, ticket.token, "gibbon onward splashy!", AT)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(begun: Begun) -> None:
    """A hash takes a hundred times as long as all else: whoever left it out would show."""
    register, _ = begun
    took: dict[str, list[float]] = {"lan": [], "nobody": []}
    for round_ in range(5):
        for typed, times in took.items():
            began = time.perf_counter()
            with pytest.raises(LogInRefused):
                login.first_step(register, typed, "not this one", after(hours=round_))
            times.append(time.perf_counter() - began)
    assert 0.4 < statistics.median(took["nobody"]) / statistics.median(took["lan"]) < 2.5
