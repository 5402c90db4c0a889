"""A register of several agencies on PostgreSQL: three schemas, a role for each agency and store, and an owner apart.

The owner makes and upgrades; it is no superuser, but may make roles. What acts is a role of one agency on one store:
`DATABASE_STORE_AGENCY`, a member of `DATABASE_STORE`, which holds the grants. `registry/row_security.py` says what
each may see.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy import text as statement
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from bianque.model.errors import BadInput, BadRegister
from bianque.registry import private_files, register_file, row_security, versions
from bianque.registry.tables import STORES

LOOPBACK = ("127.0.0.1", "::1", "localhost")
LONGEST_NAME = 63  # bytes of a name in PostgreSQL
VERIFIED = ("verify-ca", "verify-full")
PATIENCE = 30_000  # ms that a writer waits for another of its agency, as on SQLite
# A role may be given what it must not have while the server of its agency runs: it is asked every time.
BEGIN = """
SELECT set_config('bianque.agency', :a, true), set_config('bianque.emergency', :e, true), rolsuper OR rolbypassrls
FROM pg_roles WHERE rolname = session_user
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || :agency, 0))"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a transaction names: the agency it acts for, and the emergency it works under, or ''."""

    agency: str
    emergency: str = ""


def create(owner: str) -> None:
    """Make the schemas, tables, roles, grants and policies in a database, or put them right where they exist.

    owner    address of the database, with the role that is to own everything: no superuser, may make roles
    raises   BadRegister  when the address is none, nobody answers there, or the role may not
    """
    database = make_url(owner).database or ""
    with owning(owner, "register") as connection:
        for command in row_security.FUNCTIONS:
            connection.exec_driver_sql(command)
        connection.commit()
    for store, tables in STORES.items():
        with owning(owner, store) as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {store}")
            if versions.of(connection) is None:
                tables.create_all(connection)
                versions.stamp(connection)
            _group(connection, database, store)
            row_security.secure(connection, store, tables, group(database, store))
            connection.commit()


def upgrade(owner: str, *revisions: Path) -> dict[str, list[str]]:
    """Run the revisions after each store's own, and put grants and policies right; which were run, by store."""
    ran: dict[str, list[str]] = {}
    database = make_url(owner).database or ""
    for store, tables in STORES.items():
        with owning(owner, store) as connection:
            ran[store] = versions.upgrade(connection, store, *revisions)
            row_security.secure(connection, store, tables, group(database, store))
            connection.commit()
    return ran


def add_agency(owner: str, agency: str, folder: Path) -> None:
    """Give an agency its roles, and write register.toml and the passwords into the folder it works from.

    raises  BadRegister  when the agency has its roles already, its name is too long, or the folder holds a register
    """
    url = make_url(owner)
    database = url.database or ""
    if (folder / register_file.REGISTER_FILE).exists():
        raise BadRegister(
            f"{folder}: there is a register already", kept="the register as it is", remedy="give another folder"
        )
    roles = {store: f"{group(database, store)}_{agency}" for store in STORES}
    if long := [role for role in roles.values() if len(role.encode()) > LONGEST_NAME]:
        raise BadRegister(
            f"the name of role {long[0]} has more than {LONGEST_NAME} bytes", remedy="a shorter agency id"
        )
    passwords = {store: secrets.token_urlsafe(24) for store in STORES}
    with owning(owner, "register") as connection:
        if any(_is_let_in(connection, role) for role in roles.values()):
            raise BadRegister(
                f"agency {agency} has its roles already",
                kept="roles and passwords as they are",
                remedy="work from the folder that they were made with; if a restore was killed half-way, restore again"
                " into a new database",
            )
        for store, role in roles.items():
            _log_in(connection, role, group(database, store), passwords[store])
        _write(folder, url, agency, roles, passwords)
        connection.commit()


def remove_agency(owner: str, agency: str) -> None:
    """Take an agency's roles away again, where what they were made for did not come about."""
    database = make_url(owner).database or ""
    with owning(owner, "register") as connection:
        quote = connection.dialect.identifier_preparer.quote
        roles = ", ".join(quote(f"{group(database, store)}_{agency}") for store in STORES)
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {roles}")
        connection.commit()


