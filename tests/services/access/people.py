"""A register with its first accounts, and people who log in to it as they would."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from bianque.model.account import OneTime, Step
from bianque.model.authority import Authority
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry.register import Register
from bianque.safeguard import second_factor
from bianque.services import enrolment, login, sessions, setup
from bianque.services.login import NewSession, Ticket
from bianque.services.setup import FirstLogins

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
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

    def log_in(self, at: dt.datetime, address: str = "") -> NewSession:
        session = login.log_in(self.register, self.login, self.password, self.code(at), at, address=address)
        self.token = session.token
        return session

    def authority(self, at: dt.datetime) -> Authority:
        return sessions.authority_of(self.register, self.token, at)


def first_people(folder: Path) -> tuple[Register, dict[str, Person]]:
    """A register after its first steps, and its three people with their one-time passwords."""
    register, told = setup.create_register(folder, AGENCY, BODY, LOGINS, AT)
    return register, {one.account: person(register, one) for one in told}


def person(register: Register, told: OneTime) -> Person:
    return Person(register, told.account, told.password)
