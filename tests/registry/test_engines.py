"""A register opens on both engines and refuses what it must not open."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from bianque.model.errors import BadRegister
from bianque.model.organisation import Agency
from bianque.model.text import Text
from bianque.registry import audit, organisations
from bianque.registry import register as registers
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


def test_a_second_agency_on_sqlite_is_refused_and_told_where_it_may_be(tmp_path: Path) -> None:
    register = registers.create(tmp_path / "register")
    with register.system() as connection:
        organisations.add_agency(connection, Agency("cdc", Text(zh="疾控", en="CDC")))
        with pytest.raises(BadRegister, match="one agency writes: cdc") as refused:
            organisations.add_agency(connection, Agency("police", Text(zh="公安", en="Police")))
    register.close()
    assert "PostgreSQL" in refused.value.remedy
