"""Logging in, step by step: the password, the second factor, and at first a password and factor of one's own.

An unknown login, a wrong password and a disabled account get the same answer after the same time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bianque.model.account import Account, Act, Step, is_login
from bianque.model.catalogue import both
from bianque.model.errors import LogInRefused, MustWait
from bianque.registry import accounts, passkeys, sessions
from bianque.registry.register import Register, Transaction
from bianque.registry.sessions import Session
from bianque.safeguard import passwords, second_factor, session_rules
from bianque.services import guessing, password_choice
from bianque.services.account_events import UNKNOWN_LOGIN, record


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right password was given; `step` is what comes next, `passkey` whether a passkey can be the second factor."""

    token: str = field(repr=False)
    account: str
    step: Step
    expires: dt.datetime
    passkey: bool = False


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session, under a token that is told once. `expires` is when it ends if nothing is done."""

    token: str = field(repr=False)
    account: str
    expires: dt.datetime


def log_in(
    register: Register, login: str, password: str, code: str | None, at: dt.datetime, *, address: str = ""
) -> NewSession:
    """A session, in one go, for an account whose first log-in is done.

    address  network address it comes from
    raises   LogInRefused  when something is wrong, or was guessed too often
    """
    ticket = first_step(register, login, password, at, address=address)
    if ticket.step is not Step.CODE:
        raise LogInRefused("password", both("login_first_missing"), both("login_first_missing_remedy"))
    if code is None:
        raise LogInRefused("code", both("login_code_missing"), both("login_code_missing_remedy"))
    after = second_step(register, ticket.token, code, at, address=address)
    if isinstance(after, Ticket):
        raise LogInRefused("password", both("login_first_missing"), both("login_first_missing_remedy"))
    return after


def first_step(register: Register, login: str, password: str, at: dt.datetime, *, address: str = "") -> Ticket:
    """The password.

    raises  LogInRefused  when login or password is wrong; MustWait when there were too many failures
    """
    login = login if is_login(login) else ""
    with register.system() as transaction:
        account, kept = accounts.find(transaction, login), accounts.credentials(transaction, login)
        guess = guessing.counted(register, transaction, login, address, at)
        if isinstance(guess, MustWait):
            _refused(transaction, account, at, "too-many-failures")
    if isinstance(guess, MustWait):
        raise guess
    right = passwords.matches(kept.password if kept else None, password)  # outside: it takes its time
    with register.system() as transaction:
        # It may have been reset meanwhile, or the account disabled: a ticket is for the password there is now.
        account, now = accounts.find(transaction, login), accounts.credentials(transaction, login)
        right = right and kept is not None and now is not None and now.password == kept.password
        if account is None or now is None or not right:
            _refused(transaction, account, at, "wrong-password" if kept else UNKNOWN_LOGIN)
        elif now.one_time_until is not None and now.one_time_until <= at:
            _refused(transaction, account, at, "one-time-password-over")
        else:
            guessing.right(register, transaction, guess)
            return next_ticket(transaction, account, at, strong=False)
    if right:
        raise LogInRefused("password", both("login_one_time_over"), both("login_one_time_over_remedy"))
    raise wrong("password")


def standing(register: Register, ticket: str, at: dt.datetime) -> Ticket:
    """Where a log-in under way stands: its next step.

    raises  LogInRefused  when the ticket is unknown or over
    """
    with register.system() as transaction:
        found = sessions.find_ticket(transaction, session_rules.digest(ticket), at)
        account = accounts.find(transaction, found.account) if found else None
        if found is None or account is None or account.disabled_at is not None:
            raise over()
        step = next_step(account, strong=found.strong)
        assert step is not None, "a ticket whose last step was done is used up"
        return Ticket(ticket, account.id, step, found.expires, passkey=bool(passkeys.of(transaction, account.id)))


def second_step(
    register: Register, ticket: str, code: str, at: dt.datetime, *, address: str = ""
) -> Ticket | NewSession:
    """The code of the second factor.

    raises  LogInRefused  when it is wrong, was used before, or the ticket is over; MustWait after too many failures
    """
    digest = session_rules.digest(ticket)
    with register.system() as transaction:
        account = ticket_account(transaction, digest, at, Step.CODE)
        wrongly = use_code(register, transaction, account, code, at)
        if wrongly is None:
            return advance(register, transaction, digest, account, at, address=address)
        _refused(transaction, account, at, "wrong-code")
    raise wrongly


def new_password(register: Register, ticket: str, password: str, at: dt.datetime) -> Ticket | NewSession:
    """A password of one's own in place of the one-time password.

    raises  LogInRefused  when it is easy to guess, the old one, or the ticket is over
    """
    digest = session_rules.digest(ticket)
    with register.system() as transaction:
        account = ticket_account(transaction, digest, at, Step.PASSWORD)
        password_choice.check(register, transaction, account, password)
    fresh = passwords.hashed(password)
    with register.system() as transaction:
        found = sessions.find_ticket(transaction, digest, at)
        if found is None:
            raise over()
        accounts.set_password(transaction, account.id, fresh)
        record(transaction, account, Act.CHANGE_PASSWORD, at)
        now = accounts.find(transaction, account.id) or account
        return advance(register, transaction, digest, now, at, strong=found.strong)


def next_step(account: Account, *, strong: bool) -> Step | None:
    """What an account's person still has to do to be logged in; `strong`: the second factor was given."""
    if account.enrolled and not strong:
        return Step.CODE
    if account.one_time:
        return Step.PASSWORD
    return None if account.enrolled else Step.ENROL


