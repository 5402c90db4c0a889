"""The people of the exercise: one login for each role, in an emergency that two of them have declared.

Only here is the secret of the second factor told with the password: nobody in the exercise is real, and whoever tries
it may have no authenticator at hand.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field

from bianque.drill import authority as exercise
from bianque.drill import names
from bianque.model.account import OneTime
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Act, Terms
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry import accounts, organisations
from bianque.registry.register import Register
from bianque.safeguard import second_factor
from bianque.services import emergencies, grants
from bianque.services.grants import LAST_MOMENT, NewGrant
from bianque.services.login import factor_key
from bianque.services.setup import FirstLogins, first_steps, issue

EMERGENCY = "exercise"
AGENCY = Agency("chenglan", Text(zh=names.PROVINCE_ZH, en=names.PROVINCE_EN))
FIRST = FirstLogins("administrator", ("command", "command-2"))
BASIS = "cn-infectious-diseases-2013-12"
BASIS_OF = {Purpose.CLINICAL_CARE: "cn-infectious-diseases-2013-39"}  # where the emergency's sources rest on another
# login, organisation, role, what it is granted
PEOPLE: tuple[tuple[str, str, Role, tuple[Purpose, ...]], ...] = (
    ("epidemiologist", "health-commission", Role.EPIDEMIOLOGIST, (Purpose.SITUATION_MONITORING,)),
    (
        "tracer",
        "health-commission",
        Role.TRACER,
        (Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP),
    ),
    ("community-worker", "community", Role.COMMUNITY_WORKER, (Purpose.ISOLATION_FOLLOW_UP,)),
    ("hospital", "hospital", Role.HOSPITAL, (Purpose.CLINICAL_CARE,)),
    ("laboratory", "laboratory", Role.LABORATORY, (Purpose.LABORATORY_TESTING,)),
    ("officer", "health-commission", Role.DPO, ()),
)


@dataclass(frozen=True, slots=True)
class ExerciseLogIn:
    """One login of the exercise."""

    role: Role
    login: str
    password: str
    secret: str = field(repr=False)  # of the second factor, base32


def exercise_accounts(register: Register, start: dt.date, at: dt.datetime) -> list[ExerciseLogIn]:
    """One login for each role, the second person of the command body, and the emergency declared and granted.

    register  a new one without accounts
    start     first day of the exercise's emergency, on or before the day of `at`
    raises    BadInput  when the register has accounts
    """
    body, *others = (Organisation(id_, AGENCY.id, kind, name) for id_, kind, name in exercise.ORGANISATIONS)
    told = first_steps(register, AGENCY, body, FIRST, at)
    with register.system() as transaction:
        for other in others:
            organisations.add(transaction, other)
        bodies = {one.id: one for one in others}
        told += [issue(transaction, login, bodies[id_], role, at) for login, id_, role, _ in PEOPLE]
    one, two = (_authority(login, body, at) for login in FIRST.command)
    terms = Terms.model_validate(tomllib.loads(exercise.authority_toml(start)))
    emergencies.draft(register, one, EMERGENCY, terms)
    for signer in (one, two):
        emergencies.sign(register, signer, EMERGENCY, Act.DECLARE)
    ends = dt.datetime.combine(terms.ends, LAST_MOMENT)
    for login, _, _, purposes in PEOPLE:
        for purpose in purposes:
            asked = NewGrant(login, EMERGENCY, purpose, BASIS_OF.get(purpose, BASIS), terms.regions, ends, "exercise")
            grants.give(register, one, asked)
    return [_enrolled(register, person) for person in told]


def _enrolled(register: Register, told: OneTime) -> ExerciseLogIn:
    secret = second_factor.new_secret()
    sealed = second_factor.seal(factor_key(register), secret.encode(), told.account)
    with register.system() as transaction:
        accounts.set_totp(transaction, told.account, sealed, 0)
    return ExerciseLogIn(told.role, told.account, told.password, secret)


def _authority(login: str, body: Organisation, at: dt.datetime) -> Authority:
    """A member of the exercise's command body, who does what the exercise begins with."""
    return Authority(login, body.id, body.agency, Role.COMMAND, HolderKind.COMMAND, at, strong=True, proved=at)
