"""Sessions: who acts now, in which emergency and for which purpose; proved again, listed, ended.

The authority is made anew for each request from what the register says then: an account that was disabled, a grant
that was revoked and an emergency that was closed count at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bianque.model.account import Account, Act, Choice
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.catalogue import both
from bianque.model.emergency import Emergency, State
from bianque.model.errors import BadInput, LogInRefused, NotLoggedIn
from bianque.registry import accounts, break_glass, emergencies, grants, organisations, sessions
from bianque.registry.register import Register, Transaction
from bianque.registry.sessions import Session
from bianque.safeguard import session_rules
from bianque.services import gate, release_ends
from bianque.services.account_events import record
from bianque.services.login import NewSession, use_code

# What an office works for without a grant; whoever sees persons has a grant for it.
OF_OFFICE = {
    Role.COMMAND: (Purpose.SITUATION_MONITORING, Purpose.RESOURCE_ALLOCATION, Purpose.PUBLICATION),
    Role.EPIDEMIOLOGIST: (Purpose.SITUATION_MONITORING,),
    Role.DPO: (Purpose.OVERSIGHT, Purpose.DATA_SUBJECT_RIGHTS),
}


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of a person's sessions, as shown to them. `id` is the beginning of its digest, which opens nothing."""

    id: str
    started: dt.datetime
    seen: dt.datetime
    current: bool


def authority_of(register: Register, token: str, at: dt.datetime, *, seen: bool = True) -> Authority:
    """Who acts under a session token. What of the releases of their emergency is over ends before they read anything.

    seen    a person did something; without it the session stays as idle as it was
    raises  NotLoggedIn  when the session is unknown, ended, idle for too long, or its account was disabled
    """
    with register.system() as transaction:
        session, account = current(transaction, token, at)
        if seen and at - session.seen >= session_rules.SEEN_EVERY:
            sessions.touch(transaction, session.digest, at)
        body = organisations.find(transaction, account.organisation)
        if body is None:
            raise NotLoggedIn(f"the organisation {account.organisation} of this account is not in the register")
        given = [one.grant for one in grants.of(transaction, account.id) if one.counts]
        within = session.emergency
        chosen = emergencies.find(transaction, within) if within else None
        if chosen is not None:
            release_ends.end_in(transaction, chosen, at)
        return Authority(
            account=account.id,
            organisation=account.organisation,
            agency=account.agency,
            role=account.role,
            kind=body.kind,
            at=at,
            emergency=chosen,
            purpose=Purpose(session.purpose) if session.purpose else None,
            basis=session.basis or None,
            grants=tuple(given),
            strong=True,  # nobody has a session without a second factor
            proved=session.proved,
            glass=break_glass.in_force(transaction, account.id, within, at) if within else None,
            session=session.digest,
        )


def choices(register: Register, token: str, at: dt.datetime) -> list[Choice]:
    """The emergencies and purposes a session may work under: those of the account's grants, and those of its office.

    What several grants give is one choice, for as long as the longest of them lasts.
    """
    with register.system() as transaction:
        _, account = current(transaction, token, at)
        longest: dict[tuple[str, Purpose, str], Choice] = {}
        for choice in sorted(_choices(transaction, account, at), key=_ends):
            longest[choice.emergency, choice.purpose, choice.basis] = choice
        return list(longest.values())


def _ends(choice: Choice) -> dt.datetime:
    return choice.until or dt.datetime.max.replace(tzinfo=dt.UTC)


def choose(
    register: Register, token: str, emergency: str, purpose: Purpose, at: dt.datetime, *, basis: str = ""
) -> None:
    """Work under one emergency for one purpose from now on, on the basis of the grant.

    basis   which, where grants for the purpose rest on several
    raises  BadInput  when the account has no such choice, which is on record
    """
    with register.system() as transaction:
        session, account = current(transaction, token, at)
        fitting = [
            one
            for one in _choices(transaction, account, at)
            if (one.emergency, one.purpose) == (emergency, purpose) and basis in ("", one.basis)
        ]
        chosen = f"{fitting[0].emergency} {purpose}" if fitting else ""
        refused = "" if fitting else "no-grant-to-choose"
        record(transaction, account, Act.CHOOSE, at, refused=refused, session=session.digest, reason=chosen)
        if fitting:
            sessions.choose(transaction, session.digest, emergency, purpose, fitting[0].basis)
    if not fitting:
        raise BadInput(
            f"there is no grant to work for {purpose} in that emergency",
            kept="the session as it is",
            remedy="choose one of your grants, or ask the command body for one",
        )