def next_ticket(transaction: Transaction, account: Account, at: dt.datetime, *, strong: bool) -> Ticket:
    """A ticket for the next step."""
    token, expires = session_rules.new_token(), at + session_rules.TICKET
    step = next_step(account, strong=strong)
    assert step is not None, "nobody is logged in by a password alone"
    sessions.add_ticket(transaction, sessions.Ticket(session_rules.digest(token), account.id, strong, expires))
    return Ticket(token, account.id, step, expires, passkey=bool(passkeys.of(transaction, account.id)))


def advance(
    register: Register,
    transaction: Transaction,
    digest: str,
    account: Account,
    at: dt.datetime,
    *,
    strong: bool = True,
    address: str = "",
) -> Ticket | NewSession:
    """What follows a step that was done: another ticket, or the session. The ticket given is used up.

    raises  LogInRefused  when somebody else used it meanwhile
    """
    if not sessions.take_ticket(transaction, digest):
        raise over()
    if next_step(account, strong=strong) is not None:
        return next_ticket(transaction, account, at, strong=strong)
    sessions.sweep(transaction, at - session_rules.ABSOLUTE, at - session_rules.IDLE, at)
    guessing.logged_in(register, transaction, account.id, address, at)
    token = session_rules.new_token()
    sessions.add(transaction, Session(session_rules.digest(token), account.id, at, at, at))
    record(transaction, account, Act.LOG_IN, at, session=session_rules.digest(token))
    return NewSession(token, account.id, session_rules.lasts_until(at, at))


def ticket_account(transaction: Transaction, digest: str, at: dt.datetime, step: Step) -> Account:
    """The account of a ticket whose next step this is.

    raises  LogInRefused  when the ticket is unknown, over, or for another step
    """
    found = sessions.find_ticket(transaction, digest, at)
    account = accounts.find(transaction, found.account) if found else None
    if found is None or account is None or account.disabled_at or next_step(account, strong=found.strong) is not step:
        raise over()
    return account


def use_code(
    register: Register, transaction: Transaction, account: Account, code: str, at: dt.datetime
) -> LogInRefused | None:
    """Use a code up; when it does not count, what to raise once the transaction has kept the failure."""
    guess = guessing.counted(register, transaction, account.id, "", at, code=True)
    if isinstance(guess, MustWait):
        return guess
    kept = accounts.credentials(transaction, account.id)
    if kept is None or kept.totp is None:
        return wrong("code")
    secret = second_factor.unseal(factor_key(register), kept.totp, account.id).decode()
    step = second_factor.step_of(secret, code, at, kept.totp_step)
    if step is None or not accounts.take_step(transaction, account.id, step):
        return wrong("code")
    guessing.right(register, transaction, guess)
    return None


def factor_key(register: Register) -> bytes:
    """The key that second factors are sealed under."""
    return register.root.derive("second factor")


def wrong(name: str) -> LogInRefused:
    return LogInRefused(name, both("login_refused"), both("login_refused_remedy"))


def over() -> LogInRefused:
    return LogInRefused("ticket", both("login_over"), both("login_over_remedy"))


def _refused(transaction: Transaction, account: Account | None, at: dt.datetime, rule: str) -> None:
    record(transaction, account, Act.LOG_IN, at, refused=rule)
