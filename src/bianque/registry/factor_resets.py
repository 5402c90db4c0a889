"""Requests to reset a lost second factor."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields

from sqlalchemy import Connection, insert, select, update

from bianque.model.account import FactorReset
from bianque.registry.tables.accounts import account, factor_reset

_COLUMNS = [factor_reset.c[field.name] for field in fields(FactorReset)]


def add(connection: Connection, asked: FactorReset) -> None:
    connection.execute(insert(factor_reset).values(asdict(asked)))


def find(connection: Connection, id_: str) -> FactorReset | None:
    row = connection.execute(select(*_COLUMNS).where(factor_reset.c.id == id_)).first()
    return FactorReset(*row) if row else None


def waiting(connection: Connection, agency: str) -> list[FactorReset]:
    """Those of an agency's accounts that wait for a second person, oldest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(account, account.c.id == factor_reset.c.account)
        .where(account.c.agency == agency, factor_reset.c.done_at.is_(None))
        .order_by(factor_reset.c.asked_at)
    )
    return [FactorReset(*row) for row in rows]


def do(connection: Connection, id_: str, by: str, at: dt.datetime) -> bool:
    """False when it was done before."""
    where = (factor_reset.c.id == id_, factor_reset.c.done_at.is_(None))
    return connection.execute(update(factor_reset).where(*where).values(done_by=by, done_at=at)).rowcount == 1
