"""Agencies and organisations."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, insert, select

from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry.tables.emergencies import agency, organisation


def add_agency(connection: Connection, new: Agency) -> None:
    connection.execute(insert(agency).values(agency=new.id, name_zh=new.name.zh, name_en=new.name.en))


def agencies(connection: Connection) -> list[Agency]:
    rows = connection.execute(select(agency).order_by(agency.c.agency))
    return [Agency(row.agency, Text(zh=row.name_zh, en=row.name_en)) for row in rows]


def add(connection: Connection, new: Organisation) -> None:
    connection.execute(
        insert(organisation).values(
            id=new.id, agency=new.agency, kind=new.kind, name_zh=new.name.zh, name_en=new.name.en
        )
    )


def find(connection: Connection, id_: str) -> Organisation | None:
    found = some(connection, [id_])
    return found[0] if found else None


def some(connection: Connection, ids: Collection[str]) -> list[Organisation]:
    """Those of the ids that are there."""
    rows = connection.execute(select(organisation).where(organisation.c.id.in_(ids)).order_by(organisation.c.id))
    return [
        Organisation(row.id, row.agency, HolderKind(row.kind), Text(zh=row.name_zh, en=row.name_en)) for row in rows
    ]


def listed(connection: Connection) -> list[Organisation]:
    """Every organisation of the register, by id."""
    return some(connection, connection.execute(select(organisation.c.id)).scalars().all())
