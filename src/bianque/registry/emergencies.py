"""Emergencies as they stand, with their signatures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.emergency import Act, Emergency, Signature, State, Terms
from bianque.model.errors import BadRegister
from bianque.registry.tables.emergencies import emergency, emergency_signature


def add(connection: Connection, new: Emergency, drafted_by: str, at: dt.datetime) -> None:
    connection.execute(
        insert(emergency).values(
            id=new.id,
            agency=new.agency,
            state=new.state,
            terms=new.terms.model_dump_json(),
            drafted_by=drafted_by,
            drafted_at=at,
        )
    )


def find(connection: Connection, id_: str) -> Emergency | None:
    row = connection.execute(select(emergency).where(emergency.c.id == id_)).first()
    return _emergency(connection, row) if row else None


def listed(connection: Connection, agency: str) -> list[Emergency]:
    """Every emergency of an agency, newest first."""
    rows = connection.execute(
        select(emergency).where(emergency.c.agency == agency).order_by(emergency.c.drafted_at.desc())
    )
    return [_emergency(connection, row) for row in rows.all()]


def save(connection: Connection, after: Emergency) -> None:
    """An emergency after one more signature: its state, its days, and that signature.

    raises  BadRegister  when the agency has no such emergency: a signature counts under one's own alone
    """
    changed = connection.execute(
        update(emergency)
        .where(emergency.c.id == after.id, emergency.c.agency == after.agency)
        .values(state=after.state, terms=after.terms.model_dump_json(), closed_at=after.closed_at)
    )
    if changed.rowcount != 1:
        raise BadRegister(
            f"agency {after.agency} has no emergency {after.id} that could be signed here",
            kept="every emergency and its signatures as they were",
            remedy="it is signed by persons of the agency that drafted it",
        )
    last = after.signatures[-1]
    connection.execute(
        insert(emergency_signature).values(
            emergency=after.id,
            number=len(after.signatures),
            act=last.act,
            account=last.account,
            organisation=last.organisation,
            at=last.at,
            ends=last.ends,
        )
    )


def _emergency(connection: Connection, row: Row[Any]) -> Emergency:
    signed = connection.execute(
        select(emergency_signature)
        .where(emergency_signature.c.emergency == row.id)
        .order_by(emergency_signature.c.number)
    )
    return Emergency(
        id=row.id,
        agency=row.agency,
        terms=Terms.model_validate_json(row.terms),
        state=State(row.state),
        signatures=tuple(Signature(Act(s.act), s.account, s.organisation, s.at, s.ends) for s in signed),
        closed_at=row.closed_at,
    )
