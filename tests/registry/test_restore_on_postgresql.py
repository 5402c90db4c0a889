"""A backup of either engine brought back on PostgreSQL: under the agency's own roles, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from bianque.model.errors import BadInput, BadRegister
from bianque.model.organisation import Agency
from bianque.model.text import Text
from bianque.registry import backup, cases, condition, emergencies, organisations, people
from bianque.registry import register as registers
from bianque.registry.age import identities
from bianque.registry.erasure import erase
from bianque.registry.proof import Sample
from bianque.registry.register import Register, open_register
from bianque.registry.restore import restore
from bianque.registry.restore_on_postgresql import Database
from bianque.registry.tables.people import person
from tests import postgres
from tests.registry.sample import LI, NOW, ZHANG, emergency, take_in, tracer

CDC, RAILWAY = (Agency(name, Text(zh="机构", en="Agency")) for name in ("cdc", "railway"))


@pytest.fixture
def backed_up(register: Register, tmp_path: Path, identity: Path) -> Path:
    """The data backup of a register of agency `cdc` that holds two people, one of them erased since."""
    with register.system() as connection:
        organisations.add_agency(connection, CDC)
        emergencies.add(connection, emergency(), "li", NOW)
    take_in(register, ZHANG, LI)
    made = backup.back_up(register, tmp_path / "backups", [str(identities(identity)[0].to_public())], NOW)
    (li,) = people.find(register, tracer(), "phone", LI["phone"])
    erase(register, tracer(), [li])
    backup.rewrite_key_backup(register, NOW)
    return made.file


@pytest.fixture
def target(postgresql: postgres.Server, tables: str) -> Iterator[str]:
    """The address of the owner of a database that the register is brought back to."""
    with postgresql.database(copy_of=tables) as address:
        yield address


def test_it_comes_back_beside_another_agency_and_who_was_erased_stays_erased(
    register: Register, backed_up: Path, identity: Path, target: str, tmp_path: Path
) -> None:
    other = registers.create_on_postgresql(tmp_path / "railway", target, RAILWAY.id)
    with other.system() as connection:
        organisations.add_agency(connection, RAILWAY)
    to = tmp_path / "restored"
    found = restore(backed_up, identities(identity), to, register.at_rest, Database(target, "cdc"))
    assert found.sample == Sample(readable=1, erased=1)
    assert {path.name for path in to.iterdir()} >= {"register.toml", "passwords", "root.key"}
    assert not list(to.rglob("*.sqlite"))
    brought = open_register(to)  # not over a gap in roles, grants or policies
    (zhang,) = people.find(brought, tracer(), "phone", ZHANG["phone"])
    assert people.read(brought, tracer(), zhang, ["person.name"]) == {"person.name": ZHANG["name"]}
    assert cases.of_person(brought, tracer(), zhang) == []
    assert [one.state for one in condition.findings(brought, NOW) if one.state is condition.State.WRONG] == []
    erase(brought, tracer(), [zhang])
    assert backup.rewrite_key_backup(brought, NOW)
    again = restore(backed_up, identities(identity), tmp_path / "again", register.at_rest)
    assert again.sample == Sample(erased=2)
    with other.snapshot("register") as connection:
        assert connection.execute(select(person.c.id)).all() == []
        assert [one.id for one in organisations.agencies(connection)] == ["cdc", "railway"]
    other.close()
    brought.close()


def test_a_second_restore_of_the_agency_and_one_of_another_are_refused(
    register: Register, backed_up: Path, identity: Path, target: str, tmp_path: Path
) -> None:
    def bring(name: str, agency: str) -> None:
        restore(backed_up, identities(identity), tmp_path / name, register.at_rest, Database(target, agency))

    with pytest.raises(BadInput, match="not of agency railway; it names cdc"):
        bring("one", "railway")
    bring("two", "cdc")
    with pytest.raises(BadRegister, match="agency cdc has its roles already"):
        bring("three", "cdc")
    for name in ("one", "three"):
        assert list((tmp_path / name).iterdir()) == []  # no key of the register is left there either


def test_what_cannot_go_in_leaves_the_database_as_it_was(
    register: Register, backed_up: Path, identity: Path, target: str, tmp_path: Path
) -> None:
    other = registers.create_on_postgresql(tmp_path / "railway", target, RAILWAY.id)
    with other.system() as connection:
        emergencies.add(connection, replace(emergency(), agency=RAILWAY.id), "li", NOW)
    to = tmp_path / "restored"
    with pytest.raises(BadRegister, match="row of an id that cdc has too") as refusal:
        restore(backed_up, identities(identity), to, register.at_rest, Database(target, "cdc"))
    assert refusal.value.__suppress_context__
    assert not (to / "register.toml").exists()
    with other.snapshot("register") as connection:
        assert organisations.agencies(connection) == []
    other.close()
    with psycopg.connect(target) as owner:
        left = owner.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [make_url(target).database]
        ).fetchall()
    assert [name for (name,) in left if name.endswith("_cdc")] == []
