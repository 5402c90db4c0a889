"""Whether what is sealed in a register opens with the keys it has: a sample of every table that holds sealed values."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bianque.registry.keys import DataKey, KeyRing
from bianque.registry.marks import MARK, every_row, marked_tables, marks_by_emergency
from bianque.registry.notes import opened_note
from bianque.registry.people import values_of
from bianque.registry.register import Register
from bianque.registry.suites import suite_of
from bianque.registry.tables.people import SEALED, case_record, follow_up, person

SAMPLE = 200  # people of one emergency; ids are random, so the first of them are a random sample


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of the people looked at are readable, erased, or sealed with a key that a rotation has replaced."""

    readable: int = 0
    erased: int = 0
    replaced: int = 0

    def __add__(self, other: Sample) -> Sample:
        return Sample(self.readable + other.readable, self.erased + other.erased, self.replaced + other.replaced)


def sample(register: Register) -> Sample:
    """Open the sealed values of some people of every emergency, and of their cases and follow-ups.

    raises  BadRegister  when a value does not open although its key is there
    """
    with register.snapshot("register") as connection, register.snapshot("keys") as keys:
        emergencies = connection.execute(select(person.c.emergency, person.c.agency).distinct()).all()
        found = Sample()
        for emergency, agency in emergencies:
            ring = KeyRing(register.root, suite_of(connection), agency, emergency)
            found += _sampled(connection, keys, ring)
        return found


def changed(register: Register) -> dict[str, int]:
    """How many rows of which tables were changed by somebody without the key, all emergencies together."""
    counts: dict[str, int] = {}
    with register.snapshot("register") as connection:
        marks = marks_by_emergency(register.root, suite_of(connection))
        for table in marked_tables():
            rows = every_row(connection, table)
            wrong = sum(row[MARK] != marks(row["agency"], row["emergency"]).mark(table, row) for row in rows)
            counts |= {table.name: wrong} if wrong else {}
    return counts


def _sampled(connection: Connection, keys: Connection, ring: KeyRing) -> Sample:
    mine = (person.c.agency == ring.agency) & (person.c.emergency == ring.emergency)
    rows = connection.execute(select(person).where(mine).order_by(person.c.id).limit(SAMPLE)).mappings().all()
    ids = [row["id"] for row in rows]
    opened, readable = ring.open(keys, ids), KeyRing.readable(keys, ids)
    count = {"readable": 0, "erased": 0, "replaced": 0}
    for row in rows:
        if row["id"] not in readable:
            count["erased"] += 1
        elif key := opened.get((row["id"], row["key"])):
            values_of(ring.cipher(key), row, SEALED)
            _open_notes(connection, ring, opened, row["id"])
            count["readable"] += 1
        else:
            count["replaced"] += 1
    return Sample(**count)


def _open_notes(connection: Connection, ring: KeyRing, opened: dict[tuple[str, int], DataKey], record: str) -> None:
    for table in (case_record, follow_up):
        for row in connection.execute(select(table).where(table.c.person == record)).mappings():
            if key := opened.get((record, row["key"])):
                opened_note(ring, key, table.name, row)
