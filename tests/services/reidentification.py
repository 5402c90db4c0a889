"""A register, its door, and the people of a re-identification: officers, approvers of three organisations, others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bianque.model.account import Account
from bianque.model.authority import Authority, Grant, Purpose, Role
from bianque.model.emergency import Emergency, Retention, State, Terms
from bianque.model.organisation import HolderKind
from bianque.model.text import Text
from bianque.registry import accounts, emergencies, release_shares
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.registry.release_shares import KeyPair
from bianque.safeguard import account_keys
from bianque.safeguard.account_keys import Cost
from bianque.safeguard.door import Door
from bianque.services import release_keys
from bianque.services.door import at_door

NOW = dt.datetime(2028, 2, 1, 9, tzinfo=dt.UTC)
CHEAP = Cost(passes=1, memory_kib=8, lanes=1)  # what a guess costs is written beside the key; these are of no worth
BASIS = "cn-infectious-diseases-2013-12"
PHONES = tuple(f"154{number:08d}" for number in range(6))
NUMBERS = ("11010519491231002X", "110105194912310038")
AGENCY = "cdc"


@dataclass(frozen=True, slots=True)
class Somebody:
    account: str
    organisation: str
    role: Role
    purpose: Purpose

    @property
    def password(self) -> str:
        return f"password of {self.account}"


PEOPLE = {
    one.account: one
    for one in (
        Somebody("li", "street-office", Role.TRACER, Purpose.CONTACT_TRACING),
        Somebody("wu", "cdc", Role.TRACER, Purpose.CONTACT_TRACING),
        Somebody("wang", "health-commission", Role.COMMAND, Purpose.CONTACT_TRACING),
        Somebody("sun", "health-commission", Role.COMMAND, Purpose.CONTACT_TRACING),
        Somebody("zhao", "police", Role.COMMAND, Purpose.CONTACT_TRACING),
        Somebody("qian", "cdc", Role.DPO, Purpose.OVERSIGHT),
        Somebody("gao", "cdc", Role.ADMINISTRATOR, Purpose.ADMINISTRATION),
    )
}
HOLDERS = ("wang", "sun", "zhao", "qian")
TERMS = Terms(
    name=Text(zh="演练", en="Exercise"),
    command_body="health-commission",
    executing_bodies=("street-office", "police", "cdc"),
    start_condition=Text(zh="演练", en="exercise"),
    legal_bases=(BASIS,),
    purposes=(Purpose.CONTACT_TRACING, Purpose.OVERSIGHT),
    regions=("420000",),
    starts=dt.date(2028, 1, 1),
    review=dt.date(2028, 6, 1),
    ends=dt.date(2028, 12, 31),
    retention=Retention(identified_days=30, pseudonymous_days=365, audit_days=365),
    disposal=Text(zh="全部删除", en="everything is erased"),
    disposal_by="health-commission",
)


def emergency(name: str = "outbreak", state: State = State.DECLARED) -> Emergency:
    return Emergency(name, AGENCY, TERMS, state)


def acting(account: str, at: dt.datetime = NOW, under: Emergency | None = None, *, proved: bool = True) -> Authority:
    """An account at its work, its second factor given anew a minute ago."""
    one, where = PEOPLE[account], under or emergency()
    grant = Grant("g", where.id, one.purpose, BASIS, ("420000",), NOW.replace(year=2027), NOW.replace(year=2030), "")
    return Authority(
        account=account,
        organisation=one.organisation,
        agency=AGENCY,
        role=one.role,
        kind=HolderKind.COMMAND,
        at=at,
        emergency=where,
        purpose=one.purpose,
        basis=BASIS,
        grants=(grant,),
        strong=True,
        proved=at - dt.timedelta(minutes=1 if proved else 30),
    )


def prepare(register: Register) -> None:
    """The accounts of an empty register, each with a key pair under its password."""
    for one in PEOPLE.values():
        account = Account(one.account, AGENCY, one.organisation, one.role, NOW, one_time=False, enrolled=True)
        public, sealed = account_keys.create(one.password, CHEAP)
        with register.system() as connection:
            accounts.add(connection, account, "", NOW, opened_by="gao")
        with register.writing(acting(one.account)) as connection:
            release_shares.set_pair(connection, one.account, AGENCY, KeyPair(public, sealed), NOW)


@contextmanager
def at_work(folder: Path) -> Iterator[tuple[Register, Door]]:
    """The register and its door."""
    register = registers.open_register(folder)
    try:
        with at_door(folder) as door:
            yield register, door
    finally:
        register.close()


def draw_keys(register: Register, door: Door, of: Emergency) -> list[str]:
    """Declare an emergency, hold its ceremony and take six people in; their pseudonyms."""
    with register.system() as connection:
        emergencies.add(connection, of, "wang", NOW)
    release_keys.ceremony(register, door, acting("gao", under=of), of.id, HOLDERS)
    targets = door.enrol(of.id, "phone", PHONES).pseudonyms
    door.enrol(of.id, "id_number", NUMBERS)
    door.link(of.id, ("phone", PHONES[:2]), ("id_number", NUMBERS))
    return targets


def later(authority: Authority, hours: float) -> Authority:
    at = authority.at + dt.timedelta(hours=hours)
    return replace(authority, at=at, proved=at)
