"""Two agencies on one PostgreSQL: neither gets at the other's rows, whatever is tried with the roles it has."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import exc, select
from sqlalchemy import text as statement

from bianque.model.emergency import Act, Signature
from bianque.model.errors import BadRegister
from bianque.registry import audit, emergencies
from bianque.registry import register as registers
from bianque.registry.database_log import read_log
from bianque.registry.register import Register
from bianque.registry.tables.audit import audit_event
from tests.postgres import Server

from .authorities import NOW, authority
from .events import an_event

REFUSALS = "permission denied|row-level security|bianque: |must be owner|must be superuser|cannot be made"

ATTACKS = [
    ["SELECT * FROM audit_event"],
    ["SELECT set_config('bianque.agency', 'police', true)", "SELECT * FROM audit_event"],
    ["SELECT set_config('bianque.agency', '', true)", "SELECT * FROM audit_event"],
    ["SET ROLE {owner}"],
    ["SET ROLE {police}"],
    ["SET SESSION AUTHORIZATION {police}"],
    ["RESET SESSION AUTHORIZATION", "SELECT * FROM audit_event"],
    ["RESET ROLE", "SELECT * FROM audit_event"],
    ["COPY audit_event TO STDOUT"],
    ["COPY (SELECT * FROM audit_event) TO STDOUT"],
    ["COPY audit_event TO '/tmp/audit'"],
    ["COPY audit_event FROM '/etc/passwd'"],
    ["COPY audit_event TO PROGRAM 'cat'"],
    ["PREPARE q AS SELECT * FROM audit_event", "EXECUTE q"],
    ["DECLARE c CURSOR FOR SELECT * FROM audit_event", "FETCH ALL FROM c"],
    ["SET row_security = off", "{named}", "SELECT * FROM audit_event"],
    ["{named}", "UPDATE audit_event SET account = ''"],
    ["{named}", "DELETE FROM audit_event"],
    ["{named}", "TRUNCATE audit_event"],
    ["{named}", "{insert_for_police}"],
    ["{named}", "SELECT * FROM audit_event FOR UPDATE"],
    ["ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY"],
    ["ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY"],
    ["DROP POLICY own_rows ON audit_event"],
    ["CREATE POLICY mine ON audit_event USING (true)"],
    ["DROP TABLE audit_event"],
    ["CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"],
    ["CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"],
    ["CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"],
    ["CREATE VIEW public.v AS SELECT * FROM audit_event"],
    ["CREATE TEMP TABLE t AS SELECT * FROM audit_event"],
    ["CREATE SCHEMA mine"],
    ["CREATE OR REPLACE FUNCTION access.agency() RETURNS text LANGUAGE sql AS 'SELECT ''police'''"],
    ["SELECT * FROM keys.alembic_version"],
    ["SELECT * FROM door.alembic_version"],
    ["SELECT pg_read_file('postgresql.conf')"],
    ["SELECT pg_ls_dir('.')"],
    ["SELECT lo_import('/etc/passwd')"],
    ["GRANT {owner} TO CURRENT_USER"],
    ["ALTER ROLE CURRENT_USER BYPASSRLS"],
    ["ALTER ROLE CURRENT_USER SUPERUSER"],
    ["CREATE ROLE intruder"],
    ["SELECT rolpassword FROM pg_authid"],
]


@pytest.fixture(scope="module")
def owner(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as address:
        yield address


@pytest.fixture(scope="module")
def register(owner: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """The register of agency `cdc`, with one event of each of two agencies in it. Attacks leave it as it is."""
    folder = tmp_path_factory.mktemp("two-agencies")
    made = registers.create_on_postgresql(folder / "cdc", owner, "cdc")
    other = registers.create_on_postgresql(folder / "police", owner, "police")
    for one in (made, other):
        with one.system() as connection:
            audit.append(connection, [an_event(f"somebody of {one.agency}", one.agency)])
    other.close()
    yield made
    made.close()


def test_each_agency_has_an_audit_of_its_own(register: Register) -> None:
    with register.reading(authority("cdc")) as connection:
        rows = connection.execute(select(audit_event.c.agency, audit_event.c.number, audit_event.c.account)).all()
    assert [tuple(row) for row in rows] == [("cdc", 1, "somebody of cdc")]


@pytest.mark.parametrize(
    "attempts",
    ATTACKS,
    ids=lambda attempts: attempts[-1],
)
def test_no_statement_gets_around_the_wall(register: Register, attempts: list[str], owner: str) -> None:
    names = {
        "owner": owner.split("//")[1].split(":")[0],
        "police": (register.engine.url.username or "").replace("_cdc", "_police"),
        "named": "SELECT set_config('bianque.agency', 'cdc', true)",
        "insert_for_police": "INSERT INTO audit_event VALUES ('police', 9, '', '', '', '', '', '', '', '')",
    }
    with register.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        *before, last = [attempt.format(**names) for attempt in attempts]
        for one in before:
            driver.execute(one)
        with pytest.raises(Exception, match=REFUSALS) as refused:
            _run(driver, last)
        assert getattr(refused.value, "sqlstate", None) == "42501"


def _run(driver: object, last: str) -> None:
    with driver.cursor() as cursor:  # type: ignore[attr-defined]
        if last.startswith("COPY") and "STDOUT" in last:
            with cursor.copy(last) as out:
                list(out)
        else:
            cursor.execute(last)


def test_every_refusal_is_in_the_audit_once_and_no_value_with_it(
    register: Register, postgresql: Server, owner: str
) -> None:
    """Each attack again, after the log was read: as many events as refusals, none of a role that is not ours."""
    if postgresql.folder is None:
        pytest.skip("the log of a PostgreSQL that runs elsewhere is not here")
    settle(register, postgresql)
    for attempts in ATTACKS:
        test_no_statement_gets_around_the_wall(register, attempts, owner)
    with psycopg.connect(owner) as another, pytest.raises(psycopg.errors.InsufficientPrivilege):
        another.execute("ALTER ROLE CURRENT_USER SUPERUSER")
    with register.engine.connect() as connection, pytest.raises(exc.ProgrammingError):
        connection.exec_driver_sql("SELECT * FROM audit_event WHERE outcome = '13911112222'")
    before = events(register)
    refusals = read_until(register, postgresql, len(ATTACKS) + 1)
    assert refusals == len(ATTACKS) + 1
    assert read_log(register, postgresql.log).refusals == 0
    added = events(register)[len(before) :]
    assert len(added) == len(ATTACKS) + 1
    assert {(event["outcome"], event["rule"], event["account"]) for event in added} == {
        ("deny", "postgresql-42501", register.engine.url.username)
    }
    assert not [event for event in added if "13911112222" in str(event)]
    assert {"the transaction names no agency", "the transaction names another agency", "row-level security"} <= {
        event["reason"] for event in added
    }


def test_a_wrong_password_is_in_the_audit(register: Register, postgresql: Server) -> None:
    if postgresql.folder is None:
        pytest.skip("the log of a PostgreSQL that runs elsewhere is not here")
    settle(register, postgresql)
    url = register.engine.url
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=url.host, port=url.port, user=url.username, dbname=url.database, password="guessed")
    assert read_until(register, postgresql, 1) == 1
    assert events(register)[-1]["reason"] == "authentication failed"


def settle(register: Register, server: Server) -> None:
    """Read the log up to a mark of now: the server writes it a moment after it has answered."""
    mark = secrets.token_hex(8)
    with register.engine.connect() as connection, pytest.raises(exc.ProgrammingError):
        connection.exec_driver_sql(f"SELECT '{mark}' FROM door.directory")
    while mark not in "".join(path.read_text("utf-8") for path in server.log.glob("*.json")):
        time.sleep(0.05)
    read_log(register, server.log)


def read_until(register: Register, server: Server, wanted: int) -> int:
    """Read the log until some refusals were in it: the server writes it a moment after it has answered."""
    found = 0
    for _ in range(100):
        receipt = read_log(register, server.log)
        assert receipt.damaged == 0
        found += receipt.refusals
        if found >= wanted:
            break
        time.sleep(0.05)
    return found


def events(register: Register) -> list[dict[str, str]]:
    with register.reading(authority("cdc")) as connection:
        found = connection.execute(select(audit_event.c.event).order_by(audit_event.c.number)).scalars()
        return [json.loads(event) for event in found]


def test_a_statement_prepared_under_one_agency_does_not_answer_for_another(register: Register) -> None:
    with register.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PREPARE mine AS SELECT account FROM audit_event WHERE number = 1")
        driver.execute("SELECT set_config('bianque.agency', 'cdc', true)")
        assert driver.execute("EXECUTE mine").fetchall() == [("somebody of cdc",)]
        driver.execute("SELECT set_config('bianque.agency', 'police', true)")
        with pytest.raises(Exception, match="names another agency"):
            driver.execute("EXECUTE mine")


def test_the_setting_ends_with_the_transaction(register: Register) -> None:
    with register.reading(authority("cdc")) as connection:
        assert connection.scalar(statement("SELECT count(*) FROM audit_event")) > 0
    with register.engine.connect() as connection, pytest.raises(exc.ProgrammingError, match="names no agency"):
        connection.execute(statement("SELECT count(*) FROM audit_event"))


def test_an_authority_of_another_agency_opens_nothing(register: Register) -> None:
    forged = authority("police")
    with register.reading(forged) as connection, pytest.raises(exc.ProgrammingError, match="names another agency"):
        connection.execute(statement("SELECT count(*) FROM audit_event"))


def test_an_emergency_of_another_agency_is_not_signed_and_that_is_said(register: Register) -> None:
    drafted = authority("cdc", "hubei").emergency
    assert drafted is not None
    with register.system() as connection:
        emergencies.add(connection, drafted, "somebody", NOW)
    other = registers.open_register(register.at_rest.parent / "police")
    signed = drafted.signed(Signature(Act.DECLARE, "an-officer", "cdc", NOW))
    with other.system() as connection, pytest.raises(BadRegister, match="agency cdc has no emergency hubei"):
        emergencies.save(connection, signed)
    other.close()
    with register.system() as connection:
        assert emergencies.find(connection, "hubei") == drafted


def test_a_reader_cannot_write(register: Register) -> None:
    with register.reading(authority("cdc")) as connection, pytest.raises(exc.DBAPIError, match="read-only transaction"):
        audit.append(connection, [an_event("somebody", "cdc")])
