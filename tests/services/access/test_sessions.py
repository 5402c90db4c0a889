"""Sessions end when they are idle, when they are old, and when they are ended; a proof makes a new token."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.model.errors import LogInRefused, NotLoggedIn
from bianque.registry import release_shares
from bianque.registry.register import Register
from bianque.registry.release_shares import KeyPair
from bianque.safeguard import account_keys
from bianque.services import accounts, enrolment, login, release_keys, sessions
from bianque.services.login import NewSession, Ticket

from .people import AT, Person, events, person

Begun = tuple[Register, dict[str, Person]]


def after(**passed: float) -> dt.datetime:
    return AT + dt.timedelta(**passed)


@pytest.fixture
def lan(begun: Begun) -> Person:
    begun[1]["lan"].first_log_in()
    return begun[1]["lan"]


def test_a_session_that_is_idle_for_fifteen_minutes_has_ended(lan: Person) -> None:
    assert lan.authority(after(minutes=14, seconds=59))
    assert lan.authority(after(minutes=29))
    with pytest.raises(NotLoggedIn, match="idle"):
        lan.authority(after(minutes=44, seconds=1))


def test_a_session_ends_after_eight_hours_however_busy(lan: Person) -> None:
    for minutes in range(10, 480, 10):
        lan.authority(after(minutes=minutes))
    assert lan.authority(after(hours=7, minutes=59))
    with pytest.raises(NotLoggedIn):
        lan.authority(after(hours=8))


def test_who_has_logged_out_is_logged_out(lan: Person) -> None:
    sessions.log_out(lan.register, lan.token, AT)
    sessions.log_out(lan.register, lan.token, AT)
    with pytest.raises(NotLoggedIn):
        lan.authority(AT)
    assert [e["action"] for e in events(lan.register)].count("log_out") == 1


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800", "\0"])
def test_a_made_up_token_is_nobody(begun: Begun, token: str) -> None:
    with pytest.raises(NotLoggedIn):
        sessions.authority_of(begun[0], token, AT)


def test_a_proof_counts_five_minutes_and_changes_the_token(lan: Person) -> None:
    at, old = after(minutes=10), lan.token
    lan.token = sessions.prove(lan.register, old, lan.code(at), at).token
    assert lan.authority(at).proved == at
    with pytest.raises(NotLoggedIn):
        sessions.authority_of(lan.register, old, at)
    with pytest.raises(LogInRefused):
        sessions.prove(lan.register, lan.token, lan.code(at), at)


def test_a_password_is_changed_by_who_has_the_old_one_and_a_fresh_proof(lan: Person) -> None:
    new, register = "wombat onward splashy", lan.register
    with pytest.raises(LogInRefused, match="second factor is needed again"):
        enrolment.change_password(register, lan.token, lan.password, new, after(minutes=6))
    with pytest.raises(LogInRefused, match="not right"):
        enrolment.change_password(register, lan.token, "not this", new, after(minutes=1))
    other = lan.token
    lan.log_in(after(minutes=2))
    lan.token = enrolment.change_password(register, lan.token, lan.password, new, after(minutes=2)).token
    assert lan.authority(after(minutes=2))
    with pytest.raises(NotLoggedIn):
        sessions.authority_of(register, other, after(minutes=2))
    lan.password = new
    assert lan.log_in(after(minutes=4))


def test_a_key_pair_follows_a_changed_password_and_goes_with_a_lost_one(lan: Person, begun: Begun) -> None:
    register, new = lan.register, "wombat onward splashy"
    release_keys.make_key(register, lan.authority(after(minutes=1)), lan.password)
    before = pair_of(register, lan)
    lan.token = enrolment.change_password(register, lan.token, lan.password, new, after(minutes=1)).token
    changed = pair_of(register, lan)
    assert before is not None
    assert changed is not None
    assert changed.public == before.public
    assert account_keys.open(changed.sealed, new) == account_keys.open(before.sealed, lan.password)
    administrator = begun[1]["wei"]
    administrator.first_log_in()
    assert not release_keys.lacks_key(register, lan.authority(after(minutes=2)))
    told = accounts.reset_password(register, administrator.authority(after(minutes=2)), lan.login)
    assert told.key_lost
    assert pair_of(register, lan) is None
    again = person(register, told)
    again.secret = lan.secret
    ticket = login.first_step(register, lan.login, told.password, after(minutes=3))
    ticket = stepped(login.second_step(register, ticket.token, again.code(after(minutes=3)), after(minutes=3)))
    session = login.new_password(register, ticket.token, "gibbon upward splashy", after(minutes=3))
    assert release_keys.lacks_key(register, sessions.authority_of(register, session.token, after(minutes=3)))
    assert not accounts.reset_password(register, administrator.authority(after(minutes=4)), "bo").key_lost


def stepped(after_it: NewSession | Ticket) -> Ticket:
    assert isinstance(after_it, Ticket)
    return after_it


def pair_of(register: Register, person: Person) -> KeyPair | None:
    with register.system() as connection:
        return release_shares.pair(connection, person.login)


def test_another_authenticator_takes_the_place_of_the_first(lan: Person) -> None:
    at = after(minutes=1)
    fresh = enrolment.begin_totp(lan.register, lan.token, at)
    old, lan.secret = lan.secret, fresh.secret
    session = enrolment.finish_totp(lan.register, lan.token, lan.code(at), at)
    assert isinstance(session, NewSession)
    lan.log_in(after(minutes=3))
    lan.secret = old
    with pytest.raises(LogInRefused):
        lan.log_in(after(minutes=5))
