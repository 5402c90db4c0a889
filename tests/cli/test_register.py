"""`bianque register` from the first day to the worst one: made, backed up, lost, brought back."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from bianque.registry.age import identities
from bianque.registry.register import open_register
from bianque.registry.tables.accounts import ceremony, session, ticket
from tests.services.access.people import Person

from .conftest import Run

CREATE = "register create {} --agency health --administrator wei --command lan --command bo"


@pytest.fixture
def recipient(identity: Path) -> str:
    return str(identities(identity)[0].to_public())


@pytest.fixture
def folder(bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register whose administrator is logged in on the command line."""
    folder = tmp_path / "register"
    made = bianque(CREATE.format(folder))
    assert made.code == 0, made.err
    (password,) = re.findall(r"^administrator +wei +one-time password (\S+)$", made.out, re.MULTILINE)
    register = open_register(folder)
    session = Person(register, "wei", password).first_log_in(dt.datetime.now(dt.UTC))
    register.close()
    monkeypatch.setenv("BIANQUE_SESSION", session.token)
    monkeypatch.setenv("BIANQUE_REGISTER", str(folder))
    return folder


@pytest.mark.usefixtures("folder")
def test_without_an_escrow_the_loss_is_explained_before_it_can_happen(
    bianque: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    said = bianque("register check")
    assert "in no confirmed escrow" in caplog.text
    assert said.code == 0
    assert "warning  escrow: there is none: with the folder's keys lost, nobody can read this register" in said.out
    assert "optional register: there is none" in bianque("doctor").out


def test_a_register_lost_with_its_machine_comes_back_from_two_sheets_and_a_backup(
    bianque: Run, folder: Path, identity: Path, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets, backups, new = tmp_path / "sheets", tmp_path / "backups", tmp_path / "new"
    monkeypatch.setattr("sys.stdin", io.StringIO("gibbon onward splashy\n"))
    said = bianque(f"register escrow make --to {sheets} --holder {recipient} --holder passphrase")
    assert said.code == 0, said.err
    one, other = sorted(sheets.iterdir())
    assert one.stat().st_mode & 0o077 == 0
    assert "share 1 and share 2 can be opened" in bianque("register check").out
    assert "other holder" in bianque("register escrow confirm", one, "--identity", identity).out
    monkeypatch.setattr("sys.stdin", io.StringIO("gibbon onward splashy\n"))
    assert bianque("register escrow confirm", other).out == "confirmed by both holders\n"
    assert "ok       escrow" in bianque("register check").out
    assert f"ok       register: {folder}, its keys are in escrow" in bianque("doctor").out

    said = bianque(f"register backup --to {backups} --recipient {recipient}")
    assert said.code == 0, said.err
    (data,) = backups.glob("*-data-*.age")
    assert str(data) in said.out

    folder.rename(tmp_path / "lost")
    monkeypatch.setattr("sys.stdin", io.StringIO("gibbon onward splashy\n"))
    said = bianque("register escrow restore", other, one, f"--to {new} --identity {identity}")
    assert said.code == 0, said.err
    said = bianque("register restore", "--from", data, f"--identity {identity} --to {new}")
    assert said.code == 0, said.err
    assert "audit whole up to event" in said.out
    assert f"look at them with `bianque account list --register {new}`" in said.out
    monkeypatch.setenv("BIANQUE_REGISTER", str(new))
    assert "WRONG" not in bianque("register check").out
    said = bianque("register rotate")  # with the session from before the backup
    assert (said.code, "wrapped anew" in said.out) == (2, False)
    restored = open_register(new)
    with restored.snapshot("register") as connection:
        assert [connection.execute(select(table)).all() for table in (session, ticket, ceremony)] == [[], [], []]
    restored.close()


@pytest.mark.usefixtures("folder")
def test_nobody_backs_up_without_being_logged_in(
    bianque: Run, recipient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIANQUE_SESSION")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    said = bianque(f"register backup --to {tmp_path / 'backups'} --recipient {recipient}")
    assert said.code == 2
    assert "nobody is logged in" in said.err
    assert not (tmp_path / "backups").exists()


def test_a_register_others_may_read_is_wrong_and_exit_code_2(bianque: Run, folder: Path) -> None:
    (folder / "register.sqlite").chmod(0o644)
    said = bianque("register check")
    assert said.code == 2
    assert "WRONG    rights: others than the owner may read: register.sqlite" in said.out


def test_an_audit_changed_by_another_tool_is_found(bianque: Run, folder: Path) -> None:
    register = open_register(folder)
    with register.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET event = X'7b7d' WHERE number = 2")
    register.close()
    said = bianque("register check")
    assert said.code == 2
    assert "WRONG    audit: the chain breaks at event 2" in said.out


@pytest.mark.usefixtures("folder")
def test_a_current_register_has_nothing_to_upgrade_and_nothing_to_sweep(bianque: Run) -> None:
    assert bianque("register upgrade").out.count("is of this version") == 4
    assert "swept: 0 keys that sealed nothing, 0 records" in bianque("register sweep").out


def test_the_root_key_goes_into_hardware_only_after_the_escrow_is_confirmed(bianque: Run, folder: Path) -> None:
    said = bianque("register hardware --module module.so --token health")
    assert said.code == 2
    assert "not confirmed by both holders" in said.err
    assert (folder / "root.key").exists()


def test_a_register_can_be_made_with_its_escrow_and_another_suite(
    bianque: Run, tmp_path: Path, recipient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("gibbon onward splashy\n"))
    folder = tmp_path / "register"
    said = bianque(CREATE.format(folder), f"--suite sm --holder {recipient} --holder passphrase")
    assert said.code == 0, said.err
    assert len(list((tmp_path / "register-shares").iterdir())) == 2
    assert "The keys lie in this folder alone" not in said.out
    assert "gibbon" not in said.out + said.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("holders", "says"),
    [("--holder passphrase", "an escrow has two holders"), ("--holder age1x --holder age1y", "no age recipient")],
)
def test_holders_that_cannot_be_used_are_refused(
    holders: str, says: str, bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("gibbon onward splashy\n"))
    said = bianque(f"register escrow make --to {tmp_path / 'sheets'} {holders}")
    assert said.code == 2
    assert says in said.err
    assert not (tmp_path / "sheets").exists()
