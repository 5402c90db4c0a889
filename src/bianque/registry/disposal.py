"""What of an emergency is left in the register, and its destruction: keys first, then rows, then their traces."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority
from bianque.model.disposal import OutOfReach
from bianque.registry import destructions
from bianque.registry.keys import KeyRing
from bianque.registry.maintenance import announce, scrub
from bianque.registry.people import emergency_of
from bianque.registry.register import Register
from bianque.registry.tables.audit import audit_event
from bianque.registry.tables.collections import collection, quarantined_row
from bianque.registry.tables.disposal import disposal
from bianque.registry.tables.exports import export_request
from bianque.registry.tables.keys import key_encryption_key
from bianque.registry.tables.outreach import assistance, outreach_person, refusal
from bianque.registry.tables.paper_forms import form_batch, form_return
from bianque.registry.tables.people import person
from bianque.registry.tables.protection import protection
from bianque.registry.tables.releases import opened_target, release_share, release_target, target_lock

# What names a record of a person, and goes with the identified records; people, cases and notes go by their erasure.
IDENTIFIED = (outreach_person, refusal, assistance, protection, quarantined_row, opened_target, release_share)
PSEUDONYMOUS = (target_lock, release_target)


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposal that has begun."""

    planned: dict[str, int]
    planned_by: str
    identifiers: int | None
    certificate: str


def counts(register: Register, authority: Authority) -> dict[str, int]:
    """How many rows of each kind the emergency has, wrapped keys among them."""
    with register.reading(authority) as connection:
        found = {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(*_mine(table, authority))
            ).scalar_one()
            for table in (person, *IDENTIFIED, *PSEUDONYMOUS)
        }
    with register.keys_reading(authority) as keys:
        wrapping = select(func.count()).select_from(key_encryption_key).where(*_mine(key_encryption_key, authority))
        found[key_encryption_key.name] = keys.execute(wrapping).scalar_one()
    return found


def people_of(register: Register, authority: Authority) -> list[str]:
    """The ids of all records of the emergency, those among them whose key is destroyed already."""
    with register.reading(authority) as connection:
        found = select(person.c.id).where(*_mine(person, authority)).order_by(person.c.id)
        return list(connection.execute(found).scalars())


def destroy_identified(register: Register, authority: Authority) -> None:
    """The keys of the emergency's collections and those that wrap all others, then every row that names a record.

    The records themselves are erased before. Doing it again after a crash does what is left.
    """
    with register.reading(authority) as connection:
        collections = select(collection.c.id).where(*_mine(collection, authority))
        ids = list(connection.execute(collections).scalars())
    announce(register, authority)
    with register.keys_writing(authority) as keys:
        KeyRing.destroy(keys, ids)
        if keys.execute(delete(key_encryption_key).where(*_mine(key_encryption_key, authority))).rowcount:
            destructions.record(keys, "keys")
    _delete(register, authority, IDENTIFIED)
    scrub(register, authority)


def destroy_pseudonymous(register: Register, authority: Authority) -> None:
    """Every row that holds a pseudonym of the emergency."""
    announce(register, authority)
    _delete(register, authority, PSEUDONYMOUS)
    scrub(register, authority)


def out_of_reach(connection: Connection, authority: Authority) -> OutOfReach:
    """Paper forms, exports and released identities of the emergency."""
    issued = _sum(connection, form_batch, "issued", authority)
    back, gone = (_sum(connection, form_return, name, authority) for name in ("returned", "destroyed"))
    given = (*_mine(export_request, authority), export_request.c.given_by != "")
    exported = (
        select(export_request.c.recipient, func.sum(export_request.c.records))
        .where(*given)
        .group_by(export_request.c.recipient)
        .order_by(export_request.c.recipient)
    )
    recipients = tuple((recipient, int(records)) for recipient, records in connection.execute(exported).all())
    released = (
        select(func.count())
        .select_from(audit_event)
        .where(
            audit_event.c.emergency == emergency_of(authority),
            audit_event.c.action == "read_release",
            audit_event.c.outcome != "deny",
        )
    )
    return OutOfReach(back, issued - back - gone, recipients, int(connection.execute(released).scalar_one()))


def begin(connection: Connection, authority: Authority, planned: dict[str, int]) -> None:
    """Put down what was there, before anything is destroyed."""
    connection.execute(
        insert(disposal).values(
            emergency=emergency_of(authority),
            agency=authority.agency,
            planned=json.dumps(planned),
            planned_by=authority.account,
            planned_at=authority.at,
        )
    )


def begun(connection: Connection, authority: Authority) -> Disposal | None:
    """The disposal of the authority's emergency, once it has begun."""
    row = connection.execute(select(disposal).where(*_mine(disposal, authority))).first()
    return Disposal(json.loads(row.planned), row.planned_by, row.identifiers, row.certificate) if row else None


def door_counted(connection: Connection, authority: Authority, identifiers: int) -> None:
    """So many identifiers are about to be destroyed at the door, with the emergency's key there."""
    connection.execute(update(disposal).where(*_mine(disposal, authority)).values(identifiers=identifiers))


def finish(connection: Connection, authority: Authority, certificate: dict[str, object], at: dt.datetime) -> None:
    """The certificate of a disposal that is done."""
    connection.execute(
        update(disposal)
        .where(*_mine(disposal, authority))
        .values(certificate=json.dumps(certificate, ensure_ascii=False), finished_at=at)
    )


def _delete(register: Register, authority: Authority, tables: tuple[Table, ...]) -> None:
    with register.writing(authority) as connection:
        for table in tables:
            connection.execute(delete(table).where(*_mine(table, authority)))


def _sum(connection: Connection, table: Table, column: str, authority: Authority) -> int:
    total = select(func.coalesce(func.sum(table.c[column]), 0)).where(*_mine(table, authority))
    return int(connection.execute(total).scalar_one())


def _mine(table: Table, authority: Authority) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return table.c.agency == authority.agency, table.c.emergency == emergency_of(authority)