def group(database: str, store: str) -> str:
    """The role that holds the grants of a store; what logs in is a member of it."""
    return f"{database}_{store}"


def engines(folder: Path, at: register_file.OnPostgresql) -> dict[str, Engine]:
    """The engines of the three stores, opened by the agency's roles and checked.

    raises  BadRegister  when a store cannot be reached, or its role could do what it must not
    """
    passwords, where = register_file.passfile(folder), folder / register_file.REGISTER_FILE
    opened: dict[str, Engine] = {}
    try:
        for store, address in at.addresses().items():
            url = _address(address)
            _must_be_private(url, where)
            opened[store] = _engine(url, store, passwords)
            _scoped(opened[store], at.agency, always=store != "register")
            with opened[store].connect().execution_options(scope=Scope(at.agency), opening=True) as connection:
                _check(connection, store, url)
    except BaseException as cause:
        for engine in opened.values():
            engine.dispose()
        if isinstance(cause, OperationalError):
            raise BadRegister(
                f"{where}: {store}: PostgreSQL does not let us in: {said(cause)}",
                remedy="look at the address, the passwords and the server",
            ) from None
        raise
    return opened


def begins(scope: Scope, *, write: bool) -> dict[str, Any]:
    """Execution options of a transaction of the register: what it names, and one writer of an agency at a time.

    A reader sees one state throughout and can write nothing; a writer waits for the agency's other writers before it
    reads, as on SQLite, so that what it read still holds when it writes.
    """
    if write:
        return {"scope": scope, "sqlite_begin": "IMMEDIATE"}
    return {"scope": scope, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _scoped(engine: Engine, agency: str, *, always: bool) -> None:
    """Settings that end with the transaction. The stores of keys and of the door know one agency and no emergency."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        scope: Scope | None = options.get("scope", Scope(agency) if always else None)
        if scope is None:
            return
        (unwalled,) = connection.execute(statement(BEGIN), {"a": scope.agency, "e": scope.emergency}).one()[2:]
        if unwalled and not options.get("opening"):  # when it is opened every gap is named
            raise BadRegister(
                f"role {engine.url.username} has become one that row-level security does not bind (superuser or"
                " BYPASSRLS)",
                kept="nothing was read",
                remedy=f"as administrator of the server: ALTER ROLE {engine.url.username} NOSUPERUSER NOBYPASSRLS; ask"
                " who changed it",
            )
        if options.get("sqlite_begin") == "IMMEDIATE":
            connection.execute(statement(LOCK), {"agency": scope.agency})


def _check(connection: Connection, store: str, url: URL) -> None:
    found = row_security.weaknesses(connection, store, STORES[store], group(url.database or "", store))
    if found:
        raise BadRegister(
            f"{store}: the register is not opened, for its wall has a gap: {'; '.join(found)}",
            kept="nothing was read",
            remedy="use the roles that `bianque register create` made, and let it put grants and policies right",
        )


def _address(address: str) -> URL:
    try:
        return make_url(address).set(drivername="postgresql+psycopg")
    except ArgumentError as cause:
        remedy = "write it as postgresql://ROLE@HOST:PORT/DATABASE"
        raise BadRegister("this is no address of a database", remedy=remedy) from cause


def _must_be_private(url: URL, where: Path) -> None:
    if url.password is not None:
        raise BadRegister(
            f"{where}: an address holds a password",
            remedy=f"move it to the file {register_file.PASSWORDS} beside it (libpq's form), mode 600",
        )
    distant = url.host and not url.host.startswith("/") and url.host not in LOOPBACK
    if distant and url.query.get("sslmode") not in VERIFIED:
        raise BadRegister(
            f"{where}: {url.host} is another machine and the connection is not verified",
            remedy="end the addresses with ?sslmode=verify-full&sslrootcert=FILE",
        )


def _engine(url: URL, store: str, passwords: Path | None, **other: Any) -> Engine:
    arguments = {"options": f"-csearch_path={store}", "application_name": "bianque"}
    if passwords:
        # An empty password sends libpq to the file: PGPASSWORD, which may be the owner's, would come before it.
        arguments |= {"passfile": str(passwords), "password": ""}
    if not other:
        arguments["options"] += f" -clock_timeout={PATIENCE}"
    try:
        return create_engine(url, connect_args=arguments, hide_parameters=True, pool_pre_ping=not other, **other)
    except ModuleNotFoundError as cause:
        raise BadRegister(
            "the driver of PostgreSQL is not installed", remedy="pip install 'bianque[postgresql]'"
        ) from cause


def without_password(owner: str) -> str:
    """The owner's address as it may stand on a command line; libpq finds the password where it always looks.

    raises  BadInput  when it holds a password: everybody on the machine reads the command lines of all
    """
    url = _address(owner)
    if url.password is not None or "password" in url.query:
        raise BadInput(
            "the address of the database holds a password: whoever lists the processes of this machine reads it",
            kept="nothing was done",
            remedy="give the address without it, and the password in PGPASSWORD or in ~/.pgpass (libpq's form, mode"
            " 600); the one that was typed is in the shell's history: change it",
        )
    return owner


def owning(owner: str, store: str) -> Connection:
    """A connection of the owner, the store's schema first in its path; it ends with its block, uncommitted."""
    engine = _engine(_address(owner), store, None, poolclass=NullPool)
    try:
        return engine.connect()
    except OperationalError as cause:
        raise BadRegister(
            f"PostgreSQL does not let the owner in: {said(cause)}", remedy="look at the address and the server"
        ) from None


def said(cause: OperationalError) -> str:
    """What the driver said, on one line: places and roles, never a password."""
    return " ".join(str(cause.orig).split())


def _group(connection: Connection, database: str, store: str) -> None:
    """The role that holds the grants of a store, and a database that nobody else enters."""
    quote = connection.dialect.identifier_preparer.quote
    name, base = quote(group(database, store)), quote(database)
    if not _exists(connection, group(database, store)):
        try:
            connection.exec_driver_sql(f"CREATE ROLE {name} NOLOGIN")
        except ProgrammingError as cause:
            raise BadRegister(
                "the owner may not make roles",
                kept=f"what was made before the roles of store {store}",
                remedy="as administrator of the server: ALTER ROLE OWNER CREATEROLE",
            ) from cause
    connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {base} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {base} TO {name}")


def _log_in(connection: Connection, role: str, of: str, password: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    verb = "ALTER" if _exists(connection, role) else "CREATE"  # one is left where a database was dropped and made anew
    driver: Any = connection.connection.driver_connection
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    # The server, and its log, never see the password itself.
    connection.exec_driver_sql(f"{verb} ROLE {quote(role)} LOGIN INHERIT PASSWORD '{verifier}'")
    connection.exec_driver_sql(f"GRANT {quote(of)} TO {quote(role)}")


def _is_let_in(connection: Connection, role: str) -> bool:
    """Whether a role may enter this database: one that is left from a dropped database of the same name may not."""
    rights = "SELECT has_database_privilege(oid, current_database(), 'CONNECT') FROM pg_roles WHERE rolname = :r"
    return bool(connection.scalar(statement(rights), {"r": role}))


def _exists(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(statement("SELECT true FROM pg_roles WHERE rolname = :r"), {"r": role}))


def _write(folder: Path, owner: URL, agency: str, roles: Mapping[str, str], passwords: Mapping[str, str]) -> None:
    """register.toml without a secret, and the passwords (libpq's form); nobody but the owner may read either."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = ["[postgresql]", f'agency = "{agency}"']
    secret: list[str] = []
    for store, role in roles.items():
        address = URL.create("postgresql", role, None, owner.host, owner.port, owner.database, owner.query)
        lines.append(f'{store} = "{address.render_as_string()}"')
        place = (owner.host or "localhost", str(owner.port or 5432), owner.database or "", role, passwords[store])
        secret.append(":".join(part.replace("\\", "\\\\").replace(":", "\\:") for part in place))
    for name, content in ((register_file.REGISTER_FILE, lines), (register_file.PASSWORDS, secret)):
        with private_files.new(folder / name) as file:
            file.write("\n".join([*content, ""]).encode())
