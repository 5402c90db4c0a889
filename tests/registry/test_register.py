"""A register on SQLite: made once, opened with its key alone, its audit only grows."""

from __future__ import annotations

import datetime as dt
import os
import resource
import stat
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadRegister, PolicyRefusal
from bianque.model.organisation import HolderKind
from bianque.registry import maintenance
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.services.gate import permit

SOMEBODY = Authority("li", "street-office", "cdc", Role.TRACER, HolderKind.GRASSROOTS, dt.datetime.now(dt.UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registers.create(tmp_path / "register").close()
    return tmp_path / "register"


def test_only_its_owner_may_look_into_it(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir()} == {0}


def test_nobody_else_reads_its_logs_in_a_folder_that_was_there_before(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0o022)
    try:
        register = registers.create(tmp_path)
    finally:
        os.umask(before)
    assert {"register.sqlite-wal", "keys.sqlite-wal", "door.sqlite-shm"} <= {path.name for path in tmp_path.iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    register.close()


@pytest.mark.parametrize("left", ["keys.sqlite", "door.sqlite"])
def test_it_is_not_made_over_a_store_of_another(tmp_path: Path, left: str) -> None:
    (tmp_path / left).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadRegister, match="already"):
        registers.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [left]


@pytest.mark.parametrize("store", ["register", "keys", "door"])
def test_a_damaged_store_is_named_as_what_it_is(folder: Path, store: str) -> None:
    (folder / f"{store}.sqlite").write_bytes(b"not a store" * 1000)
    with pytest.raises(BadRegister, match="damaged") as said:
        registers.open_register(folder)
    assert "restore the newest backup" in said.value.diagnostics()


def test_a_full_store_of_keys_is_told_as_what_it_is(folder: Path) -> None:
    register = registers.open_register(folder)
    with pytest.raises(BadRegister, match="full"):
        fill_up(register)
    register.close()


def fill_up(register: Register) -> None:
    with register.keys_writing(SOMEBODY) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more room than there is in use
        connection.exec_driver_sql("CREATE TABLE more (text)")


def test_a_scrub_on_a_full_disk_says_what_is_left_and_is_done_later(folder: Path) -> None:
    register = registers.open_register(folder)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024, limit[1]))
    try:
        with pytest.raises(BadRegister, match="could not be written anew") as said:
            maintenance.scrub(register, SOMEBODY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert "people check --tidy" in said.value.diagnostics()
    assert maintenance.scrub(register, SOMEBODY)
    register.close()


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
    with pytest.raises(exc.IntegrityError, match="audit_event only grows"), register.system() as connection:
        connection.execute(text(verb))
    register.close()
