"""Passkeys: registered, used as the second factor of a log-in or to prove oneself again, listed and removed."""

from __future__ import annotations

import datetime as dt

from bianque.model.account import Account, Act, Step
from bianque.model.errors import BadInput, LogInRefused, MustWait
from bianque.registry import accounts, passkeys, sessions
from bianque.registry.passkeys import Passkey
from bianque.registry.register import Register, Transaction
from bianque.safeguard import passkeys as ceremonies
from bianque.safeguard import second_factor, session_rules
from bianque.safeguard.passkeys import Key, Site
from bianque.services import guessing
from bianque.services.account_events import record
from bianque.services.enrolment import enrolled, enrolling
from bianque.services.login import NewSession, Ticket, advance, factor_key, over, ticket_account, wrong
from bianque.services.sessions import current, current_proved, proved

REGISTER, USE = "passkey registration", "passkey use"


def registration_options(register: Register, bearer: str, site: Site, at: dt.datetime) -> str:
    """What the browser is asked to make a passkey, as JSON for `navigator.credentials.create`.

    bearer  a ticket whose next step is to enrol, or the token of a session that was proved just now
    raises  LogInRefused  when it is neither; NotLoggedIn
    """
    with register.system() as transaction:
        account = enrolling(transaction, bearer, at)
        challenge = _begin(register, transaction, bearer, REGISTER, at)
        has = [one.id for one in passkeys.of(transaction, account.id)]
        return ceremonies.registration(site, account.id, challenge, has)


def add(register: Register, bearer: str, answer: str, site: Site, at: dt.datetime) -> Ticket | NewSession:
    """The passkey that the browser made, as its JSON answer; it is a second factor from now on.

    raises  LogInRefused  when the answer is not right, to no challenge of this bearer, or of a passkey that is
            registered already; NotLoggedIn
    """
    with register.system() as transaction:
        account = enrolling(transaction, bearer, at)
        challenge = _finish(register, transaction, bearer, REGISTER, at)
        key = ceremonies.registered(site, answer, challenge) if challenge else None
        new = Passkey(key.id, account.id, key.public_key, key.sign_count, at) if key else None
        if new is not None and passkeys.add(transaction, new):
            return enrolled(register, transaction, bearer, account, at)
        refused = "passkey-known" if new else "wrong-passkey"
        record(transaction, account, Act.ENROL, at, refused=refused)
    raise wrong("passkey")


def challenge_options(register: Register, bearer: str, site: Site, at: dt.datetime) -> str:
    """What the browser is asked to use a passkey, as JSON for `navigator.credentials.get`.

    bearer  a ticket whose next step is the second factor, or the token of a session
    raises  LogInRefused, NotLoggedIn  when it is neither
    """
    with register.system() as transaction:
        account = _challenged(transaction, bearer, at)
        challenge = _begin(register, transaction, bearer, USE, at)
        return ceremonies.authentication(site, challenge, [one.id for one in passkeys.of(transaction, account.id)])


def second_step(
    register: Register, ticket: str, answer: str, site: Site, at: dt.datetime, *, address: str = ""
) -> Ticket | NewSession:
    """The second factor of a log-in, by passkey.

    raises  LogInRefused  when the answer is not right, or the ticket is over; MustWait after too many failures
    """
    digest = session_rules.digest(ticket)
    with register.system() as transaction:
        account = ticket_account(transaction, digest, at, Step.CODE)
        wrongly = _use(register, transaction, ticket, account, answer, site, at)
        if wrongly is None:
            return advance(register, transaction, digest, account, at, address=address)
        record(transaction, account, Act.LOG_IN, at, refused="wrong-passkey")
    raise wrongly


def prove(register: Register, token: str, answer: str, site: Site, at: dt.datetime) -> NewSession:
    """The second factor given again, by passkey: the session goes on under another token.

    raises  LogInRefused  when the answer is not right; NotLoggedIn; MustWait
    """
    with register.system() as transaction:
        session, account = current(transaction, token, at)
        wrongly = _use(register, transaction, token, account, answer, site, at)
        if wrongly is None:
            return proved(transaction, session, account, at)
        record(transaction, account, Act.PROVE, at, refused="wrong-passkey", session=session.digest)
    raise wrongly


def own(register: Register, token: str, at: dt.datetime) -> list[Passkey]:
    """The passkeys of whoever asks, oldest first."""
    with register.system() as transaction:
        _, account = current(transaction, token, at)
        return passkeys.of(transaction, account.id)


def remove(register: Register, token: str, id_: str, at: dt.datetime) -> None:
    """Remove a passkey of one's own, just proved; the last second factor stays.

    raises  BadInput  when there is no such passkey, or no other second factor; LogInRefused, NotLoggedIn
    """
    with register.system() as transaction:
        _, account = current_proved(transaction, token, at)
        kept = accounts.credentials(transaction, account.id)
        mine = [one.id for one in passkeys.of(transaction, account.id)]
        if id_ not in mine:
            raise BadInput("you have no such passkey", kept="your second factors as they are")
        if len(mine) == 1 and (kept is None or kept.totp is None):
            raise BadInput(
                "this passkey is your only second factor",
                kept="it, as it is",
                remedy="set up another second factor first",
            )
        passkeys.remove(transaction, account.id, id_)
        record(transaction, account, Act.ENROL, at, reason="passkey removed")


def _challenged(transaction: Transaction, bearer: str, at: dt.datetime) -> Account:
    digest = session_rules.digest(bearer)
    if sessions.find_ticket(transaction, digest, at) is not None:
        return ticket_account(transaction, digest, at, Step.CODE)
    return current(transaction, bearer, at)[1]


def _begin(register: Register, transaction: Transaction, bearer: str, kind: str, at: dt.datetime) -> bytes:
    """A challenge that this bearer's next answer must be to."""
    challenge, digest = ceremonies.new_challenge(), session_rules.digest(bearer)
    sealed = second_factor.seal(factor_key(register), challenge, f"{kind} {digest}")
    sessions.begin(transaction, digest, kind, sealed, at + session_rules.TICKET)
    return challenge


def _finish(register: Register, transaction: Transaction, bearer: str, kind: str, at: dt.datetime) -> bytes | None:
    """The challenge of a ceremony, which is over with it, however it ends."""
    digest = session_rules.digest(bearer)
    sealed = sessions.under_way(transaction, digest, kind, at)
    if sealed is None:
        return None
    sessions.finish(transaction, digest, kind)
    return second_factor.unseal(factor_key(register), sealed, f"{kind} {digest}")


def _use(
    register: Register,
    transaction: Transaction,
    bearer: str,
    account: Account,
    answer: str,
    site: Site,
    at: dt.datetime,
) -> LogInRefused | None:
    """Use a passkey; when its answer does not count, what to raise once the transaction has kept the failure."""
    guess = guessing.counted(register, transaction, account.id, "", at, code=True)
    if isinstance(guess, MustWait):
        return guess
    challenge = _finish(register, transaction, bearer, USE, at)
    if challenge is None:
        return over()
    keys = [Key(one.id, one.public_key, one.sign_count) for one in passkeys.of(transaction, account.id)]
    found = ceremonies.used(site, answer, challenge, keys)
    if found is None or not passkeys.used(transaction, found[0].id, found[0].sign_count, found[1]):
        return wrong("passkey")
    guessing.right(register, transaction, guess)
    return None
