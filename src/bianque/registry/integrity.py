"""What crashes leave behind: keys that seal nothing, rows that nothing opens, imports and rotations cut off.

None of it can be read or is missed; it is found here, and swept. A key younger than an hour may belong to an import
that is running, and is left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority
from bianque.model.dates import instant
from bianque.model.errors import BadRegister
from bianque.registry import maintenance
from bianque.registry.bulk import AT_ONCE
from bianque.registry.erasure import delete_rows
from bianque.registry.keys import KeyRing
from bianque.registry.people import emergency_of, mine
from bianque.registry.register import Register
from bianque.registry.rotation import finish_rewrapping
from bianque.registry.tables.collections import collection
from bianque.registry.tables.keys import data_key, key_encryption_key
from bianque.registry.tables.people import person

RUNNING = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What was found in the authority's emergency.

    keys         (subject, generation) of data keys that seal nothing
    unreadable   records whose key was destroyed: their erasure was cut off
    unfinished   collections that were cut off: the same file given again goes on
    older_keys   key-encryption keys that a rotation would have destroyed
    traces       whether bytes of what was deleted may be left in the files
    """

    keys: tuple[tuple[str, int], ...]
    unreadable: tuple[str, ...]
    unfinished: tuple[str, ...]
    older_keys: int
    traces: bool

    @property
    def any(self) -> bool:
        return bool(self.keys or self.unreadable or self.older_keys or self.traces)


def leftovers(register: Register, authority: Authority) -> Leftovers:
    """What interrupted work left in the register."""
    unfinished = select(collection.c.id).where(
        collection.c.agency == authority.agency,
        collection.c.emergency == emergency_of(authority),
        collection.c.finished_at == "",
    )
    with register.keys_reading(authority) as keys, register.reading(authority) as connection:
        strays, older = tuple(_stray_keys(connection, keys, authority)), _older_keys(keys, authority)
        cut_off = tuple(connection.execute(unfinished).scalars())
    traces = maintenance.due(register, authority)
    with register.reading(authority) as connection, register.keys_reading(authority) as keys:
        return Leftovers(strays, tuple(_unreadable(connection, keys, authority)), cut_off, older, traces)


def tidy(register: Register, authority: Authority) -> Leftovers:
    """Finish what was interrupted: stray keys, rows that nothing opens, rotations. Returns what was there.

    raises  BadRegister  when records came in after the newest key: the store of keys is an older one, nobody was erased
    """
    found = leftovers(register, authority)
    if found.unreadable and not found.traces and (later := _later_than_keys(register, authority, found.unreadable)):
        raise BadRegister(
            f"{later} records came in after the newest key was made: the store of keys is an older one",
            kept="every record and every key",
            remedy="put the newest store of keys back, or restore the newest backup",
        )
    if not found.any:
        return found
    maintenance.announce(register, authority)
    with register.keys_writing(authority) as keys:
        KeyRing.destroy_generations(keys, found.keys)
    delete_rows(register, authority, found.unreadable)
    if found.older_keys:
        finish_rewrapping(register, authority)
    maintenance.scrub(register, authority)
    return found


def _stray_keys(connection: Connection, keys: Connection, authority: Authority) -> Iterator[tuple[str, int]]:
    """Keys of no record and no collection, and those of a generation that the record is not sealed with."""
    before = instant(authority.at - RUNNING)
    for subjects in _pages(keys, data_key.c.subject, data_key.c.kek.in_(_encryption_keys(authority))):
        sealing = {
            (row.id, row.key)
            for row in connection.execute(select(person.c.id, person.c.key).where(person.c.id.in_(subjects)))
        }
        sealing |= {
            (one, 1)
            for one in connection.execute(select(collection.c.id).where(collection.c.id.in_(subjects))).scalars()
        }
        held = select(data_key.c.subject, data_key.c.generation).where(
            data_key.c.subject.in_(subjects), data_key.c.created_at < before
        )
        yield from ((row.subject, row.generation) for row in keys.execute(held) if tuple(row) not in sealing)


def _unreadable(connection: Connection, keys: Connection, authority: Authority) -> Iterator[str]:
    """Records without a key. They are read before the keys: whoever comes in meanwhile has a key by then."""
    for ids in _pages(connection, person.c.id, mine(authority)):
        yield from sorted(set(ids) - KeyRing.readable(keys, ids))


def _later_than_keys(register: Register, authority: Authority, records: Sequence[str]) -> int:
    """How many records are younger than every key of the emergency."""
    newest = select(func.coalesce(func.max(data_key.c.created_at), ""))
    with register.keys_reading(authority) as keys:
        last = keys.execute(newest.where(data_key.c.kek.in_(_encryption_keys(authority)))).scalar_one()
    younger = select(func.count()).select_from(person).where(mine(authority), person.c.created_at > last)
    with register.reading(authority) as connection:
        return sum(
            connection.execute(younger.where(person.c.id.in_(records[start : start + AT_ONCE]))).scalar_one()
            for start in range(0, len(records), AT_ONCE)
        )


def _older_keys(keys: Connection, authority: Authority) -> int:
    """Key-encryption keys beyond the newest of each retention class."""
    every = select(key_encryption_key.c.retention).where(key_encryption_key.c.id.in_(_encryption_keys(authority)))
    classes = list(keys.execute(every).scalars())
    return len(classes) - len(set(classes))


def _encryption_keys(authority: Authority) -> Select[tuple[str]]:
    columns = key_encryption_key.c
    return select(columns.id).where(columns.agency == authority.agency, columns.emergency == emergency_of(authority))


def _pages(connection: Connection, column: Column[str], which: ColumnElement[bool]) -> Iterator[list[str]]:
    """The different values of a column, some hundred at a time, in order."""
    after = ""
    while True:
        page = select(column).where(which, column > after).distinct().order_by(column).limit(AT_ONCE)
        values = list(connection.execute(page).scalars())
        if not values:
            return
        yield values
        after = values[-1]
