"""A register with its first accounts, and people who log in to it as they would."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import select

from bianque.model import account as acts
from bianque.model.account import OneTime, Step
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Act, Emergency, Retention, Terms
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry import accounts as kept
from bianque.registry import sessions as kept_sessions
from bianque.registry.register import Register
from bianque.registry.sessions import Session
from bianque.registry.tables.audit import audit_event
from bianque.safeguard import passwords, second_factor, session_rules
from bianque.services import accounts, emergencies, enrolment, login, sessions, setup
from bianque.services.account_events import record
from bianque.services.grants import NewGrant
from bianque.services.login import NewSession, Ticket
from bianque.services.setup import FirstLogins

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BASIS = "cn-infectious-diseases-2013-12"
OWN = "gibbon onward splashy {login}"
AGENCY = Agency("cdc", Text(zh="疾控中心", en="Disease control"))
BODY = Organisation("headquarters", "cdc", HolderKind.COMMAND, Text(zh="指挥部", en="Headquarters"))
LOGINS = FirstLogins("wei", ("lan", "bo"))


@dataclass
class Person:
    """Somebody with a password and an authenticator, who needs both to act."""

    register: Register
    login: str
    password: str
    secret: str = ""
    token: str = field(default="", repr=False)

    def code(self, at: dt.datetime) -> str:
        return second_factor.code(self.secret, at)

    def first_log_in(self, at: dt.datetime = AT) -> NewSession:
        """As the log-in page leads through it: one-time password, password of one's own, authenticator."""
        ticket = login.first_step(self.register, self.login, self.password, at)
        assert ticket.step is Step.PASSWORD
        self.password = OWN.format(login=self.login[::-1] + "!")
        after = login.new_password(self.register, ticket.token, self.password, at)
        assert isinstance(after, Ticket)
        assert after.step is Step.ENROL
        self.secret = enrolment.begin_totp(self.register, after.token, at).secret
        session = enrolment.finish_totp(self.register, after.token, self.code(at), at)
        assert isinstance(session, NewSession)
        self.token = session.token
        return session

    def enter(self, at: dt.datetime = AT) -> None:
        """What the first log-in leaves in the register, without its half a second of argon2: it is tested by itself."""
        self.password, self.secret = OWN.format(login=self.login[::-1] + "!"), second_factor.new_secret()
        sealed = second_factor.seal(login.factor_key(self.register), self.secret.encode(), self.login)
        step, self.token = second_factor.step_of(self.secret, self.code(at), at), session_rules.new_token()
        assert step is not None
        began = Session(session_rules.digest(self.token), self.login, at, at, at)
        with self.register.system() as transaction:
            kept.set_password(transaction, self.login, _hashed(self.password))
            kept.set_totp(transaction, self.login, sealed, step)
            kept_sessions.add(transaction, began)
            for act in (acts.Act.CHANGE_PASSWORD, acts.Act.ENROL, acts.Act.LOG_IN):
                record(transaction, kept.find(transaction, self.login), act, at)

    def log_in(self, at: dt.datetime, address: str = "") -> NewSession:
        session = login.log_in(self.register, self.login, self.password, self.code(at), at, address=address)
        self.token = session.token
        return session

    def authority(self, at: dt.datetime) -> Authority:
        return sessions.authority_of(self.register, self.token, at)


@cache
def _hashed(password: str) -> str:
    return passwords.hashed(password)


def first_people(register: Register) -> dict[str, Person]:
    """The three people of the first steps, with their one-time passwords."""
    told = setup.first_steps(register, AGENCY, BODY, LOGINS, AT)
    return {one.account: person(register, one) for one in told}


def person(register: Register, told: OneTime) -> Person:
    return Person(register, told.account, told.password)


def another(register: Register, by: Authority, login_: str, role: Role, organisation: str = "headquarters") -> Person:
    """Somebody whose account an administrator makes."""
    return person(register, accounts.create(register, by, login_, organisation, role))


def terms(**changed: Any) -> Terms:
    """The terms of an emergency of the headquarters, open on the day of `AT`."""
    same = Text(zh="不明原因肺炎", en="Pneumonia of unknown cause")
    given: dict[str, Any] = {
        "name": same,
        "command_body": "headquarters",
        "start_condition": same,
        "legal_bases": (BASIS,),
        "purposes": (Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP, Purpose.SITUATION_MONITORING),
        "regions": ("420000",),
        "starts": AT.date(),
        "review": AT.date() + dt.timedelta(days=30),
        "ends": AT.date() + dt.timedelta(days=90),
        "retention": Retention(identified_days=30, pseudonymous_days=365, audit_days=365),
        "disposal": same,
        "disposal_by": "headquarters",
    }
    return Terms(**given | changed)


def declared(register: Register, people: dict[str, Person], id_: str = "hubei", **changed: Any) -> Emergency:
    """An emergency that the two members of the command body have declared."""
    emergencies.draft(register, people["lan"].authority(AT), id_, terms(**changed))
    emergencies.sign(register, people["lan"].authority(AT), id_, Act.DECLARE)
    return emergencies.sign(register, people["bo"].authority(AT), id_, Act.DECLARE)


def tracing(account: str, **changed: Any) -> NewGrant:
    """A grant to trace contacts in Wuhan for a month."""
    given: dict[str, Any] = {
        "account": account,
        "emergency": "hubei",
        "purpose": Purpose.CONTACT_TRACING,
        "basis": BASIS,
        "regions": ("420100",),
        "expires": AT + dt.timedelta(days=30),
        "reason": "traces contacts in Wuhan",
    }
    return NewGrant(**given | changed)


def events(register: Register) -> list[dict[str, Any]]:
    """The audit, oldest first."""
    with register.system() as transaction:
        rows = transaction.execute(select(audit_event.c.event).order_by(audit_event.c.number)).scalars()
        return [json.loads(row) for row in rows]
