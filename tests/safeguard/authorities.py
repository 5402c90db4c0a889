"""Authorities and resources as a register would make them: one emergency, one county, one basis."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from bianque.model.authority import Authority, BreakGlass, Grant, Purpose, Recipient, Resource, Role
from bianque.model.emergency import DataSource, Emergency, Retention, State, Terms
from bianque.model.organisation import HolderKind
from bianque.model.text import Text

AT = dt.datetime(2027, 2, 1, 9, 0, tzinfo=dt.UTC)
BASIS = "cn-infectious-diseases-2013-12"
COUNTY = ("420106", "420100", "420000")  # and what contains it
ELSEWHERE = ("110101", "110100", "110000")
FIELDS = ("person.name", "person.id_number", "person.phone", "person.address")
PURPOSES = {
    Role.TRACER: Purpose.CONTACT_TRACING,
    Role.COMMUNITY_WORKER: Purpose.ISOLATION_FOLLOW_UP,
    Role.HOSPITAL: Purpose.CLINICAL_CARE,
    Role.LABORATORY: Purpose.LABORATORY_TESTING,
    Role.EPIDEMIOLOGIST: Purpose.SITUATION_MONITORING,
    Role.COMMAND: Purpose.SITUATION_MONITORING,
    Role.DPO: Purpose.DATA_SUBJECT_RIGHTS,
    Role.ADMINISTRATOR: Purpose.ADMINISTRATION,
}
TERMS = Terms(
    name=Text(zh="演练", en="Exercise"),
    command_body="command",
    executing_bodies=("cdc", "street", "clinic", "lab"),
    start_condition=Text(zh="演练", en="exercise"),
    legal_bases=(BASIS, "cn-regulation-2003-44", "cn-cybersecurity-2017-41"),
    purposes=(
        Purpose.CONTACT_TRACING,
        Purpose.ISOLATION_FOLLOW_UP,
        Purpose.SITUATION_MONITORING,
        Purpose.CLINICAL_CARE,
        Purpose.LABORATORY_TESTING,
    ),
    sources=(
        DataSource(
            organisation="street",
            fields=("person.name", "phone"),
            purposes=(Purpose.ISOLATION_FOLLOW_UP, Purpose.CONTACT_TRACING),
            basis=BASIS,
        ),
        DataSource(organisation="rail", fields=("person.name",), purposes=(Purpose.CONTACT_TRACING,), basis=BASIS),
    ),
    regions=("420000",),
    starts=dt.date(2027, 1, 1),
    review=dt.date(2027, 2, 15),
    ends=dt.date(2027, 3, 1),
    retention=Retention(identified_days=30, pseudonymous_days=365, audit_days=365),
    disposal=Text(zh="全部删除", en="everything is erased"),
    disposal_by="command",
)
EMERGENCY = Emergency("exercise", "hubei", TERMS, State.DECLARED)
ORGANISATIONS = {
    Role.COMMUNITY_WORKER: "street",
    Role.HOSPITAL: "clinic",
    Role.LABORATORY: "lab",
    Role.COMMAND: "command",
}


def grant(purpose: Purpose = Purpose.CONTACT_TRACING, **changes: Any) -> Grant:
    """A grant in force for the county's prefecture."""
    given = Grant(
        id="g",
        emergency="exercise",
        purpose=purpose,
        basis=BASIS,
        regions=("420100",),
        starts=AT - dt.timedelta(days=1),
        expires=AT + dt.timedelta(days=1),
        reason="exercise",
    )
    return replace(given, **changes)


def authority(role: Role = Role.TRACER, **changes: Any) -> Authority:
    """An account of a role at its work: purpose chosen, grant in force, second factor given a minute ago."""
    purpose = PURPOSES.get(role)
    at_work = Authority(
        account=f"one-{role}",
        organisation=ORGANISATIONS.get(role, "cdc"),
        agency="hubei",
        role=role,
        kind=HolderKind.GRASSROOTS if role is Role.COMMUNITY_WORKER else HolderKind.COMMAND,
        at=AT,
        emergency=EMERGENCY,
        purpose=purpose,
        basis=BASIS,
        grants=(grant(purpose),) if purpose else (),
        strong=True,
        proved=AT - dt.timedelta(minutes=1),
    )
    return replace(at_work, **changes)


def person(**changes: Any) -> Resource:
    """A record of the county."""
    record = Resource(
        kind="person",
        id="p",
        agency="hubei",
        emergency="exercise",
        within=COUNTY,
        fields=FIELDS,
        named=True,
        assigned="one-community_worker",
    )
    return replace(record, **changes)


def glass(until: dt.datetime = AT + dt.timedelta(minutes=59)) -> BreakGlass:
    return BreakGlass("b", "unconscious patient", AT - dt.timedelta(minutes=1), until)


def recipient(organisation: str = "clinic", **changes: Any) -> Recipient:
    return replace(Recipient(organisation, HolderKind.HOSPITAL, proved=True), **changes)
