"""Rotation of keys, in steps that a crash between any two of them leaves readable; running it again finishes it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select, update

from bianque.model.authority import Authority
from bianque.registry.keys import DataKey, KeyRing
from bianque.registry.maintenance import announce, scrub
from bianque.registry.marks import Marks
from bianque.registry.notes import opened_note, sealed_note
from bianque.registry.people import IDENTIFIED, erased, index_of, marks_of, mine, ring_of, sealed_row, values_of
from bianque.registry.register import Register
from bianque.registry.sealed import Place
from bianque.registry.tables.people import SEALED, case_record, follow_up, person
from bianque.registry.tables.rights import rights_request


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

    raises  BadInput  when one of them was erased
    """
    ring = _ring(register, authority)
    with register.reading(authority) as connection:
        wanted = select(person.c.id, person.c.key).where(person.c.id.in_(ids), mine(authority))
        generations: dict[str, int] = {row.id: row.key for row in connection.execute(wanted)}
    announce(register, authority)
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
    scrub(register, authority)
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
