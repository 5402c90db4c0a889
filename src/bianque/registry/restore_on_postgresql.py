"""A register restored and proved on SQLite goes to PostgreSQL: under an agency's own roles, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError

from bianque.model.errors import BadInput, BadRegister
from bianque.registry import organisations, postgres, private_files, register_file
from bianque.registry.postgres import Scope, begins
from bianque.registry.register import Register
from bianque.registry.store_copy import Copying, Head, Loading
from bianque.registry.tables import REGISTER, STORES


@dataclass(frozen=True, slots=True)
class Database:
    """Where a register is restored to: the address of a database, with the role that owns it, and for which agency."""

    owner: str
    agency: str


def move(built: Register, heads: dict[str, Head], to: Path, on: Database) -> None:
    """Tables, roles, policies and the rows of one agency in a database; folder `to` becomes where that agency works.

    built   the proved register: whoever made it overwrites its copy of the keys
    heads   what was said of the copy of each store
    raises  BadInput     when the backup is of other agencies
            BadRegister  when the agency has its roles already, the owner may not, another agency has rows of the same
                         ids, or the rows do not arrive as counted
    """
    with built.system() as connection:
        if on.agency not in (known := [one.id for one in organisations.agencies(connection)]):
            raise BadInput(
                f"the backup is not of agency {on.agency}; it names {', '.join(known)}",
                kept="nothing was changed",
                remedy="give the agency whose rows are to be restored with --agency",
            )
        for table in REGISTER.sorted_tables:  # what PostgreSQL let the agency read of others: theirs to write
            if table.info.get("rows") == "shared":
                connection.execute(delete(table).where(table.c.agency.not_in((on.agency, ""))))
    place = built.at_rest / "postgresql"
    postgres.create(on.owner)
    postgres.add_agency(on.owner, on.agency, place)
    try:
        with _engines(place) as engines, ExitStack() as transactions:
            for store, engine in engines.items():  # the register first, so that it is the last to be committed
                _copy(built, heads[store], engine, on.agency, transactions)
    except BaseException as cause:
        postgres.remove_agency(on.owner, on.agency)
        if isinstance(cause, IntegrityError):  # what the driver says holds the row
            raise BadRegister(
                f"another agency of this database has a row of an id that {on.agency} has too",
                kept="the database and its agencies as they were",
                remedy="restore it into a database of its own",
            ) from None
        raise
    for name in (register_file.PASSWORDS, register_file.REGISTER_FILE):  # with the second the register is there
        (place / name).rename(to / name)
    private_files.settle(to)


@contextmanager
def _engines(place: Path) -> Iterator[dict[str, Engine]]:
    at = register_file.read(place)
    assert at is not None, "add_agency has written it"
    opened = postgres.engines(place, at)
    try:
        yield opened
    finally:
        for engine in opened.values():
            engine.dispose()


def _copy(built: Register, head: Head, engine: Engine, agency: str, transactions: ExitStack) -> None:
    """The rows of one store, counted where they arrive, in a transaction that ends with all the others."""
    scoped = engine.execution_options(**begins(Scope(agency), write=True))
    connection = transactions.enter_context(scoped.begin())
    loading = Loading(connection, STORES[head.store], head.store, built.root, f"the restored {head.store}", agency)
    with built.snapshot(head.store) as rows:
        for chunk in Copying(rows, STORES[head.store], head, built.root):
            loading.take(chunk)
    loading.finish()
