"""Rotation of keys, in steps that a crash between any two of them leaves readable; running it again finishes it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, insert, select, update

from bianque.model.authority import Authority
from bianque.model.dates import instant
from bianque.registry.bulk import AT_ONCE
from bianque.registry.keys import DataKey, KeyRing
from bianque.registry.maintenance import announce, scrub
from bianque.registry.marks import Marks
from bianque.registry.notes import opened_note, sealed_note
from bianque.registry.people import (
    IDENTIFIED,
    emergency_of,
    erased,
    index_of,
    marks_of,
    mine,
    ring_of,
    sealed_row,
    values_of,
)
from bianque.registry.register import Register
from bianque.registry.sealed import Place
from bianque.registry.tables.keys import data_key
from bianque.registry.tables.people import SEALED, case_record, follow_up, person
from bianque.registry.tables.rights import rights_request
from bianque.registry.tables.settings import setting


def rotate_encryption_keys(register: Register, authority: Authority) -> int:
    """A new key-encryption key for an emergency's records; the older ones are destroyed. Returns data keys rewrapped.

    No sealed field changes: it is quick, and done on a schedule.
    """
    ring = _ring(register, authority)
    announce(register, authority)
    with register.keys_writing(authority) as keys:
        ring.rotate(keys, IDENTIFIED, authority.at)
    return finish_rewrapping(register, authority)


def finish_rewrapping(register: Register, authority: Authority) -> int:
    """Move what older key-encryption keys still wrap, after a rotation that was cut off. Returns how many."""
    ring, rewrapped, after = _ring(register, authority), 0, ""
    while True:
        with register.keys_writing(authority) as keys:
            some, after = ring.rewrap(keys, IDENTIFIED, authority.at, after)
        rewrapped += some
        if not after:
            break
    scrub(register, authority)
    return rewrapped


def rotate_data_keys(register: Register, authority: Authority, ids: Sequence[str]) -> int:
    """Seal the fields of some records anew under new data keys, as after a suspicion. Returns how many.

    raises  BadInput  when one of them was erased; BadRegister when one is not as it was written
    """
    announce(register, authority)
    done = _rotate(register, authority, ids)
    scrub(register, authority)
    return done


def rotate_all_data_keys(register: Register, authority: Authority) -> int:
    """Seal every record of an emergency anew. Returns how many; one that was cut off goes on where it was.

    raises  BadRegister  when a record is not as it was written: those before it are sealed anew
    """
    begun = _begun(register, authority)
    announce(register, authority)
    done, after = 0, ""
    while ids := _page(register, authority, after):
        done += _rotate(register, authority, _made_before(register, authority, ids, begun))
        _destroy_former(register, authority, ids)
        after = ids[-1]
    scrub(register, authority)
    with register.writing(authority) as connection:
        connection.execute(delete(setting).where(setting.c.name == _setting(authority)))
    return done


def _setting(authority: Authority) -> str:
    return f"new data keys in {emergency_of(authority)} since"


def _begun(register: Register, authority: Authority) -> str:
    """When the rotation began that was cut off, or this one does: keys from before are to go."""
    with register.writing(authority) as connection:
        begun = connection.execute(select(setting.c.value).where(setting.c.name == _setting(authority))).scalar()
        if begun is None:
            begun = instant(authority.at)
            connection.execute(insert(setting), [{"name": _setting(authority), "value": begun}])
    return begun


def _page(register: Register, authority: Authority, after: str) -> list[str]:
    page = select(person.c.id).where(mine(authority), person.c.id > after).order_by(person.c.id).limit(AT_ONCE)
    with register.reading(authority) as connection:
        return list(connection.execute(page).scalars())


def _made_before(register: Register, authority: Authority, ids: Sequence[str], begun: str) -> list[str]:
    """Those of some records that are sealed with a key from before a rotation."""
    former = select(data_key.c.subject, data_key.c.generation).where(
        data_key.c.subject.in_(ids), data_key.c.created_at < begun
    )
    with register.keys_reading(authority) as keys:
        older = {tuple(row) for row in keys.execute(former)}
    return [one for one, generation in _generations(register, authority, ids).items() if (one, generation) in older]


def _destroy_former(register: Register, authority: Authority, ids: Sequence[str]) -> None:
    """Keys that no longer seal these records: a rotation was cut off before it came to them."""
    sealing = _generations(register, authority, ids)
    held = select(data_key.c.subject, data_key.c.generation).where(data_key.c.subject.in_(list(sealing)))
    with register.keys_writing(authority) as keys:
        former = [(row.subject, row.generation) for row in keys.execute(held) if row.generation < sealing[row.subject]]
        KeyRing.destroy_generations(keys, former)


def _generations(register: Register, authority: Authority, ids: Sequence[str]) -> dict[str, int]:
    """Of which generation the key is that seals each record."""
    with register.reading(authority) as connection:
        wanted = select(person.c.id, person.c.key).where(person.c.id.in_(ids), mine(authority))
        return {row.id: row.key for row in connection.execute(wanted)}


def _rotate(register: Register, authority: Authority, ids: Sequence[str]) -> int:
    ring = _ring(register, authority)
    generations = _generations(register, authority, ids)
    with register.keys_writing(authority) as keys:
        opened = ring.open(keys, list(generations))
        for place in generations.items():
            if place not in opened:
                raise erased(place[0])
        pairs = [(opened[place], _next(ring, opened, place[0])) for place in generations.items()]
        ring.store(keys, [new for _, new in pairs], IDENTIFIED, authority.at)
    with register.writing(authority) as connection:
        done = [
            (old.subject, old.generation) for old, new in pairs if _reseal(register, connection, authority, old, new)
        ]
    with register.keys_writing(authority) as keys:
        KeyRing.destroy_generations(keys, done)
    return len(done)


def _next(ring: KeyRing, opened: dict[tuple[str, int], DataKey], record: str) -> DataKey:
    """A new key, of a generation beyond any that a rotation made, even one that was cut off or is running."""
    return ring.fresh([record], 1 + max(generation for subject, generation in opened if subject == record))[0]


def _reseal(register: Register, connection: Connection, authority: Authority, old: DataKey, new: DataKey) -> bool:
    """Whether the record was there, sealed with the old key, and is now sealed with the new one."""
    ring, index = ring_of(register, connection, authority), index_of(register, connection, authority)
    locked = select(person).where(person.c.id == new.subject, person.c.key == old.generation)
    row = connection.execute(locked).mappings().first()
    if row is None:
        return False  # erased meanwhile, or rotated by somebody else
    version = row["version"] + 1
    values = values_of(ring.cipher(old), row, SEALED)
    sealed = sealed_row(ring.cipher(new), Place("person", new.subject, version), index, values)
    marks = marks_of(register, connection, authority)
    marks.change(connection, person, row, {"version": version, "key": new.generation, **sealed})
    for table in (case_record, follow_up, rights_request):
        _reseal_notes(connection, marks, table, ring, old, new)
    return True


def _reseal_notes(
    connection: Connection, marks: Marks, table: Table, ring: KeyRing, old: DataKey, new: DataKey
) -> None:
    for row in connection.execute(select(table).where(table.c.person == new.subject)).mappings().all():
        version, note = row["version"] + 1, opened_note(ring, old, table.name, row)
        sealed = sealed_note(ring, new, table.name, row["id"], version, note)
        changes = {"version": version, "key": new.generation, "note": sealed}
        if table is rights_request:  # nothing about who may read hangs on it: it has no mark
            connection.execute(update(table).where(table.c.id == row["id"]).values(changes))
        else:
            marks.change(connection, table, row, changes)


def _ring(register: Register, authority: Authority) -> KeyRing:
    with register.reading(authority) as connection:
        return ring_of(register, connection, authority)
