"""A register opens on both engines and refuses what it must not open."""

from __future__ import annotations

from sqlalchemy import text

from bianque.registry import audit
from bianque.registry.register import Register, open_register

from .authorities import authority
from .events import an_event


def test_what_was_written_is_there_when_the_register_is_opened_again(register: Register) -> None:
    with register.system() as connection:
        audit.append(connection, [an_event("one"), an_event("two")])
    again = open_register(register.at_rest)
    with again.reading(authority()) as connection:
        rows = connection.execute(text("SELECT number, account FROM audit_event ORDER BY number")).all()
    again.close()
    assert [tuple(row) for row in rows] == [(1, "one"), (2, "two")]
