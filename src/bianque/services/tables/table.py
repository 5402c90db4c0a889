"""A table: columns that name their definition, cells that know their value, their text and the rows behind them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bianque.model import catalogue
from bianque.model.text import Text

# OWASP, CSV injection, with the full-width forms that are read as the others.
STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
Value = str | int | float | bool | dt.date | None
Align = Literal["text", "number"]


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the command centre: path and query."""

    path: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """`definition` is the anchor of the figure's definition; `ends` says that an interval goes with the value."""

    key: str
    align: Align = "text"
    definition: str | None = None
    ends: bool = False
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`bar` draws the value as a share of the column's largest; `note` is a second, quieter line.

    `anchor` makes the row a target of links; `order` is what a column of words is sorted by.
    """

    value: Value
    text: str
    lower: float | None = None
    upper: float | None = None
    note: str = ""
    hidden: bool = False
    behind: Behind | None = None
    bar: float | None = None
    drawing: str = ""
    state: str = ""
    anchor: str = ""
    order: int | None = None


Row = list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    title: str
    columns: list[Column]
    rows: list[Row]
    rule: Text | None = None

    def heading(self, column: Column, language: str) -> str:
        return catalogue.text(f"col_{column.key}", language)

    def first(self, count: int) -> Table:
        return replace(self, rows=self.rows[:count])

    def only(self, *keys: str) -> Table:
        """The same rows with these columns, in this order, for a narrower page."""
        at = [self._position(key) for key in keys]
        return replace(self, columns=[self.columns[i] for i in at], rows=[[row[i] for i in at] for row in self.rows])

    def column(self, key: str) -> Row:
        """The cells of one column."""
        at = self._position(key)
        return [row[at] for row in self.rows]

    def _position(self, key: str) -> int:
        return next(i for i, column in enumerate(self.columns) if column.key == key)

    def sorted_by(self, key: str, *, descending: bool) -> Table:
        """Rows in the order of a column; unknown and hidden values come last either way."""
        at = next((i for i, c in enumerate(self.columns) if c.key == key and c.sortable), None)
        if at is None:
            return self
        given = [row for row in self.rows if row[at].value is not None]
        rest = [row for row in self.rows if row[at].value is None]
        given.sort(key=lambda row: _order(row[at]), reverse=descending)
        return replace(self, rows=[*given, *rest])

    def csv(self) -> str:
        """Machine-readable: stable column names, plain numbers, ISO dates; `*` is hidden, empty is unknown."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [[c.key, f"{c.key}_lower", f"{c.key}_upper"] if c.ends else [c.key] for c in self.columns]
        writer.writerow([name for group in names for name in group])
        for row in self.rows:
            writer.writerow(
                [
                    _plain(value)
                    for column, cell in zip(self.columns, row, strict=True)
                    for value in (_exported(cell), *((cell.lower, cell.upper) if column.ends else ()))
                ]
            )
        return out.getvalue()

    def records(self) -> list[dict[str, Any]]:
        """The rows as JSON objects, named as in the CSV."""
        return [
            {
                name: value
                for column, cell in zip(self.columns, row, strict=True)
                for name, value in (
                    (column.key, _exported(cell)),
                    *(
                        ((f"{column.key}_lower", cell.lower), (f"{column.key}_upper", cell.upper))
                        if column.ends
                        else ()
                    ),
                )
            }
            for row in self.rows
        ]


def _order(cell: Cell) -> tuple[int, Any]:
    value = cell.value if cell.order is None else cell.order
    return (0, value) if isinstance(value, int | float) else (1, str(value))


def _exported(cell: Cell) -> Value:
    return cell.text if cell.hidden else cell.value


def _plain(value: Value) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return "" if value is None else spreadsheet_safe(value)


def spreadsheet_safe(value: Any) -> Any:
    """A value as a cell of a CSV file: before text that a spreadsheet program would run as a formula stands `'`."""
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value