def prove(register: Register, token: str, code: str, at: dt.datetime) -> NewSession:
    """The second factor given again: the session goes on under another token, and for five minutes counts as proved.

    raises  LogInRefused  when the code is wrong or was used; NotLoggedIn when there is no such session
    """
    with register.system() as transaction:
        session, account = current(transaction, token, at)
        wrongly = use_code(register, transaction, account, code, at)
        if wrongly is None:
            return proved(transaction, session, account, at)
        record(transaction, account, Act.PROVE, at, refused="wrong-code", session=session.digest)
    raise wrongly


def proved(transaction: Transaction, session: Session, account: Account, at: dt.datetime) -> NewSession:
    """The session under another token, proved now."""
    token = session_rules.new_token()
    sessions.rotate(transaction, session.digest, session_rules.digest(token), at)
    record(transaction, account, Act.PROVE, at, session=session_rules.digest(token))
    return NewSession(token, account.id, session_rules.lasts_until(session.started, at))


def log_out(register: Register, token: str, at: dt.datetime) -> None:
    """End the session; one that has ended already is no error."""
    with register.system() as transaction:
        session = sessions.find(transaction, session_rules.digest(token))
        if session is not None:
            sessions.end(transaction, session.digest)
            record(transaction, accounts.find(transaction, session.account), Act.LOG_OUT, at, session=session.digest)


def own(register: Register, token: str, at: dt.datetime) -> list[OwnSession]:
    """The sessions of whoever asks, newest first."""
    with register.system() as transaction:
        session, account = current(transaction, token, at)
        lasting = [
            one for one in sessions.of(transaction, account.id) if session_rules.lasts(one.started, one.seen, at)
        ]
        return [OwnSession(one.digest[:16], one.started, one.seen, one.digest == session.digest) for one in lasting]


def end_own(register: Register, token: str, id_: str, at: dt.datetime) -> None:
    """End another session of one's own.

    raises  BadInput  when one has no such session
    """
    with register.system() as transaction:
        _, account = current(transaction, token, at)
        ended = [one for one in sessions.of(transaction, account.id) if one.digest[:16] == id_]
        for one in ended:
            sessions.end(transaction, one.digest)
            record(transaction, account, Act.END_SESSION, at, session=one.digest)
        if not ended:
            record(transaction, account, Act.END_SESSION, at, refused=gate.NOT_THERE.rule)
    if not ended:
        raise BadInput("you have no such session", kept="the sessions as they are", remedy="it may have ended already")


def current(transaction: Transaction, token: str, at: dt.datetime) -> tuple[Session, Account]:
    """A session that lasts, and its account.

    raises  NotLoggedIn  when it does not
    """
    session = sessions.find(transaction, session_rules.digest(token))
    account = accounts.find(transaction, session.account) if session else None
    if session is None or account is None or account.disabled_at is not None:
        raise NotLoggedIn("nobody is logged in", remedy="log in")
    if not session_rules.lasts(session.started, session.seen, at):
        raise NotLoggedIn("the session was idle or open for too long and has ended", remedy="log in again")
    return session, account


def current_proved(transaction: Transaction, token: str, at: dt.datetime) -> tuple[Session, Account]:
    """A session that lasts and gave its second factor just now.

    raises  NotLoggedIn  when it does not last; LogInRefused when it has to prove itself first
    """
    session, account = current(transaction, token, at)
    if not session_rules.just_proved(session.proved, at):
        raise LogInRefused("code", both("login_prove_first"), both("login_prove_first_remedy"))
    return session, account


def _choices(transaction: Transaction, account: Account, at: dt.datetime) -> Iterator[Choice]:
    granted = set()
    for given in grants.of(transaction, account.id):
        grant = given.grant
        if given.counts and grant.starts <= at < grant.expires:
            granted.add((grant.emergency, grant.purpose))
            yield Choice(grant.emergency, grant.purpose, grant.basis, grant.expires)
    for emergency in emergencies.listed(transaction, account.agency):
        for purpose in OF_OFFICE.get(account.role, ()):
            if (emergency.id, purpose) not in granted and _of_office(emergency, account, purpose):
                yield Choice(emergency.id, purpose, "")


def _of_office(emergency: Emergency, account: Account, purpose: Purpose) -> bool:
    if emergency.state not in (State.DECLARED, State.CLOSED):
        return False
    if account.role is Role.DPO:
        return True
    bodies = (emergency.terms.command_body, *emergency.terms.executing_bodies)
    return account.organisation in bodies and purpose in emergency.terms.purposes
