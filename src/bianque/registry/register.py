"""A register: its three stores, opened, and the transactions under which anything is read or written there."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from bianque.model.authority import Authority
from bianque.model.errors import BadRegister
from bianque.registry import hardware_root, suites
from bianque.registry import root as roots
from bianque.registry.root import Root
from bianque.registry.tables import DOOR, KEYS, REGISTER
from bianque.registry.tables import audit as _audit
from bianque.registry.tables import collections as _collections
from bianque.registry.tables import keys as _keys
from bianque.registry.tables import people as _people
from bianque.registry.tables import settings as _settings

ROOT_FILE = roots.FILE
DOOR_FILE = "door.key"  # read by the door's process alone
TABLES = (_audit, _collections, _keys, _people, _settings)  # imported so that the stores know their tables
STORES = {"register": REGISTER, "keys": KEYS, "door": DOOR}
AUDIT_ONLY_GROWS = [
    f"CREATE TRIGGER IF NOT EXISTS audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END"
    for verb in ("UPDATE", "DELETE")
]


@dataclass(frozen=True, slots=True)
class Register:
    """An opened register. `at_rest` is where it lies; the engines are those of its three stores."""

    at_rest: Path
    root: Root = field(repr=False)
    engine: Engine
    keys: Engine
    door: Engine

    @contextmanager
    def reading(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that reads what the authority's agency holds."""
        del authority  # SQLite holds one agency
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that writes for the authority's agency: all of it, or none."""
        del authority
        with self.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            yield connection

    @contextmanager
    def keys_reading(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that reads wrapped keys of the authority's agency."""
        del authority
        with self.keys.connect() as connection:
            yield connection

    @contextmanager
    def keys_writing(self, authority: Authority) -> Iterator[Connection]:
        """A transaction that writes wrapped keys for the authority's agency: all of it, or none."""
        del authority
        with self.keys.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            yield connection

    @contextmanager
    def system(self) -> Iterator[Connection]:
        """A transaction on what belongs to no person: accounts, sessions, organisations, emergencies, the audit."""
        with self.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            yield connection

    def subject(self, person: str) -> str:
        """The pseudonym a person has in the audit."""
        return hmac.digest(self.root.derive("audit subject"), person.encode(), hashlib.sha256).hex()[:32]

    def stores(self) -> dict[str, Engine]:
        """The engine of each store, by its name."""
        return dict(zip(STORES, (self.engine, self.keys, self.door), strict=True))

    def close(self) -> None:
        for engine in self.stores().values():
            engine.dispose()


def create(folder: Path, suite: str = "aes") -> Register:
    """A new, empty register on SQLite, with its root key, sealing with a suite of `suites.SUITES`.

    raises  BadRegister  when the folder holds one already; BadInput when there is no such suite
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "register.sqlite").exists():
        raise BadRegister(f"{folder}: there is a register already", kept="the register as it is")
    register = empty(folder, roots.create(folder / ROOT_FILE))
    with register.system() as connection:
        suites.record(connection, suite)
    return register


def empty(folder: Path, root: Root) -> Register:
    """Three empty stores in a folder, with what guards them; whoever calls fills them."""
    register = _opened(folder, root)
    for name, engine in register.stores().items():
        STORES[name].create_all(engine)
        (folder / f"{name}.sqlite").chmod(0o600)
    with register.system() as connection:
        for trigger in AUDIT_ONLY_GROWS:
            connection.exec_driver_sql(trigger)
    return register


def open_register(folder: Path) -> Register:
    """The register in a folder.

    raises  BadRegister  when there is none, or its root key cannot be read
    """
    if not (folder / "register.sqlite").is_file():
        raise BadRegister(f"{folder}: there is no register", remedy="make one with `bianque register create`")
    return _opened(folder, hardware_root.root_of(folder))


def _opened(folder: Path, root: Root) -> Register:
    engine, keys, door = (_sqlite(folder / f"{name}.sqlite") for name in STORES)
    return Register(folder, root, engine, keys, door)


def _sqlite(path: Path) -> Engine:
    """WAL so that readers do not wait; what is acknowledged is on the disk; what is deleted is overwritten."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 30})

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
