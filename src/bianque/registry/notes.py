"""Notes on a person in other tables, sealed with the person's own key, so that they go when the person is erased."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from bianque.model.authority import Authority
from bianque.registry.keys import DataKey, KeyRing
from bianque.registry.people import erased, marks_of, mine, ring_of, unknown
from bianque.registry.register import Register
from bianque.registry.sealed import Place, seal, unseal
from bianque.registry.tables.people import person


def key_of(register: Register, connection: Connection, authority: Authority, record: str) -> tuple[KeyRing, DataKey]:
    """The key that seals a record now.

    raises  BadInput  when there is no such record here, or it was erased; BadRegister when it is not as it was written
    """
    row = connection.execute(select(person).where(person.c.id == record, mine(authority))).mappings().first()
    if row is None:
        raise unknown(record)
    marks_of(register, connection, authority).must_hold(person, row)
    ring = ring_of(register, connection, authority)
    with register.keys_reading(authority) as keys:
        key = ring.open(keys, [record]).get((record, row["key"]))
    if key is None:
        raise erased(record)
    return ring, key


def sealed_note(ring: KeyRing, key: DataKey, table: str, row: str, version: int, note: str) -> bytes | None:
    """A note sealed for its place, or NULL where there is none."""
    return seal(ring.cipher(key), Place(table, key.subject, version, row), "note", note) if note else None


def opened_note(ring: KeyRing, key: DataKey, table: str, row: RowMapping) -> str:
    """The note of a row of `table`; '' where there is none."""
    if row["note"] is None:
        return ""
    return unseal(ring.cipher(key), Place(table, key.subject, row["version"], row["id"]), "note", row["note"])
