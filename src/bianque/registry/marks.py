"""Marks: what a row says in clear is believed only as it was written by who holds the root key.

Region, list, protection, purposes and the officer of a follow-up stand in clear, for counting and for row security,
and decisions are made on them. Each such row therefore carries a mark: a keyed hash of all its columns in clear, and of
which sealed ones hold a value. Whoever writes to the database without the key can change a row, and it is refused then.
What a mark cannot tell is a whole row put back as it once was, or taken away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select, update

from bianque.model.errors import BadRegister
from bianque.registry.root import Root
from bianque.registry.suites import Suite, suite_of
from bianque.registry.tables import REGISTER

MARK = "mark"  # the column; a table that has one names its sealed columns in info["sealed"]
ROWS_HELD = 1000  # rows that are held when all are gone through
_ENCODE = json.JSONEncoder(default=bytes.hex).encode  # where one value ends and the next begins is beyond doubt


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one agency's rows in one emergency."""

    suite: Suite
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, root: Root, suite: Suite, agency: str, emergency: str) -> Marks:
        """The marks under the key that follows from the root key for an agency and an emergency."""
        return cls(suite, root.derive(f"marks\0{agency}\0{emergency}"))

    def mark(self, table: Table, row: Mapping[Any, Any]) -> bytes:
        """The mark of a row of a table, by column."""
        clear = [row[name] for name in _clear(table)]
        filled = [row.get(name) is not None for name in table.info["sealed"]]
        return self.suite.mac(self.key, _ENCODE([table.name, clear, filled]).encode())

    def marked(self, table: Table, row: Mapping[Any, Any]) -> dict[Any, Any]:
        """A row with its mark."""
        return {**row, MARK: self.mark(table, row)}

    def must_hold(self, table: Table, row: Mapping[Any, Any] | None) -> None:
        """Refuse a row that was read, unless it is as it was written here.

        raises  BadRegister  when it is not, or is missing
        """
        if row is None or row[MARK] != self.mark(table, row):
            which = f"{table.name} {row['id']}" if row else table.name
            raise BadRegister(
                f"{which}: what it says in clear was changed, or taken away, by somebody without the key",
                kept="the register as it is; nothing was shown",
                remedy="look into the audit and the database's own log, and restore the newest backup",
            )

    def change(self, connection: Connection, table: Table, row: Mapping[Any, Any], values: Mapping[str, Any]) -> None:
        """Give a row that was read in this writing transaction other values, and its mark anew.

        raises  BadRegister  when it was not as it was written here: that is not made good by a new mark
        """
        self.must_hold(table, row)
        now = self.marked(table, {**row, **values})
        changed = update(table).where(table.c.id == row["id"])
        connection.execute(changed.values({name: now[name] for name in (*values, MARK)}))


def marks_by_emergency(root: Root, suite: Suite) -> Callable[[str, str], Marks]:
    """The marks of an agency and an emergency, for whoever goes through the rows of all of them."""
    return cache(partial(Marks.of, root, suite))


def marked_tables() -> list[Table]:
    """The tables of the register whose rows carry a mark, each after those it refers to."""
    return [table for table in REGISTER.sorted_tables if MARK in table.c]


def every_row(connection: Connection, table: Table) -> Iterator[RowMapping]:
    """The rows of a marked table in the order of their ids, some at a time: they may be changed meanwhile."""
    some = select(table).order_by(table.c.id).limit(ROWS_HELD)
    after = ""
    while rows := connection.execute(some.where(table.c.id > after)).mappings().all():
        yield from rows
        after = rows[-1]["id"]


def mark_every_row(root: Root, connection: Connection) -> None:
    """New marks for all that an agency holds, in the transaction of an upgrade that changed what rows say."""
    marks = marks_by_emergency(root, suite_of(connection))
    for table in marked_tables():
        for row in every_row(connection, table):
            mark = marks(row["agency"], row["emergency"]).mark(table, row)
            connection.execute(update(table).where(table.c.id == row["id"]).values({MARK: mark}))


@cache
def _clear(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name not in (MARK, *table.info["sealed"]))
