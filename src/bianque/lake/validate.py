"""From rows of text to facts: each row becomes facts or goes to quarantine with its line, field and reason.

Works a column at a time: dates and regions are parsed once for each different text, however many rows repeat it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bianque.lake.decode import RawTable
from bianque.model.disclosure import OF_PERSONS
from bianque.model.emergency_file import DateSpec, Feed, RegionSpec
from bianque.model.errors import UnknownRegion
from bianque.model.regions import RegionSystem

ORDERS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%Y", "%Y年%m月%d日")
LARGEST_NUMBER = 1e10  # more than there are people; beyond, sums and logarithms lose their meaning
EARLIEST = dt.date(1900, 1, 1)  # before it a date is a slip of the pen, or an empty cell of a workbook
LONGEST_REASON = 500  # characters; the row's own text is kept whole beside it
Value = TypeVar("Value")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "—", "不详", "未知"})


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that cannot be used: where it is, which field is wrong, and why."""

    line: int
    field: str
    reason: str
    text: str


@dataclass(slots=True)
class Rows:
    """Usable rows, column by column. `places` is (region,) or (origin, destination); an unknown value is None."""

    line: list[int] = field(default_factory=list)
    reference_date: list[dt.date] = field(default_factory=list)
    known_at: list[dt.date] = field(default_factory=list)
    places: list[tuple[str, ...]] = field(default_factory=list)
    values: dict[str, list[float | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.line)

    def only(self, keep: list[int]) -> Rows:
        """The rows at these positions."""
        return Rows(
            [self.line[i] for i in keep],
            [self.reference_date[i] for i in keep],
            [self.known_at[i] for i in keep],
            [self.places[i] for i in keep],
            {measure: [column[i] for i in keep] for measure, column in self.values.items()},
        )


@dataclass(slots=True)
class Validated:
    """What became of each record of a file. outside + len(rows) + len(quarantined) = lines."""

    lines: int = 0
    outside: int = 0
    rows: Rows = field(default_factory=Rows)
    quarantined: list[Quarantined] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Rejected:
    """Why a text is no date, region or number."""

    field: str
    reason: str


def validate(table: RawTable, feed: Feed, regions: RegionSystem, today: dt.date) -> Validated:
    """Every record of a table as a usable row, a quarantined row, or a row outside the feed's selection.

    today   dates after it are in the future
    """
    selected = _selected(table, feed)
    result = Validated(
        lines=len(table.records) + len(table.damaged),
        outside=len(table.records) - len(selected),
        quarantined=[Quarantined(d.line, "line", d.reason, table.delimiter.join(d.fields)) for d in table.damaged],
    )
    columns = _Columns(table, selected, feed, regions, today)
    rows = columns.rows()
    why = columns.rejected
    why.update(_duplicates(rows, [i for i in range(len(rows)) if i not in why]))
    for position, rejected in why.items():
        record = selected[position]
        text = table.delimiter.join(table.records[record])
        result.quarantined.append(
            Quarantined(table.lines[record], rejected.field, rejected.reason[:LONGEST_REASON], text)
        )
    result.rows = rows.only([i for i in range(len(rows)) if i not in why]) if why else rows
    result.quarantined.sort(key=lambda q: q.line)
    return result


def _selected(table: RawTable, feed: Feed) -> list[int]:
    """Positions of the records the feed's `where` asks for."""
    where = [(table.header.index(name), value) for name, value in feed.where.items()]
    if not where:
        return list(range(len(table.records)))
    return [i for i, row in enumerate(table.records) if all(row[column].strip() == value for column, value in where)]


class _Columns:
    """The description of a feed, applied to the columns of one table.

    `rejected` holds the first reason of each row that cannot be used. A rejected row has placeholders in `rows()`,
    which `validate` drops.
    """

    def __init__(self, table: RawTable, selected: list[int], feed: Feed, regions: RegionSystem, today: dt.date) -> None:
        self.feed, self.today, self.regions = feed, today, regions
        self.rejected: dict[int, _Rejected] = {}
        self._lines = [table.lines[i] for i in selected]
        at = {name: table.header.index(name) for name in feed.columns()}
        self._texts = {name: [table.records[i][column].strip() for i in selected] for name, column in at.items()}

    def rows(self) -> Rows:
        feed = self.feed
        reference = self._dates(feed.date)
        if feed.known_at.column:
            known = self._dates(DateSpec(column=feed.known_at.column, format=feed.known_at.format))
            self._reject_known_too_early(feed.known_at.column, reference, known)
        else:
            delay = dt.timedelta(days=feed.known_at.delay_days)
            known = [day + delay for day in reference]
        specs = [spec for spec in (feed.region, feed.origin, feed.destination) if spec is not None]
        places = list(zip(*(self._places(spec) for spec in specs), strict=True))
        values = {"volume": self._volumes()} if feed.kind == "flows" else self._measures()
        return Rows(self._lines, reference, known, places, values)

    def _each(self, column: str, parse: Callable[[str], Value | _Rejected], instead: Value) -> list[Value]:
        """Parse each different text of a column once; rows whose text is rejected get `instead`."""
        texts = self._texts[column]
        good: dict[str, Value] = {}
        bad: dict[str, _Rejected] = {}
        for text in set(texts):
            parsed = parse(text)
            if isinstance(parsed, _Rejected):
                bad[text] = parsed
                good[text] = instead
            else:
                good[text] = parsed
        if bad:
            for position, text in enumerate(texts):
                if text in bad:
                    self.rejected.setdefault(position, bad[text])
        return [good[text] for text in texts]

    def _dates(self, spec: DateSpec) -> list[dt.date]:
        if spec.value is not None:
            return [spec.value] * len(self._lines)
        assert spec.column is not None
        return self._each(spec.column, partial(_date, spec, self.today), dt.date.min)

    def _reject_known_too_early(self, column: str, reference: list[dt.date], known: list[dt.date]) -> None:
        for position, (day, seen) in enumerate(zip(reference, known, strict=True)):
            if seen < day:
                why = _Rejected(column, f"known at {seen}, before its reference date {day}")
                self.rejected.setdefault(position, why)

    def _places(self, spec: RegionSpec) -> list[str]:
        parse = partial(_region, self.regions, spec)
        if spec.column is not None:
            return self._each(spec.column, parse, "")
        code = parse(spec.value or "")
        if isinstance(code, _Rejected):
            self.rejected = {position: self.rejected.get(position, code) for position in range(len(self._lines))}
            code = ""
        return [code] * len(self._lines)

    def _numbers(self, column: str, *, whole: bool) -> list[float | None]:
        return self._each(column, partial(_number, column, whole), None)

    def _measures(self) -> dict[str, list[float | None]]:
        whole = self.feed.kind in OF_PERSONS
        values = {m: self._numbers(column, whole=whole) for m, column in self.feed.measures.items()}
        first = next(iter(self.feed.measures.values()))
        for position, cells in enumerate(zip(*values.values(), strict=True)):
            if all(cell is None for cell in cells):
                self.rejected.setdefault(position, _Rejected(first, "no value in any measure of the row"))
        return values

    def _volumes(self) -> list[float | None]:
        spec = self.feed.volume
        assert spec is not None
        name = spec.column or spec.share or "volume"
        values = self._numbers(name, whole=False)
        if spec.column is None:
            scale = (
                self._numbers(spec.scale, whole=False) if isinstance(spec.scale, str) else [spec.scale] * len(values)
            )
            for position, value in enumerate(values):
                if value is not None and value > spec.share_of:
                    why = _Rejected(name, f"a share of {value:g} is more than the whole, {spec.share_of:g}")
                    self.rejected.setdefault(position, why)
            values = [
                None if value is None or whole is None else value * whole / spec.share_of
                for value, whole in zip(values, scale, strict=True)
            ]
        for position, value in enumerate(values):
            if value is None:
                self.rejected.setdefault(position, _Rejected(name, "no volume"))
        return values


def _date(spec: DateSpec, today: dt.date, text: str) -> dt.date | _Rejected:
    column = spec.column or "date"
    found = parse_date(text, spec.format)
    if found is not None:
        if found < EARLIEST:
            return _Rejected(column, f"{found} is before {EARLIEST}")
        return found if found <= today else _Rejected(column, f"{found} is in the future (today is {today})")
    if text.casefold() in MISSING:
        return _Rejected(column, "no date")
    others = [order for order in ORDERS if order != spec.format and parse_date(text, order)]
    hint = f"; it fits {' or '.join(others)}" if others else ""
    return _Rejected(column, f"{text!r} is no date of the form {spec.format}{hint}")


def _region(regions: RegionSystem, spec: RegionSpec, text: str) -> str | _Rejected:
    try:
        return regions.resolve(text, level=spec.level).code
    except UnknownRegion as why:
        return _Rejected(spec.column or "region", why.what)


def _number(column: str, whole: bool, text: str) -> float | _Rejected | None:
    if text.casefold() in MISSING:
        return None
    # Whoever opens the pages reads the reason beside line and file: it quotes no count of persons.
    given = "the count" if whole else repr(text)
    value = parse_number(text)
    if value is None:
        return _Rejected(column, f"{given} is no number")
    if value < 0:
        return _Rejected(column, f"{given} is negative")
    if value > LARGEST_NUMBER:
        return _Rejected(column, f"{given} is above {LARGEST_NUMBER:,.0f}")
    if whole and value != int(value):
        return _Rejected(column, f"{given} is no whole number")
    return value


def parse_date(text: str, order: str) -> dt.date | None:
    """A date of exactly this form, or None."""
    try:
        return dt.datetime.strptime(text, order).date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        return None


def parse_number(text: str) -> float | None:
    """A finite number written with ASCII or full-width digits and a decimal point, or None. No thousands separators:
    "1,234" and "1.234" mean different numbers in different places."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value + 0.0 if math.isfinite(value) and "_" not in text else None  # -0.0 becomes 0.0


def _duplicates(rows: Rows, usable: list[int]) -> dict[int, _Rejected]:
    """A key given twice: equal values are kept once; different values are all set aside, since none is surely right."""
    positions: dict[tuple[object, ...], list[int]] = {}
    for i in usable:
        positions.setdefault((rows.places[i], rows.reference_date[i], rows.known_at[i]), []).append(i)
    aside: dict[int, _Rejected] = {}
    for same in positions.values():
        if len(same) == 1:
            continue
        first, *others = same
        lines = ", ".join(str(rows.line[i]) for i in same)
        if all(column[i] == column[first] for column in rows.values.values() for i in others):
            aside.update({i: _Rejected("key", f"the same row as line {rows.line[first]}") for i in others})
        else:
            aside.update({i: _Rejected("key", f"different values for one key in lines {lines}") for i in same})
    return aside
