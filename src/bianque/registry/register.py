"""A register: its three stores, opened, and the transactions under which anything is read or written there."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from bianque.model.authority import Authority
from bianque.model.errors import BadRegister
from bianque.registry import escrow, hardware_root, postgres, register_file, row_security, suites, tables, versions
from bianque.registry import root as roots
from bianque.registry.postgres import Scope
from bianque.registry.root import Root
from bianque.registry.tables import STORES
from bianque.registry.versions import Vault

Transaction: TypeAlias = Connection  # what services hand on to registry functions
ROOT_FILE = roots.FILE
LOG = logging.getLogger(__name__)

for _tables in pkgutil.iter_modules(tables.__path__, f"{tables.__name__}."):  # so that the stores know their tables
    importlib.import_module(_tables.name)


@dataclass(frozen=True, slots=True)
class Register:
    """An opened register. `at_rest` is where it lies; the engines are those of its three stores."""

    at_rest: Path
    root: Root = field(repr=False)
    engine: Engine
    keys: Engine
    door: Engine
    agency: str = ""  # whose roles opened it, on PostgreSQL; SQLite holds one agency and knows no roles

    @contextmanager
    def reading(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that reads what the authority's agency holds."""
        with _usable(), self._engine(_scope(authority), write=False).connect() as connection:
            yield connection

    @contextmanager
    def writing(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that writes for the authority's agency: all of it, or none."""
        with _usable(), self._engine(_scope(authority), write=True).begin() as connection:
            yield connection

    @contextmanager
    def keys_reading(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that reads wrapped keys of the authority's agency."""
        with _usable(), self._engine(_scope(authority), write=False, of=self.keys).connect() as connection:
            yield connection

    @contextmanager
    def keys_writing(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that writes wrapped keys for the authority's agency: all of it, or none."""
        with _usable(), self._engine(_scope(authority), write=True, of=self.keys).begin() as connection:
            yield connection

    @contextmanager
    def door_reading(self) -> Iterator[Connection]:
        """A transaction that reads the directory behind the door: what it says in clear is no secret of the door's."""
        with _usable(), self._engine(Scope(self.agency), write=False, of=self.door).connect() as connection:
            yield connection

    @contextmanager
    def door_writing(self) -> Iterator[Connection]:
        """A transaction of the door's process that writes there: all of it, or none."""
        with _usable(), self._engine(Scope(self.agency), write=True, of=self.door).begin() as connection:
            yield connection

    @contextmanager
    def door_keys_writing(self) -> Iterator[Connection]:
        """A transaction of the door's process that writes into the store of keys what it erases behind the door."""
        with _usable(), self._engine(Scope(self.agency), write=True, of=self.keys).begin() as connection:
            yield connection

    @contextmanager
    def system(self) -> Iterator[Connection]:
        """A transaction on what belongs to no person: accounts, sessions, organisations, emergencies, the audit."""
        with _usable(), self._engine(Scope(self.agency), write=True).begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self, store: str) -> Iterator[Connection]:
        """A transaction that reads one state of a whole store: every emergency of the agency that opened it."""
        with _usable(), self._engine(Scope(self.agency), write=False, of=self.stores()[store]).connect() as connection:
            yield connection

    def _engine(self, scope: Scope, *, write: bool, of: Engine | None = None) -> Engine:
        engine = of or self.engine
        if engine.dialect.name == "postgresql":
            return engine.execution_options(**postgres.begins(scope, write=write))
        return engine.execution_options(sqlite_begin="IMMEDIATE" if write else "DEFERRED")

    def subject(self, person: str) -> str:
        """The pseudonym a person has in the audit."""
        return hmac.digest(self.root.derive("audit subject"), person.encode(), hashlib.sha256).hex()[:32]

    def stores(self) -> dict[str, Engine]:
        """The engine of each store."""
        return dict(zip(STORES, (self.engine, self.keys, self.door), strict=True))

    def close(self) -> None:
        for engine in (self.engine, self.keys, self.door):
            engine.dispose()


@contextmanager
def _usable() -> Iterator[None]:
    """A store that is locked, full, read-only, gone or damaged is told as what it is: without the audit nothing goes
    on."""
    try:
        yield
    except DatabaseError as cause:
        if type(cause) is DatabaseError:  # SQLite's own word for bytes that are no store
            raise BadRegister(
                f"a store of the register is damaged: {cause.orig}",
                kept="its files as they are",
                remedy="keep a copy of them, and restore the newest backup",
            ) from cause
        if not isinstance(cause, OperationalError):
            raise
        raise BadRegister(
            f"the register cannot be used now: {cause.orig}",
            kept="what was there before; nothing was done that could not be recorded",
            remedy="see that its disk has room and can be written, and that its server runs; then try again",
        ) from cause


def create(folder: Path, suite: str = "aes") -> Register:
    """A new, empty register on SQLite, for one agency, with its root key, sealing with a suite of `suites.SUITES`.

    raises  BadRegister  when the folder holds one already; BadInput when there is no such suite
    """
    suites.must_exist(suite)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _must_be_free(folder)
    register = empty(folder, roots.create(folder / ROOT_FILE))
    with register.system() as connection:
        suites.record(connection, suite)
        versions.record_sealed(connection)
    return register


def empty(folder: Path, root: Root) -> Register:
    """Three empty stores on SQLite in a folder, with what guards them; whoever calls fills them."""
    for store in STORES:  # closed to others before SQLite writes: it gives the log beside a store the store's rights
        os.close(os.open(folder / f"{store}.sqlite", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    register = on_sqlite(folder, root)
    for store, engine in register.stores().items():
        with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            STORES[store].create_all(connection)
            _only_grow(connection, STORES[store])
            versions.stamp(connection)
    return register


def create_on_postgresql(folder: Path, owner: str, agency: str, suite: str = "aes") -> Register:
    """A register on PostgreSQL, made or put right, and one more agency on it; the folder is where this agency works.

    owner    address of the database, with the role that is to own everything
    raises   BadRegister  when the folder holds a register already, the agency has its roles, or the owner may not
    """
    suites.must_exist(suite)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _must_be_free(folder)
    postgres.create(owner)
    postgres.add_agency(owner, agency, folder)
    roots.create(folder / ROOT_FILE)
    register = _opened(folder)
    with register.system() as connection:
        suites.record(connection, suite)
        versions.record_sealed(connection)
    return register


def open_register(folder: Path) -> Register:
    """The register in a folder, on the engine that it is on.

    raises  BadRegister  when there is none, its root key cannot be read, it is of another version, or, on PostgreSQL,
            the roles in register.toml could do what they must not
    """
    register = _opened(folder)
    try:
        for store, engine in register.stores().items():
            with _usable(), engine.connect() as connection:
                versions.must_be_current(connection, store)
        with register.system() as connection:
            versions.must_be_resealed(connection)
    except BaseException:
        register.close()
        raise
    _warn_without_escrow(register)
    return register


def _warn_without_escrow(register: Register) -> None:
    """A lost key is explained before it is lost: afterwards nothing helps."""
    known = escrow.remembered(register.at_rest, register.root)
    if known is None or not known.complete:
        LOG.warning(
            "the keys of this register are in no confirmed escrow: with its folder lost, nobody can read it or its "
            "backups again; run `bianque register escrow %s`",
            "make" if known is None else "confirm",
        )


def upgrade(folder: Path, owner: str = "", *revisions: Path) -> dict[str, list[str]]:
    """Bring the register in a folder to the newest version; which revisions were run, by store, `sealed` the last.

    Each store is upgraded in one transaction, and so is what is sealed: when one fails it is as it was, and the upgrade
    can be run again. On PostgreSQL the tables are upgraded once, with the owner's address, and what is sealed by each
    agency from its own folder, with or without it.

    owner      address of the database with the owner's role, on PostgreSQL
    revisions  further folders of revisions
    raises     BadRegister  when there is no register, or the tables are older and the owner's address is missing
    """
    ran = postgres.upgrade(owner, *revisions) if owner and register_file.read(folder) else {}
    register = _opened(folder)
    try:
        for store, engine in register.stores().items():
            with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
                if engine.dialect.name == "sqlite":
                    ran[store] = versions.upgrade(connection, store, *revisions)
                    _only_grow(connection, STORES[store])
                else:
                    versions.must_be_current(connection, store, *revisions)
        with register.system() as connection, register.keys.connect() as keys:
            ran["sealed"] = versions.reseal(Vault(register.root, connection, keys), *revisions)
    finally:
        register.close()
    return ran


def _opened(folder: Path) -> Register:
    """The register in a folder, whatever its version."""
    if at := register_file.read(folder):
        root = hardware_root.root_of(folder)
        engine, keys, door = postgres.engines(folder, at).values()
        return Register(folder, root, engine, keys, door, at.agency)
    if not (folder / "register.sqlite").is_file():
        raise BadRegister(f"{folder}: there is no register", remedy="make one with `bianque register create`")
    return on_sqlite(folder, hardware_root.root_of(folder))


def _must_be_free(folder: Path) -> None:
    for name in (*(f"{store}.sqlite" for store in STORES), register_file.REGISTER_FILE):
        if os.path.lexists(folder / name):
            raise BadRegister(
                f"{folder}: there is a register already", kept="the register as it is", remedy="give another folder"
            )


def _scope(authority: Authority) -> Scope:
    return Scope(authority.agency, authority.emergency_id)


def _only_grow(connection: Connection, tables: MetaData) -> None:
    """What PostgreSQL keeps by grants, SQLite keeps by triggers."""
    for table in filter(row_security.only_grows, tables.sorted_tables):
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} only grows'); END"
            )


def on_sqlite(folder: Path, root: Root) -> Register:
    """The register whose stores lie as files in a folder, of whatever version."""
    engine, keys, door = (_sqlite(folder / f"{store}.sqlite") for store in STORES)
    return Register(folder, root, engine, keys, door)


def _sqlite(path: Path) -> Engine:
    """WAL so that readers do not wait; what is acknowledged is on the disk; what is deleted is overwritten."""
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine
