"""A register on PostgreSQL is opened only by roles that can do no more than they should, over a wall without gaps."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, text

from bianque.model.errors import BadRegister
from bianque.registry import postgres, register_file
from bianque.registry import register as registers
from tests.postgres import Server


@pytest.fixture
def folder(owner: str, tmp_path: Path) -> Path:
    """Where agency `cdc` works from."""
    registers.create_on_postgresql(tmp_path / "register", owner, "cdc").close()
    return tmp_path / "register"


@pytest.fixture
def role(owner: str) -> sql.Identifier:
    """The role of the agency on the register."""
    return sql.Identifier(f"{make_url(owner).database}_register_cdc")


@pytest.fixture
def superuser(postgresql: Server, owner: str) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the database."""
    with postgresql.connect(dbname=make_url(owner).database) as connection:
        yield connection


def test_the_folder_holds_no_password_that_others_may_read(folder: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir() if path.name != "register.toml"} == {
        0
    }
    passwords = [line.rpartition(":")[2] for line in (folder / "passwords").read_text("utf-8").splitlines()]
    assert len(set(passwords)) == 3
    assert not [password for password in passwords if password in (folder / "register.toml").read_text("utf-8")]


@pytest.mark.parametrize("attribute", ["BYPASSRLS", "SUPERUSER"])
def test_a_role_that_is_let_past_the_wall_while_the_server_runs_reads_nothing_more(
    folder: Path, role: sql.Identifier, superuser: psycopg.Connection, attribute: str
) -> None:
    register = registers.open_register(folder)
    with register.system() as connection:
        connection.execute(text("SELECT 1"))
    superuser.execute(sql.SQL(f"ALTER ROLE {{}} {attribute}").format(role))
    with pytest.raises(BadRegister, match="row-level security does not bind"), register.system() as connection:
        connection.execute(text("SELECT 1"))
    superuser.execute(sql.SQL(f"ALTER ROLE {{}} NO{attribute}").format(role))
    with register.system() as connection:
        connection.execute(text("SELECT 1"))
    register.close()


def test_a_server_that_ended_every_connection_is_told_once_and_the_next_request_works(
    folder: Path, superuser: psycopg.Connection
) -> None:
    """As a restart does."""
    register = registers.open_register(folder)
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bianque'"
    superuser.execute(end_all)
    with register.system() as connection:  # what lay idle in the pool is made anew
        connection.execute(text("SELECT 1"))
    with (
        pytest.raises(BadRegister, match="cannot be used now: terminating connection") as refused,
        register.system(),
    ):
        superuser.execute(end_all)
    assert "nothing was done that could not be recorded" in refused.value.kept
    with register.system() as connection:
        connection.execute(text("SELECT 1"))
    register.close()


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "has BYPASSRLS"),
        ("ALTER ROLE {role} CREATEROLE", "may make roles"),
        ("GRANT {superuser} TO {role}", "is a member of"),
        ("GRANT pg_read_all_data TO {role}", "is a member of pg_read_all_data"),
        ("GRANT {keys} TO {role}", "is a member of"),
        ("ALTER TABLE register.audit_event NO FORCE ROW LEVEL SECURITY", "not forced on table audit_event"),
        ("ALTER TABLE register.audit_event DISABLE ROW LEVEL SECURITY", "not forced on table audit_event"),
        ("DROP POLICY own_rows ON register.audit_event", "table audit_event has no policy"),
        ("CREATE POLICY mine ON register.audit_event USING (true)", "a policy that is not ours: mine"),
        ("GRANT UPDATE ON register.audit_event TO {group}", "may change or delete rows of table audit_event"),
        ("GRANT UPDATE (account) ON register.audit_event TO {group}", "may change or delete rows of table audit_event"),
        ("GRANT DELETE ON register.audit_event TO {role}", "may change or delete rows of table audit_event"),
        ("GRANT TRUNCATE ON register.audit_event TO PUBLIC", "may truncate"),
        ("ALTER TABLE register.audit_event OWNER TO {role}", "owns table audit_event"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "may create in schema public"),
        ("GRANT TEMPORARY ON DATABASE {database} TO {role}", "temporary objects"),
    ],
)
def test_a_wall_with_a_gap_stays_shut_until_it_is_put_right(
    folder: Path, superuser: psycopg.Connection, owner: str, role: sql.Identifier, change: str, gap: str
) -> None:
    database = make_url(owner).database
    assert database is not None
    superuser.execute(
        sql.SQL(change).format(  # type: ignore[arg-type]
            role=role,
            superuser=sql.Identifier(superuser.info.user),
            group=sql.Identifier(postgres.group(database, "register")),
            keys=sql.Identifier(postgres.group(database, "keys")),
            database=sql.Identifier(database),
        )
    )
    with pytest.raises(BadRegister, match="its wall has a gap") as refused:
        registers.open_register(folder)
    assert gap in refused.value.what


