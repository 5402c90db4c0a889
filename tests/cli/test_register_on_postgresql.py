"""`bianque register` on PostgreSQL: made for two agencies, looked over, compacted, and its refusals read."""

from __future__ import annotations

import datetime as dt
import os
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from bianque.registry.register import open_register
from tests.postgres import Server
from tests.services.access.people import Person

from .conftest import Run, Typed

CREATE = "register create {} --agency {} --administrator wei --command lan --command bo --body {}"


@pytest.fixture
def empty(postgresql: Server, typed: Typed) -> Iterator[str]:
    """The address of the owner of a new, empty database, as it is typed."""
    with postgresql.database() as address:
        yield typed(address)


@pytest.fixture
def made(bianque: Run, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What was said when a register of agency `health` was made on PostgreSQL, on the command line."""
    folder = tmp_path / "register"
    monkeypatch.setenv("BIANQUE_REGISTER", str(folder))
    said = bianque(CREATE.format(folder, "health", "headquarters"), f"--postgresql {empty}")
    assert said.code == 0, said.err
    assert os.environ["PGPASSWORD"] not in said.out + said.err + (folder / "register.toml").read_text("utf-8")
    return said.out


def test_a_register_is_made_its_administrator_logs_in_and_it_is_well(
    bianque: Run, made: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (password,) = re.findall(r"^administrator +wei +one-time password (\S+)$", made, re.MULTILINE)
    register = open_register(tmp_path / "register")
    session = Person(register, "wei", password).first_log_in(dt.datetime.now(dt.UTC))
    register.close()
    monkeypatch.setenv("BIANQUE_SESSION", session.token)
    assert "wei, administrator of headquarters (command), agency health" in bianque("account show").out
    looked = bianque("register check")
    assert looked.code == 0
    assert "WRONG" not in looked.out
    assert bianque(f"register upgrade --owner {empty}").out.count("is of this version") == 4


@pytest.mark.usefixtures("made")
def test_a_second_agency_comes_to_the_same_database_once_and_from_a_folder_of_its_own(
    bianque: Run, empty: str, tmp_path: Path
) -> None:
    other = tmp_path / "police"
    words = "--agency police --administrator hu --command ping --command an --body police-headquarters"
    said = bianque("register create", other, words, f"--postgresql {empty}")
    assert said.code == 0, said.err
    looked = bianque("register check --register", other)
    assert looked.code == 0, looked.err
    assert "WRONG" not in looked.out
    again = bianque(CREATE.format(tmp_path / "third", "police", "b"), f"--postgresql {empty}")
    assert again.code == 2
    assert "agency police has its roles already" in again.err


@pytest.mark.usefixtures("made")
def test_after_erasures_its_owner_rewrites_the_tables_and_cuts_the_log(
    bianque: Run, empty: str, postgresql: Server
) -> None:
    said = bianque(f"register compact --owner {empty}")
    assert said.code == 0, said.err
    assert re.match(r"\d\d+ tables rewritten; the log of the time before is removed\n", said.out)
    owner = sql.Identifier(make_url(empty).username or "")
    with postgresql.connect() as connection:
        connection.execute(sql.SQL("REVOKE pg_checkpoint FROM {}").format(owner))
    refused = bianque(f"register compact --owner {empty}")
    assert refused.code == 2
    assert "GRANT pg_checkpoint" in refused.err
    assert os.environ["PGPASSWORD"] not in refused.err


def test_the_owners_password_may_lie_in_the_file_that_libpq_reads(
    bianque: Run, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(empty)
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"{url.host}:{url.port}:{url.database}:{url.username}:{os.environ['PGPASSWORD']}\n", "utf-8")
    passfile.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD")
    assert (
        "no password supplied" in bianque(CREATE.format(tmp_path / "one", "health", "b"), f"--postgresql {empty}").err
    )
    monkeypatch.setenv("PGPASSFILE", str(passfile))
    said = bianque(CREATE.format(tmp_path / "two", "health", "b"), f"--postgresql {empty}")
    assert said.code == 0, said.err


@pytest.mark.parametrize(
    "command",
    [
        "register create new --agency a --administrator w --command l --command b --postgresql",
        "register upgrade --register new --owner",
        "register compact --owner",
    ],
)
@pytest.mark.parametrize("address", ["postgresql://o:hush@127.0.0.1/d", "postgresql://o@127.0.0.1/d?password=hush"])
def test_a_password_on_the_command_line_is_refused(bianque: Run, command: str, address: str) -> None:
    said = bianque(command, address)
    assert said.code == 2
    assert "whoever lists the processes of this machine reads it" in said.err
    assert "PGPASSWORD" in said.err
    assert "hush" not in said.out + said.err


@pytest.mark.usefixtures("made")
def test_what_the_server_refused_goes_to_the_audit_once(bianque: Run, postgresql: Server, tmp_path: Path) -> None:
    if postgresql.folder is None:
        pytest.skip("the log of a PostgreSQL that runs elsewhere is not here")
    passwords = str(tmp_path / "register" / "passwords")
    address = tomllib.loads((tmp_path / "register" / "register.toml").read_text("utf-8"))["postgresql"]["register"]
    bianque("register refusals --log", postgresql.log)
    with (
        psycopg.connect(address, passfile=passwords, password="") as intruder,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        intruder.execute("SELECT * FROM door.directory WHERE value = '13800138000'")
    told = [said_until(bianque, postgresql, "1 refusals went to the audit")]
    told.append(bianque("register refusals --log", postgresql.log).out)
    assert told[1].startswith("0 refusals went to the audit")
    assert "13800138000" not in "".join(told)
    assert "chained" in bianque("register check").out


def said_until(bianque: Run, server: Server, wanted: str) -> str:
    """The server writes its log a moment after it has answered."""
    for _ in range(100):
        said = bianque("register refusals --log", server.log)
        assert said.code == 0, said.err
        if wanted in said.out:
            return said.out
        time.sleep(0.05)
    raise AssertionError(f"never said: {wanted}")
