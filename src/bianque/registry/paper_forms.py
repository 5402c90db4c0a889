"""Batches of paper forms in the register, each with the sums of what came back."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.paper_forms import FormBatch
from bianque.registry.tables.paper_forms import form_batch, form_return

_COLUMNS = [column.name for column in form_batch.columns]


def add(connection: Connection, new: FormBatch) -> None:
    connection.execute(insert(form_batch).values({name: getattr(new, name) for name in _COLUMNS}))


def find(connection: Connection, authority: Authority, id_: str) -> FormBatch:
    """raises  BadInput  when there is none of that id in the authority's agency and emergency"""
    row = connection.execute(_batches(authority).where(form_batch.c.id == id_)).first()
    if row is None:
        raise BadInput(f"there is no batch of forms {id_} in this emergency", remedy="look at `bianque forms list`")
    return _batch(row)


def listed(connection: Connection, authority: Authority) -> list[FormBatch]:
    """Those of the authority's emergency, oldest first."""
    return [_batch(row) for row in connection.execute(_batches(authority).order_by(form_batch.c.issued_at))]


def hold(connection: Connection, id_: str) -> None:
    """Nobody else books on a batch until the transaction ends."""
    connection.execute(select(form_batch.c.id).where(form_batch.c.id == id_).with_for_update())


def book(connection: Connection, batch: FormBatch, returned: int, destroyed: int, by: str, at: dt.datetime) -> None:
    """Forms of a batch that came back, or were destroyed."""
    connection.execute(
        insert(form_return).values(
            id=uuid.uuid4().hex,
            batch=batch.id,
            agency=batch.agency,
            emergency=batch.emergency,
            returned=returned,
            destroyed=destroyed,
            booked_by=by,
            booked_at=at,
        )
    )


def _batches(authority: Authority) -> Select[Any]:
    emergency = authority.emergency_id
    sums = (func.coalesce(func.sum(form_return.c[name]), 0).label(f"sum_{name}") for name in ("returned", "destroyed"))
    return (
        select(*form_batch.columns, *sums)
        .select_from(form_batch.outerjoin(form_return, form_return.c.batch == form_batch.c.id))
        .where(form_batch.c.agency == authority.agency, form_batch.c.emergency == emergency)
        .group_by(*form_batch.columns)
    )


def _batch(row: Row[Any]) -> FormBatch:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return FormBatch(**values, returned=int(row.sum_returned), destroyed=int(row.sum_destroyed))