def test_grants_and_policies_are_put_right_by_the_owner(folder: Path, owner: str) -> None:
    with psycopg.connect(owner) as connection:
        connection.execute("ALTER TABLE register.audit_event NO FORCE ROW LEVEL SECURITY")
        connection.execute("DROP POLICY own_rows ON register.audit_event")
    with pytest.raises(BadRegister):
        registers.open_register(folder)
    postgres.create(owner)
    registers.open_register(folder).close()


def test_the_owner_itself_is_not_let_in(folder: Path, owner: str) -> None:
    text = (folder / "register.toml").read_text("utf-8")
    url = make_url(owner)
    (folder / "register.toml").write_text(text.replace(f"{url.database}_register_cdc", url.username or ""), "utf-8")
    with (folder / "passwords").open("a", encoding="utf-8") as file:
        file.write(f"{url.host}:{url.port}:{url.database}:{url.username}:{url.password}\n")
    with pytest.raises(BadRegister, match="owns table"):
        registers.open_register(folder)


def test_an_agency_gets_its_roles_once(folder: Path, owner: str) -> None:
    before = (folder / "passwords").read_bytes()
    with pytest.raises(BadRegister, match="already"):
        registers.create_on_postgresql(folder.parent / "again", owner, "cdc")
    with pytest.raises(BadRegister, match="already"):
        registers.create_on_postgresql(folder, owner, "police")
    assert (folder / "passwords").read_bytes() == before
    registers.open_register(folder).close()


def test_a_wrong_password_says_where_to_look(folder: Path) -> None:
    (folder / "passwords").write_text("*:*:*:*:geheim\n", "utf-8")
    with pytest.raises(BadRegister, match="password authentication failed") as refused:
        registers.open_register(folder)
    assert "geheim" not in refused.value.diagnostics()


def test_passwords_that_others_may_read_are_refused(folder: Path) -> None:
    (folder / "passwords").chmod(0o644)
    with pytest.raises(BadRegister, match="others than the owner"):
        registers.open_register(folder)


def test_an_address_with_a_password_in_it_is_refused_without_repeating_it(folder: Path) -> None:
    path = folder / "register.toml"
    path.write_text(path.read_text("utf-8").replace("_cdc@", "_cdc:geheim@"), "utf-8")
    with pytest.raises(BadRegister, match="holds a password") as refused:
        registers.open_register(folder)
    assert "geheim" not in refused.value.diagnostics()


def test_another_machine_is_reached_over_a_verified_connection_or_not_at_all(folder: Path) -> None:
    path = folder / "register.toml"
    path.write_text(path.read_text("utf-8").replace("@127.0.0.1", "@database.example"), "utf-8")
    with pytest.raises(BadRegister, match="not verified"):
        registers.open_register(folder)


def test_a_register_file_with_a_mistake_is_named_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "register.toml").write_text('[postgresql]\nagency = "cdc"\nregister = "mysql://x"\n', "utf-8")
    with pytest.raises(BadRegister, match=r"\[postgresql\] register: "):
        register_file.read(tmp_path)
