"""How often something was destroyed in the store of keys or behind the door: counted in the transaction that does it.

A copy of the store knows the destructions that it is from after. Two erasures at once, a crash between the erasure and
the rewriting of the newest copy, a clock that was set back: the number tells, and no flag can be cleared too early.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, func, insert, select

from bianque.registry.tables.destruction import DESTRUCTION


def record(connection: Connection, store: str) -> None:
    """Count one destruction, in the transaction that destroys."""
    connection.execute(insert(DESTRUCTION[store]), [{"id": uuid.uuid4().hex}])


def count(connection: Connection, store: str) -> int:
    """How many destructions a store, or a copy of one, knows of."""
    return connection.execute(select(func.count()).select_from(DESTRUCTION[store])).scalar_one()
