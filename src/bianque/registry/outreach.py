"""Outreach in the register: lists with what was said to them, contacts, refusals, requests for assistance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.outreach import Assistance, Channel, Contact, Outreach, Refusal, Verdict
from bianque.model.text import Text
from bianque.registry.tables import outreach as tables


def add(connection: Connection, new: Outreach, persons: Iterable[str]) -> None:
    """A proposal with its list, on which everybody waits."""
    connection.execute(
        insert(tables.outreach).values(
            id=new.id,
            agency=new.agency,
            emergency=new.emergency,
            channel=new.channel,
            reason=new.reason,
            wording_zh=new.wording.zh,
            wording_en=new.wording.en,
            proposed_by=new.proposed_by,
            proposed_organisation=new.proposed_organisation,
            proposed_at=new.proposed_at,
        )
    )
    same = {"outreach": new.id, "agency": new.agency, "emergency": new.emergency, "contact": Contact.WAITING}
    connection.execute(insert(tables.outreach_person), [{**same, "person": person} for person in persons])


def find(connection: Connection, authority: Authority, id_: str) -> Outreach:
    """raises  BadInput  when there is none of that id in the authority's agency and emergency"""
    return _outreach(_row(connection, tables.outreach, authority, id_))


def listed(connection: Connection, authority: Authority) -> list[Outreach]:
    """Those of the authority's emergency, newest first."""
    table = tables.outreach
    rows = connection.execute(select(table).where(*_mine(table, authority)).order_by(table.c.proposed_at.desc()))
    return [_outreach(row) for row in rows]


def contacts(connection: Connection, id_: str) -> dict[str, Contact]:
    """Record id → what came of it, for everybody on a list."""
    table = tables.outreach_person
    rows = connection.execute(select(table.c.person, table.c.contact).where(table.c.outreach == id_))
    return {row.person: Contact(row.contact) for row in rows.all()}


def tally(connection: Connection, id_: str) -> dict[Contact, int]:
    """How many people of a list are where; the sum is the length of the list."""
    table = tables.outreach_person
    rows = connection.execute(
        select(table.c.contact, func.count()).where(table.c.outreach == id_).group_by(table.c.contact)
    )
    return {Contact(contact): int(count) for contact, count in rows.all()}


def decide(connection: Connection, id_: str, verdict: Verdict, until: dt.datetime | None) -> None:
    """What was said to a proposal, and until when it holds. Once only: whoever comes second changes nothing."""
    _decide(connection, tables.outreach, id_, verdict, {"until": until})


def record(connection: Connection, id_: str, person: str, contact: Contact, by: str, at: dt.datetime) -> None:
    """What came of reaching out to one person of a list."""
    table = tables.outreach_person
    changed = connection.execute(
        update(table)
        .where(table.c.outreach == id_, table.c.person == person)
        .values(contact=contact, contacted_by=by, contacted_at=at)
    )
    if changed.rowcount != 1:
        raise BadInput(f"record {person} is not on outreach {id_}", kept="no contact was recorded")


def add_refusal(connection: Connection, authority: Authority, new: Refusal) -> None:
    emergency = authority.emergency_id
    connection.execute(insert(tables.refusal).values(**asdict(new), agency=authority.agency, emergency=emergency))


def find_refusal(connection: Connection, authority: Authority, id_: str) -> Refusal:
    """raises  BadInput  when there is none of that id in the authority's agency and emergency"""
    return _refusal(_row(connection, tables.refusal, authority, id_))


def refusals(connection: Connection, authority: Authority) -> list[Refusal]:
    """Those of the authority's emergency, newest first."""
    table = tables.refusal
    rows = connection.execute(select(table).where(*_mine(table, authority)).order_by(table.c.recorded_at.desc()))
    return [_refusal(row) for row in rows]


def add_assistance(connection: Connection, new: Assistance) -> None:
    values = asdict(new)
    del values["verdict"]
    connection.execute(insert(tables.assistance).values(**values))


def find_assistance(connection: Connection, authority: Authority, id_: str) -> Assistance:
    """raises  BadInput  when there is none of that id in the authority's agency and emergency"""
    return _assistance(_row(connection, tables.assistance, authority, id_))


def assistances(connection: Connection, authority: Authority) -> list[Assistance]:
    """Those of the authority's emergency, newest first."""
    table = tables.assistance
    rows = connection.execute(select(table).where(*_mine(table, authority)).order_by(table.c.asked_at.desc()))
    return [_assistance(row) for row in rows]


def decide_assistance(connection: Connection, id_: str, verdict: Verdict) -> None:
    _decide(connection, tables.assistance, id_, verdict, {})


def _decide(connection: Connection, table: Table, id_: str, verdict: Verdict, more: dict[str, object]) -> None:
    changed = connection.execute(
        update(table)
        .where(table.c.id == id_, table.c.decided_by == "")
        .values(
            decided_by=verdict.account,
            decided_organisation=verdict.organisation,
            decided_at=verdict.at,
            granted=verdict.granted,
            decided_reason=verdict.reason,
            **more,
        )
    )
    if changed.rowcount != 1:
        raise BadInput(f"{table.name} {id_} was decided already", kept="that decision", remedy="ask for it anew")


def _mine(table: Table, authority: Authority) -> tuple[Any, Any]:
    emergency = authority.emergency_id
    return table.c.agency == authority.agency, table.c.emergency == emergency


def _row(connection: Connection, table: Table, authority: Authority, id_: str) -> Row[Any]:
    row = connection.execute(select(table).where(table.c.id == id_, *_mine(table, authority))).first()
    if row is None:
        raise BadInput(f"there is no {table.name} {id_} in this emergency", remedy="look at the list for its id")
    return row


def _verdict(row: Row[Any]) -> Verdict | None:
    if not row.decided_by:
        return None
    return Verdict(row.decided_by, row.decided_organisation, row.decided_at, bool(row.granted), row.decided_reason)


def _outreach(row: Row[Any]) -> Outreach:
    return Outreach(
        id=row.id,
        agency=row.agency,
        emergency=row.emergency,
        channel=Channel(row.channel),
        reason=row.reason,
        wording=Text(zh=row.wording_zh, en=row.wording_en),
        proposed_by=row.proposed_by,
        proposed_organisation=row.proposed_organisation,
        proposed_at=row.proposed_at,
        verdict=_verdict(row),
        until=row.until,
    )


def _refusal(row: Row[Any]) -> Refusal:
    return Refusal(row.id, row.person, row.what, row.outreach, row.recorded_by, row.recorded_at)


def _assistance(row: Row[Any]) -> Assistance:
    return Assistance(
        id=row.id,
        agency=row.agency,
        emergency=row.emergency,
        refusal=row.refusal,
        person=row.person,
        police=row.police,
        reason=row.reason,
        asked_by=row.asked_by,
        asked_organisation=row.asked_organisation,
        asked_at=row.asked_at,
        verdict=_verdict(row),
    )
