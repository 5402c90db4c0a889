"""Erasure: the wrapped key goes first, then what it sealed, then every trace of both in the files.

From the first step on nobody can read the person, wherever copies of the data lie. A crash after it leaves ciphertext
that nothing opens; `integrity` finds it and finishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from bianque.model.authority import Authority
from bianque.registry.bulk import AT_ONCE
from bianque.registry.keys import KeyRing
from bianque.registry.maintenance import announce, note_due, scrub
from bianque.registry.people import mine, unknown
from bianque.registry.register import Register
from bianque.registry.tables.people import case_record, follow_up, person
from bianque.registry.tables.rights import rights_request


@dataclass(frozen=True, slots=True)
class Erasure:
    """What went: records of people, wrapped keys, identifiers behind the door; `scrubbed` when no trace of them is left
    in the files. `others` are records with one of their ID numbers that stay."""

    records: int
    keys: int
    scrubbed: bool
    identifiers: int = 0
    others: int = 0


def erase(register: Register, authority: Authority, ids: Sequence[str]) -> Erasure:
    """Erase records of people, their cases and follow-ups, and on SQLite every trace of them in the files.

    raises  BadInput  when one of them is not here: nothing was erased then
    """
    with register.reading(authority) as connection:
        here: set[str] = set()
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            here.update(connection.execute(select(person.c.id).where(person.c.id.in_(some), mine(authority))).scalars())
    for one in ids:
        if one not in here:
            raise unknown(one)
    announce(register, authority)
    with register.keys_writing(authority) as keys:
        destroyed = KeyRing.destroy(keys, ids)
    records = delete_rows(register, authority, ids)
    return Erasure(records, destroyed, scrub(register, authority))


def delete_rows(register: Register, authority: Authority, ids: Sequence[str]) -> int:
    """Delete what was sealed for people whose keys are destroyed. Returns how many records went."""
    gone = 0
    with register.writing(authority) as connection:
        note_due(connection)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            for table in (case_record, follow_up):
                connection.execute(delete(table).where(table.c.person.in_(some), table.c.agency == authority.agency))
            asked = (rights_request.c.person.in_(some), rights_request.c.agency == authority.agency)
            connection.execute(update(rights_request).where(*asked).values(note=None))  # that it was answered stays
            gone += connection.execute(delete(person).where(person.c.id.in_(some), mine(authority))).rowcount
    return gone
