"""Second factors and passwords of one's own: set up at the first log-in, changed later by who just proved theirs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from bianque.model.account import Account, Act, Step
from bianque.registry import accounts, release_shares, sessions
from bianque.registry.register import Register, Transaction
from bianque.safeguard import account_keys, passwords, second_factor, session_rules
from bianque.services import password_choice
from bianque.services.account_events import record
from bianque.services.login import NewSession, Ticket, advance, factor_key, over, ticket_account, wrong
from bianque.services.sessions import current_proved, proved

TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for an authenticator application, and the address that its QR code holds."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def begin_totp(register: Register, bearer: str, at: dt.datetime) -> Enrolment:
    """A secret to put into an authenticator; it counts once a code proves that it is there.

    bearer  a ticket whose next step it is, or the token of a session that was proved just now
    raises  LogInRefused  when it is neither; NotLoggedIn
    """
    with register.system() as transaction:
        account = enrolling(transaction, bearer, at)
        secret = second_factor.new_secret()
        digest = session_rules.digest(bearer)
        sealed = second_factor.seal(factor_key(register), secret.encode(), f"{TOTP} {digest}")
        sessions.begin(transaction, digest, TOTP, sealed, at + session_rules.TICKET)
        return Enrolment(secret, second_factor.address(secret, account.id))


def totp_under_way(register: Register, bearer: str, at: dt.datetime) -> Enrolment:
    """The secret that was begun and waits for its first code; a new one where none was.

    raises  LogInRefused, NotLoggedIn  as `begin_totp`
    """
    digest = session_rules.digest(bearer)
    with register.system() as transaction:
        account = enrolling(transaction, bearer, at)
        sealed = sessions.under_way(transaction, digest, TOTP, at)
    if sealed is None:
        return begin_totp(register, bearer, at)
    secret = second_factor.unseal(factor_key(register), sealed, f"{TOTP} {digest}").decode()
    return Enrolment(secret, second_factor.address(secret, account.id))


def finish_totp(register: Register, bearer: str, code: str, at: dt.datetime) -> Ticket | NewSession:
    """The authenticator is set up: its first code.

    raises  LogInRefused  when the code is wrong; the secret stays as it is
    """
    digest = session_rules.digest(bearer)
    with register.system() as transaction:
        account = enrolling(transaction, bearer, at)
        sealed = sessions.under_way(transaction, digest, TOTP, at)
        if sealed is None:
            raise over()
        secret = second_factor.unseal(factor_key(register), sealed, f"{TOTP} {digest}")
        step = second_factor.step_of(secret.decode(), code, at)
        if step is not None:
            sessions.finish(transaction, digest, TOTP)
            kept = second_factor.seal(factor_key(register), secret, account.id)
            accounts.set_totp(transaction, account.id, kept, step)
            return enrolled(register, transaction, bearer, account, at)
        record(transaction, account, Act.ENROL, at, refused="wrong-code")
    raise wrong("code")


def enrolling(transaction: Transaction, bearer: str, at: dt.datetime) -> Account:
    """The account that may set up a second factor.

    raises  LogInRefused, NotLoggedIn  when none may
    """
    digest = session_rules.digest(bearer)
    if sessions.find_ticket(transaction, digest, at) is not None:
        return ticket_account(transaction, digest, at, Step.ENROL)
    return current_proved(transaction, bearer, at)[1]


def enrolled(
    register: Register, transaction: Transaction, bearer: str, account: Account, at: dt.datetime
) -> Ticket | NewSession:
    """What follows the set-up: the rest of the log-in, or the session under another token and all others ended."""
    record(transaction, account, Act.ENROL, at)
    digest = session_rules.digest(bearer)
    now = accounts.find(transaction, account.id) or account
    if sessions.find_ticket(transaction, digest, at) is not None:
        return advance(register, transaction, digest, now, at)
    session, _ = current_proved(transaction, bearer, at)
    sessions.end_others(transaction, account.id, digest)
    return proved(transaction, session, now, at)


def change_password(register: Register, token: str, old: str, new: str, at: dt.datetime) -> NewSession:
    """Another password, by whoever knows the old one and gave the second factor just now; other sessions end.

    A key pair that was under the old one is under the new one, and opens its shares as before.

    raises  LogInRefused  when the old one is wrong, or the new one easy to guess; NotLoggedIn
    """
    with register.system() as transaction:
        _, account = current_proved(transaction, token, at)
        kept = accounts.credentials(transaction, account.id)
    if kept is None or not passwords.matches(kept.password, old):
        with register.system() as transaction:
            record(transaction, account, Act.CHANGE_PASSWORD, at, refused="wrong-password")
        raise wrong("password")
    fresh = passwords.hashed(new)
    with register.system() as transaction:
        session, account = current_proved(transaction, token, at)
        password_choice.check(register, transaction, account, new)
        accounts.set_password(transaction, account.id, fresh)
        if pair := release_shares.pair(transaction, account.id):  # as it is now: it may have been made meanwhile
            pair = replace(pair, sealed=account_keys.change(pair.sealed, old, new))
            release_shares.set_pair(transaction, account.id, account.agency, pair, at)
        sessions.end_others(transaction, account.id, session.digest)
        record(transaction, account, Act.CHANGE_PASSWORD, at)
        return proved(transaction, session, account, at)
