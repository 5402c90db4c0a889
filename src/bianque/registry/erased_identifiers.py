"""What the door has erased, so that an older copy of its store that is put back does not bring it back.

Nothing is kept of an identifier but the batch and the number that it had. It is kept in the store of the keys, whose
newest copy alone is kept and is the one that a restore puts in.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection, delete, select, update

from bianque.registry import destructions
from bianque.registry.bulk import AT_ONCE, insert_all
from bianque.registry.maintenance import scrub_store
from bianque.registry.register import Register
from bianque.registry.tables.door import (
    directory,
    directory_alias,
    directory_batch,
    door_emergency,
    locked_target,
    pending_share,
)
from bianque.registry.tables.keys import erased_identifier

EVERYTHING = ("", 0)  # batch and number of an emergency whose directory was disposed of


def remember(register: Register, emergency: str, entries: Sequence[tuple[str, int]]) -> None:
    """Write down, before it is done, that identifiers are erased, each named by batch and number; again if need be."""
    columns = erased_identifier.c
    with register.door_keys_writing() as connection:
        for batch, numbers in _by_batch(entries):
            again = columns.emergency == emergency, columns.batch == batch, columns.number.in_(numbers)
            connection.execute(delete(erased_identifier).where(*again))
        rows = [{"emergency": emergency, "batch": batch, "number": number} for batch, number in entries]
        insert_all(connection, erased_identifier, rows)


def remember_disposal(register: Register, emergency: str) -> None:
    """Write down that an emergency's key and all of its directory are destroyed, in place of single identifiers."""
    with register.door_keys_writing() as connection:
        connection.execute(delete(erased_identifier).where(erased_identifier.c.emergency == emergency))
    remember(register, emergency, [EVERYTHING])


def erase(connection: Connection, emergency: str, entries: Sequence[tuple[str, int]]) -> int:
    """Take identifiers out of the directory, each named by batch and number; how many were there."""
    gone = 0
    for batch, numbers in _by_batch(entries):
        here = directory.c.emergency == emergency, directory.c.batch == batch, directory.c.number.in_(numbers)
        gone += connection.execute(delete(directory).where(*here)).rowcount
    if gone:
        destructions.record(connection, "door")
    return gone


def destroy(connection: Connection, emergency: str) -> int:
    """An emergency's key, its directory, its locks and the shares that wait go; how many identifiers there were."""
    gone = connection.execute(delete(directory).where(directory.c.emergency == emergency)).rowcount
    for table in (directory_batch, directory_alias, locked_target, pending_share):
        connection.execute(delete(table).where(table.c.emergency == emergency))
    with_key = door_emergency.c.emergency == emergency, door_emergency.c.wrapped_key != b""
    keys = connection.execute(update(door_emergency).where(*with_key).values(wrapped_key=b"")).rowcount
    if gone or keys:
        destructions.record(connection, "door")
    return gone


def sweep(register: Register) -> int:
    """Erase behind the door what was erased after the copy of its store was made; how many identifiers that is."""
    columns = erased_identifier.c.emergency, erased_identifier.c.batch, erased_identifier.c.number
    with register.snapshot("keys") as keys:
        remembered = [tuple(row) for row in keys.execute(select(*columns).order_by(*columns))]
    if not remembered:
        return 0
    gone = 0
    with register.door_writing() as connection:
        for emergency, rows in groupby(remembered, lambda row: row[0]):
            entries = [(batch, number) for _, batch, number in rows]
            everything = EVERYTHING in entries
            gone += destroy(connection, emergency) if everything else erase(connection, emergency, entries)
    scrub_store(register.door)
    return gone


def _by_batch(entries: Sequence[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    """Batch → its numbers, some hundred at a time."""
    found: list[tuple[str, list[int]]] = []
    for batch, of in groupby(sorted(entries), lambda entry: entry[0]):
        numbers = [number for _, number in of]
        found += [(batch, numbers[start : start + AT_ONCE]) for start in range(0, len(numbers), AT_ONCE)]
    return found
