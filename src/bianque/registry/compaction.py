"""PostgreSQL after an erasure: the files are rewritten without what was deleted, and the log that still held it goes.

A deleted row stays in its table's file until the space is used again, and in the write-ahead log until its segments
are removed. Only the owner of the tables can do away with both, so it is a task of its own, run after erasures:
VACUUM FULL, a new log segment, a checkpoint that removes those before it. The marks of agencies that erased something
(maintenance.py) are taken away then, those that were there when it began: what came later it may not have met.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy import text as statement
from sqlalchemy.exc import OperationalError, ProgrammingError

from bianque.model.errors import BadRegister
from bianque.registry import postgres, row_security
from bianque.registry.maintenance import DUE
from bianque.registry.tables import STORES
from bianque.registry.tables.settings import setting

# Settings under which a copy of the log outlives the checkpoint: one sentence a row.
KEPT_LOG = """
SELECT 'wal_recycle is on: old segments of the log are renamed with the bytes in them, and overwritten later'
WHERE current_setting('wal_recycle')::bool
UNION ALL SELECT 'wal_keep_size is ' || current_setting('wal_keep_size') WHERE current_setting('wal_keep_size') <> '0'
UNION ALL SELECT 'archive_mode is on: the archive holds the log' WHERE current_setting('archive_mode') <> 'off'
UNION ALL SELECT 'replication slot ' || slot_name || ' keeps the log' FROM pg_replication_slots
"""


@dataclass(frozen=True, slots=True)
class Compaction:
    """How many tables were rewritten, and where bytes of what was deleted may be left, one sentence each."""

    tables: int
    left: tuple[str, ...]


def compact(owner: str) -> Compaction:
    """Rewrite every table of a register on PostgreSQL and remove the log of the time before. Locks a table at a time.

    owner    address of the database with the owner's role; it may run CHECKPOINT and pg_switch_wal()
    raises   BadRegister  when the role does not own the tables or may not cut the log, or it was broken off
    """
    notes = _due_notes(owner)
    tables = sum(_rewrite(owner, store) for store in STORES)
    with postgres.owning(owner, "register") as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        _cut_the_log(connection)
        left = tuple(sorted(connection.execute(statement(KEPT_LOG)).scalars()))
    if not left:
        _take_away(owner, notes)
    return Compaction(tables, left)


def _rewrite(owner: str, store: str) -> int:
    tables = STORES[store].sorted_tables
    with postgres.owning(owner, store) as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for done, table in enumerate(tables):
            try:
                connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
            except OperationalError as cause:  # cancelled, the server stopped, no room for the new file
                raise BadRegister(
                    f"the rewriting of table {store}.{table.name} was broken off: {postgres.said(cause)}",
                    kept=f"every row; {done} of {len(tables)} tables of this store are rewritten, the log is not cut",
                    remedy="see that the server runs and its disk has room, then run `bianque register compact` again",
                ) from None
    return len(tables)


def _due_notes(owner: str) -> list[str]:
    """The notes of all agencies that say that something was deleted; no two are the same."""
    with postgres.owning(owner, "register") as connection, row_security.lifted(connection, "setting"):
        return list(connection.execute(select(setting.c.value).where(setting.c.name == DUE)).scalars())


def _take_away(owner: str, notes: list[str]) -> None:
    with postgres.owning(owner, "register") as connection:
        with row_security.lifted(connection, "setting"):
            connection.execute(delete(setting).where(setting.c.name == DUE, setting.c.value.in_(notes)))
        connection.commit()


def _cut_the_log(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("SELECT pg_switch_wal()")
        connection.exec_driver_sql("CHECKPOINT")
    except ProgrammingError as cause:
        raise BadRegister(
            "the owner may not cut the log, which still holds what was deleted",
            kept="the tables are rewritten without it",
            remedy="as administrator of the server: GRANT pg_checkpoint TO OWNER; "
            "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO OWNER",
        ) from cause
