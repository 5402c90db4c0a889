"""Requests for exports, and what became of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority
from bianque.model.dates import instant
from bianque.model.errors import BadInput
from bianque.registry.people import emergency_of, mine
from bianque.registry.register import Register
from bianque.registry.tables.exports import export_request
from bianque.registry.tables.people import person


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What somebody wants exported: the records of a list, some fields of them, to whom and why."""

    id: str
    account: str
    organisation: str
    recipient: str
    list: str
    fields: tuple[str, ...]
    reason: str
    requested_at: str
    given_by: str = ""
    records: int = 0


def ask(
    register: Register, authority: Authority, *, recipient: str, of_list: str, fields: tuple[str, ...], reason: str
) -> ExportRequest:
    """Put a request down, for a second person to give."""
    asked = ExportRequest(
        uuid.uuid4().hex,
        authority.account,
        authority.organisation,
        recipient,
        of_list,
        fields,
        reason,
        instant(authority.at),
    )
    row = {
        "id": asked.id,
        "agency": authority.agency,
        "emergency": emergency_of(authority),
        "account": asked.account,
        "organisation": asked.organisation,
        "recipient": recipient,
        "list": of_list,
        "fields": " ".join(fields),
        "reason": reason,
        "requested_at": asked.requested_at,
        "given_by": "",
        "given_at": "",
        "records": 0,
    }
    with register.writing(authority) as connection:
        connection.execute(insert(export_request), [row])
    return asked


def waiting(register: Register, authority: Authority) -> list[ExportRequest]:
    """The requests of the authority's emergency that nobody has given yet, oldest first."""
    with register.reading(authority) as connection:
        wanted = select(export_request).where(_mine(authority), export_request.c.given_by == "")
        return [_request(row) for row in connection.execute(wanted.order_by(export_request.c.requested_at))]


def find(register: Register, authority: Authority, request: str) -> ExportRequest:
    """A request that waits.

    raises  BadInput  when there is none with this id, or it has been given
    """
    with register.reading(authority) as connection:
        row = connection.execute(select(export_request).where(_mine(authority), export_request.c.id == request)).first()
    if row is None or row.given_by:
        raise BadInput(f"no export {request} waits here", remedy="`bianque people exports` lists those that wait")
    return _request(row)


def given(register: Register, authority: Authority, request: str, records: int) -> None:
    """Write down that a request was given, by whom and how many records.

    raises  BadInput  when somebody gave it meanwhile
    """
    row = {"given_by": authority.account, "given_at": instant(authority.at), "records": records}
    waits = (_mine(authority), export_request.c.id == request, export_request.c.given_by == "")
    with register.writing(authority) as connection:
        if not connection.execute(update(export_request).where(*waits).values(row)).rowcount:
            raise BadInput(f"export {request} was given meanwhile", kept="what was given then")


def listed(register: Register, authority: Authority, of_list: str) -> list[str]:
    """The ids of the records of a list."""
    with register.reading(authority) as connection:
        wanted = select(person.c.id).where(mine(authority), person.c.list == of_list).order_by(person.c.id)
        return list(connection.execute(wanted).scalars())


def _mine(authority: Authority) -> ColumnElement[bool]:
    return and_(export_request.c.agency == authority.agency, export_request.c.emergency == emergency_of(authority))


def _request(row: Row[tuple[object, ...]]) -> ExportRequest:
    return ExportRequest(
        row.id,
        row.account,
        row.organisation,
        row.recipient,
        row.list,
        tuple(row.fields.split()),
        row.reason,
        row.requested_at,
        row.given_by,
        row.records,
    )
