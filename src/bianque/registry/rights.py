"""Requests of data subjects in the register; their own words are sealed with their data key and go with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.rights import Answer, Answered, IdentityCheck, Right, RightsRequest
from bianque.registry.notes import key_of, opened_note, sealed_note
from bianque.registry.people import emergency_of, ring_of
from bianque.registry.register import Register
from bianque.registry.tables.rights import rights_request


def add(register: Register, connection: Connection, authority: Authority, new: RightsRequest, statement: str) -> None:
    """A request with what the data subject said, sealed.

    raises  BadInput  when there is no such record here, or it was erased
    """
    ring, key = key_of(register, connection, authority, new.person)
    connection.execute(
        insert(rights_request).values(
            id=new.id,
            agency=new.agency,
            emergency=new.emergency,
            person=new.person,
            right=new.right,
            identity=new.identity,
            received_by=new.received_by,
            received_at=new.received_at,
            due=new.due,
            law=new.law,
            event=new.event,
            first=new.first,
            version=1,
            key=key.generation,
            note=sealed_note(ring, key, rights_request.name, new.id, 1, statement),
        )
    )


def find(connection: Connection, authority: Authority, id_: str) -> RightsRequest:
    """raises  BadInput  when there is none of that id in the authority's agency and emergency"""
    row = connection.execute(select(rights_request).where(rights_request.c.id == id_, *_mine(authority))).first()
    if row is None:
        raise BadInput(f"there is no request {id_} in this emergency", remedy="look at `bianque rights list`")
    return _request(row)


def statement(register: Register, connection: Connection, authority: Authority, id_: str) -> str:
    """What the data subject said; '' when nothing was written down, or the record was erased."""
    found = select(rights_request).where(rights_request.c.id == id_, *_mine(authority))
    row = connection.execute(found).mappings().one()
    ring = ring_of(register, connection, authority)
    with register.keys_reading(authority) as keys:
        key = ring.open(keys, [row["person"]]).get((row["person"], row["key"]))
    return opened_note(ring, key, rights_request.name, row) if key else ""


def listed(connection: Connection, authority: Authority) -> list[RightsRequest]:
    """Those of the authority's emergency: the open ones first, by the day they are due."""
    rows = connection.execute(
        select(rights_request)
        .where(*_mine(authority))
        .order_by(rights_request.c.answered_at.is_not(None), rights_request.c.due, rights_request.c.id)
    )
    return [_request(row) for row in rows]


def overdue(connection: Connection, authority: Authority, day: dt.date) -> list[RightsRequest]:
    """The open requests of the authority's emergency whose day has passed."""
    return [request for request in listed(connection, authority) if request.overdue(day)]


def answer(connection: Connection, id_: str, answered: Answered) -> None:
    """Once only: whoever comes second changes nothing."""
    changed = connection.execute(
        update(rights_request)
        .where(rights_request.c.id == id_, rights_request.c.answer == "")
        .values(
            answered_by=answered.account,
            answered_organisation=answered.organisation,
            answered_at=answered.at,
            answer=answered.answer,
            reason=answered.reason,
        )
    )
    if changed.rowcount != 1:
        raise BadInput(f"request {id_} was answered meanwhile", kept="that answer")


def _mine(authority: Authority) -> tuple[Any, Any]:
    return rights_request.c.agency == authority.agency, rights_request.c.emergency == emergency_of(authority)


def _request(row: Row[Any]) -> RightsRequest:
    answered = (
        Answered(row.answered_by, row.answered_organisation, row.answered_at, Answer(row.answer), row.reason)
        if row.answer
        else None
    )
    return RightsRequest(
        id=row.id,
        agency=row.agency,
        emergency=row.emergency,
        person=row.person,
        right=Right(row.right),
        identity=IdentityCheck(row.identity),
        received_by=row.received_by,
        received_at=row.received_at,
        due=row.due,
        law=row.law,
        event=row.event,
        first=row.first,
        answered=answered,
    )
