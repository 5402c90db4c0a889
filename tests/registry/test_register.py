"""A register on SQLite: made once, opened with its key alone, its audit only grows."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadRegister, PolicyRefusal
from bianque.model.organisation import HolderKind
from bianque.registry import register as registers
from bianque.services.gate import permit

SOMEBODY = Authority("li", "street-office", "cdc", Role.TRACER, HolderKind.GRASSROOTS, dt.datetime.now(dt.UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registers.create(tmp_path / "register").close()
    return tmp_path / "register"


def test_only_its_owner_may_look_into_it(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir()} == {0}


def test_it_is_not_made_twice(folder: Path) -> None:
    key = (folder / "root.key").read_bytes()
    with pytest.raises(BadRegister, match="already"):
        registers.create(folder)
    assert (folder / "root.key").read_bytes() == key


def test_without_its_key_it_stays_shut(folder: Path) -> None:
    (folder / "root.key").rename(folder / "elsewhere.key")
    with pytest.raises(BadRegister, match="root key cannot be read"):
        registers.open_register(folder)


def test_a_key_that_others_may_read_is_refused(folder: Path) -> None:
    (folder / "root.key").chmod(0o644)
    with pytest.raises(BadRegister, match="others than the owner"):
        registers.open_register(folder)


def test_a_refused_attempt_is_on_record(folder: Path) -> None:
    register = registers.open_register(folder)
    with pytest.raises(PolicyRefusal):
        permit(register, SOMEBODY, Action.READ_PERSON, Resource("person", "p1"))
    with register.reading(SOMEBODY) as connection:
        (row,) = connection.execute(text("SELECT account, action, outcome, subject FROM audit_event")).all()
    assert (row.account, row.action, row.outcome) == ("li", "read_person", "deny")
    assert row.subject == register.subject("p1") != "p1"
    register.close()


@pytest.mark.parametrize("verb", ["UPDATE audit_event SET account = 'x'", "DELETE FROM audit_event"])
def test_the_audit_only_grows(folder: Path, verb: str) -> None:
    register = registers.open_register(folder)
    with pytest.raises(PolicyRefusal):
        permit(register, SOMEBODY, Action.READ_PERSON, Resource("person", "p1"))
    with pytest.raises(exc.IntegrityError, match="only grows"), register.system() as connection:
        connection.execute(text(verb))
    register.close()
