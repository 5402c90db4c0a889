"""Leaves by break-glass in the register: who opened one when, until when, and what the review found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.authority import Authority, BreakGlass
from bianque.model.errors import BadInput
from bianque.registry.tables.break_glass import break_glass


@dataclass(frozen=True, slots=True)
class GlassRecord:
    """A leave with whom it was for, and the review: `justified` is None before it."""

    leave: BreakGlass
    account: str
    organisation: str
    emergency: str
    reviewed_by: str
    reviewed_at: dt.datetime | None
    justified: bool | None
    finding: str


def add(connection: Connection, authority: Authority, leave: BreakGlass) -> None:
    connection.execute(
        insert(break_glass).values(
            id=leave.id,
            agency=authority.agency,
            emergency=authority.emergency_id,
            account=authority.account,
            organisation=authority.organisation,
            reason=leave.reason,
            opened=leave.opened,
            until=leave.until,
        )
    )


def in_force(connection: Connection, account: str, emergency: str, at: dt.datetime) -> BreakGlass | None:
    """The leave an account has in an emergency at a moment."""
    row = connection.execute(
        select(break_glass)
        .where(
            break_glass.c.account == account,
            break_glass.c.emergency == emergency,
            break_glass.c.opened <= at,
            break_glass.c.until > at,
        )
        .order_by(break_glass.c.until.desc())
        .limit(1)
    ).first()
    return _leave(row) if row else None


def end(connection: Connection, account: str, emergency: str, at: dt.datetime) -> int:
    """End an account's leaves in an emergency now; how many there were."""
    mine = (break_glass.c.account == account, break_glass.c.emergency == emergency, break_glass.c.until > at)
    return connection.execute(update(break_glass).where(*mine).values(until=at)).rowcount


def find(connection: Connection, authority: Authority, id_: str) -> GlassRecord:
    """raises  BadInput  when the authority's agency has none of that id"""
    table = break_glass.c
    row = connection.execute(select(break_glass).where(table.id == id_, table.agency == authority.agency)).first()
    if row is None:
        raise BadInput(f"there is no break-glass leave {id_}", remedy="look at `bianque glass list`")
    return _record(row)


def listed(connection: Connection, authority: Authority) -> list[GlassRecord]:
    """Those of the authority's agency, newest first."""
    rows = connection.execute(
        select(break_glass).where(break_glass.c.agency == authority.agency).order_by(break_glass.c.opened.desc())
    )
    return [_record(row) for row in rows]


def review(connection: Connection, authority: Authority, id_: str, *, justified: bool, finding: str) -> None:
    """What the data-protection officer found; once only."""
    changed = connection.execute(
        update(break_glass)
        .where(break_glass.c.id == id_, break_glass.c.reviewed_by == "")
        .values(reviewed_by=authority.account, reviewed_at=authority.at, justified=justified, finding=finding)
    )
    if changed.rowcount != 1:
        raise BadInput(f"break-glass leave {id_} has been reviewed already", kept="that review")


def _leave(row: Row[Any]) -> BreakGlass:
    return BreakGlass(row.id, row.reason, row.opened, row.until)


def _record(row: Row[Any]) -> GlassRecord:
    return GlassRecord(
        leave=_leave(row),
        account=row.account,
        organisation=row.organisation,
        emergency=row.emergency,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        justified=row.justified,
        finding=row.finding,
    )
