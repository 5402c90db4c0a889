"""Who asks in the tests: the operator of this machine, and people who log in as people do."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyotp

from bianque.model.account import GivenGrant, OneTime
from bianque.model.authority import Grant, Purpose, Role
from bianque.model.emergency import Act, DataSource, Emergency, Signature, Terms
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry import emergencies, organisations
from bianque.registry import grants as kept_grants
from bianque.registry.register import Register
from bianque.services import enrolment, login, operator, sessions, setup
from bianque.services.login import NewSession, Ticket
from bianque.web.identity import form_token
from bianque.web.posting import TOKEN_FIELD

OPERATOR = operator.authority(dt.datetime(2021, 3, 2, 12, tzinfo=dt.UTC))
AGENCY = Agency("cdc", Text(zh="演练疾控中心", en="Exercise centre for disease control"))
EMERGENCY = "exercise"
BODIES = {
    "command": (HolderKind.COMMAND, "演练指挥部", "Exercise command"),
    "street-office": (HolderKind.GRASSROOTS, "演练街道", "Exercise street office"),
    "hospital": (HolderKind.HOSPITAL, "演练医院", "Exercise hospital"),
    "laboratory": (HolderKind.LABORATORY, "演练实验室", "Exercise laboratory"),
}
WORKS_FOR = {Role.COMMUNITY_WORKER: "street-office", Role.HOSPITAL: "hospital", Role.LABORATORY: "laboratory"}
GRANTED = {
    Role.TRACER: Purpose.CONTACT_TRACING,
    Role.COMMUNITY_WORKER: Purpose.ISOLATION_FOLLOW_UP,
    Role.HOSPITAL: Purpose.CLINICAL_CARE,
    Role.LABORATORY: Purpose.LABORATORY_TESTING,
}
PREFERRED = {Role.COMMAND: Purpose.PUBLICATION, Role.DPO: Purpose.OVERSIGHT}
BASIS = "cn-infectious-diseases-2013-39"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def terms(sources: Sequence[DataSource] = ()) -> Terms:
    """Of the emergency of the tests, with whoever provides data in it."""
    today = now().date()
    both = Text(zh="演练", en="Exercise")
    return Terms.model_validate(
        {
            "name": both,
            "command_body": "command",
            "executing_bodies": tuple(body for body in BODIES if body != "command"),
            "start_condition": both,
            "legal_bases": (BASIS,),
            "purposes": tuple(Purpose),
            "regions": ("990000",),
            "starts": today - dt.timedelta(days=30),
            "review": today + dt.timedelta(days=10),
            "ends": today + dt.timedelta(days=60),
            "retention": {"identified_days": 30, "pseudonymous_days": 365, "audit_days": 365},
            "disposal": both,
            "disposal_by": "command",
            "sources": tuple(sources),
        }
    )


@dataclass
class Staff:
    """The people of one register. Each log-in is by a person of their own: a code counts once."""

    folder: Path
    register: Register
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))  # type: ignore[type-arg]

    def hire(self, role: Role) -> OneTime:
        """A new account with a one-time password, and a grant where the role needs one."""
        login_name, at = f"{role.replace('_', '-')}-{next(self.numbers)}", now()
        with self.register.system() as transaction:
            body = organisations.find(transaction, WORKS_FOR.get(role, "command"))
            assert body is not None
            made = setup.issue(transaction, login_name, body, role, at)
        if role in GRANTED:
            self.grant(login_name, GRANTED[role])
        return made

    def grant(self, account: str, purpose: Purpose) -> None:
        """Let an account work for a purpose in the whole province."""
        at, days = now(), dt.timedelta(days=20)
        grant = Grant(account, EMERGENCY, purpose, BASIS, ("990000",), at - days, at + days, "exercise")
        with self.register.system() as transaction:
            kept_grants.add(transaction, GivenGrant(grant, account, "command-a", at, "command"))

    def log_in(self, role: Role) -> LoggedIn:
        """A session of a new person, after the whole first log-in, at work for the role's purpose."""
        made, at, register = self.hire(role), now(), self.register
        ticket = login.first_step(register, made.account, made.password, at)
        own = secrets.token_urlsafe(12)
        after = login.new_password(register, ticket.token, own, at)
        assert isinstance(after, Ticket)
        secret = enrolment.begin_totp(register, after.token, at).secret
        session = enrolment.finish_totp(register, after.token, pyotp.TOTP(secret).at(at), at)
        assert isinstance(session, NewSession)
        purpose = GRANTED.get(role) or PREFERRED.get(role, Purpose.SITUATION_MONITORING)
        for choice in sessions.choices(register, session.token, at):
            if choice.purpose is purpose:
                sessions.choose(register, session.token, choice.emergency, purpose, at)
                break
        return LoggedIn(made.account, own, secret, session.token)


@dataclass(frozen=True)
class LoggedIn:
    """What a person who is logged in knows, and their browser."""

    account: str
    password: str
    secret: str
    token: str

    @property
    def cookies(self) -> dict[str, str]:
        return {"bianque-session": self.token}

    def next_code(self) -> str:
        """The code after the one that the log-in used up: a clock may be a step ahead."""
        return pyotp.TOTP(self.secret).at(now() + dt.timedelta(seconds=30))

    @property
    def form(self) -> dict[str, str]:
        """What every form of this session's pages carries."""
        return {TOKEN_FIELD: form_token(self.token)}


def staff(folder: Path, sources: Sequence[DataSource] = ()) -> Staff:
    """A register with its bodies and an emergency that two persons of the command body declared."""
    at = now()
    body = Organisation("command", AGENCY.id, HolderKind.COMMAND, Text(zh="演练指挥部", en="Exercise command"))
    logins = setup.FirstLogins("administrator", ("command-a", "command-b"))
    register, _ = setup.create_register(folder, AGENCY, body, logins, at)
    drafted = Emergency(EMERGENCY, AGENCY.id, terms(sources))
    with register.system() as transaction:
        for key, (kind, zh, en) in BODIES.items():
            if key != "command":
                organisations.add(transaction, Organisation(key, AGENCY.id, kind, Text(zh=zh, en=en)))
        emergencies.add(transaction, drafted, "command-a", at)
        after = drafted
        for person in ("command-a", "command-b"):
            after = after.signed(Signature(Act.DECLARE, person, "command", at))
            emergencies.save(transaction, after)
    return Staff(folder, register)
