"""Officers at their desks in an exercise, and the people in their register."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import select

from bianque.drill.people import SyntheticPerson, draw_people
from bianque.drill.population import province_of
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Emergency, State
from bianque.registry import collections
from bianque.registry.collections import Source
from bianque.registry.people import NewPerson
from bianque.registry.register import Register
from bianque.registry.tables.audit import audit_event
from bianque.registry.tables.people import SEALED, person
from tests.safeguard import authorities
from tests.safeguard.authorities import AT, BASIS, COUNTY, EMERGENCY, grant

AGENCY = "cdc"
PURPOSES = (Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP)  # what the people were taken in for
DECLARED = replace(EMERGENCY, agency=AGENCY)
CLOSED = replace(DECLARED, state=State.CLOSED, closed_at=AT)


def officer(role: Role, account: str = "", emergency: Emergency = DECLARED, **changes: Any) -> Authority:
    """An account of a role at its work in the exercise."""
    at_work = authorities.authority(role, agency=AGENCY, emergency=emergency, **changes)
    return replace(at_work, account=account or at_work.account)


def after(authority: Authority, **time: int) -> Authority:
    """The same officer later, with a second factor and grants that are still good."""
    at = authority.at + dt.timedelta(**time)
    grants = tuple(replace(one, expires=at + dt.timedelta(days=1)) for one in authority.grants)
    return replace(authority, at=at, proved=at, grants=grants)


@cache  # drawing a province takes longer than most tests of what is done to its people
def drawn(seed: int, count: int) -> tuple[SyntheticPerson, ...]:
    return tuple(draw_people(province_of(seed), seed=seed, count=count, start=dt.date(2027, 1, 1)))


def take_in(register: Register, count: int, within: Sequence[str] = COUNTY, seed: int = 7) -> list[str]:
    """Synthetic people in the register; their ids."""
    rows = [NewPerson({name: getattr(one, name, "") for name in SEALED}, tuple(within)) for one in drawn(seed, count)]
    tracer = officer(Role.TRACER)
    digest = hashlib.sha256(f"{seed} {count} {within}".encode()).digest()
    source = Source("street", "tablet 7", PURPOSES, BASIS, tuple(SEALED), digest)
    receipt = collections.import_people(register, tracer, collections.begin(register, tracer, source), rows)
    with register.reading(tracer) as connection:
        found = select(person.c.id).where(person.c.collection == receipt.id).order_by(person.c.id)
        return list(connection.execute(found).scalars())


def audited(register: Register) -> list[tuple[str, str, str]]:
    """Account, action and outcome of every event, in order."""
    columns = (audit_event.c.account, audit_event.c.action, audit_event.c.outcome)
    with register.system() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(audit_event.c.number)).all()]


__all__ = ["AT", "BASIS", "CLOSED", "COUNTY", "DECLARED", "after", "audited", "grant", "officer", "take_in"]
