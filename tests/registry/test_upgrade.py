"""A register with people in it comes to a newer version: the tables change, and what is sealed is sealed anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import op
from sqlalchemy import text

from bianque.model.errors import BadRegister
from bianque.registry import people, versions
from bianque.registry import register as registers
from bianque.registry.keys import KeyRing
from bianque.registry.register import Register
from bianque.registry.sealed import Place, unseal
from bianque.registry.suites import suite_of

from .sample import LI, ZHANG, take_in, tracer

LATER = Path(__file__).with_name("revisions")


@pytest.fixture
def owner_of(register: Register, request: pytest.FixtureRequest) -> str:
    """The address that the upgrade needs: the owner's on PostgreSQL, none on SQLite."""
    return str(request.getfixturevalue("owner")) if register.agency else ""


def employer(register: Register, person: str) -> str:
    with register.reading(tracer()) as connection, register.keys_reading(tracer()) as keys:
        row = connection.execute(text("SELECT * FROM person WHERE id = :id"), {"id": person}).mappings().one()
        ring = KeyRing(register.root, suite_of(connection), "cdc", "e1")
        cipher = ring.cipher(ring.open(keys, [person])[person, row["key"]])
        assert row["workplace"] is None
        return unseal(cipher, Place("person", person, row["version"]), "employer", row["employer"])


def test_what_was_sealed_reads_back_from_where_it_was_moved_to(register: Register, owner_of: str) -> None:
    take_in(register, ZHANG, LI)
    (zhang,) = people.find(register, tracer(), "phone", ZHANG["phone"])
    ran = registers.upgrade(register.at_rest, owner_of, LATER)
    assert ran == {"register": ["0002"], "keys": ["0002"], "door": ["0002"], "sealed": ["0002"]}
    assert employer(register, zhang) == ZHANG["workplace"]
    assert people.read(register, tracer(), zhang, ["person.name"]) == {"person.name": ZHANG["name"]}
    assert registers.upgrade(register.at_rest, owner_of, LATER)["sealed"] == []


def test_an_older_bianque_leaves_a_newer_register_alone(register: Register, owner_of: str) -> None:
    registers.upgrade(register.at_rest, owner_of, LATER)
    with pytest.raises(BadRegister, match="version 0002, which this Bianque does not know"):
        registers.open_register(register.at_rest)


def test_a_newer_bianque_asks_for_the_upgrade(register: Register) -> None:
    with register.engine.connect() as connection, pytest.raises(BadRegister, match="older version") as refused:
        versions.must_be_current(connection, "register", LATER)
    assert "bianque register upgrade" in refused.value.remedy


def test_an_upgrade_that_fails_leaves_the_store_as_it_was_and_is_run_again(
    register: Register, owner_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(register, ZHANG)
    (zhang,) = people.find(register, tracer(), "phone", ZHANG["phone"])
    with monkeypatch.context() as full:
        full.setattr(op, "add_column", add_and_fail(op.add_column))
        with pytest.raises(OSError, match="no space"):
            registers.upgrade(register.at_rest, owner_of, LATER)
    registers.open_register(register.at_rest).close()
    assert people.read(register, tracer(), zhang, ["person.workplace"]) == {"person.workplace": ZHANG["workplace"]}
    registers.upgrade(register.at_rest, owner_of, LATER)
    assert employer(register, zhang) == ZHANG["workplace"]


def add_and_fail(add):  # type: ignore[no-untyped-def]
    def failing(*arguments: object) -> None:
        add(*arguments)
        raise OSError("no space left on the disk")

    return failing


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_on_postgresql_the_tables_are_upgraded_by_their_owner_alone(register: Register) -> None:
    with pytest.raises(BadRegister, match="older version") as refused:
        registers.upgrade(register.at_rest, "", LATER)
    assert "owner's address" in refused.value.remedy
