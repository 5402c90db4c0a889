"""From rows of text to facts: each row becomes facts or goes to quarantine with its line, field and reason.

Works a column at a time: dates and regions are parsed once for each different text, however many rows repeat it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict

from dataclasses import dataclass, field

from bianque.lake.decode import RawRow, RawTable
from bianque.model.emergency import DateSpec, Feed, RegionSpec
from bianque.model.errors import UnknownRegion
from bianque.model.regions import RegionSystem

ORDERS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%Y", "%Y年%m月%d日")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "—", "不详", "未知"})


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that cannot be used: where it is, which field is wrong, and why."""

    line: int
    field: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ValidRow:
    """A row that can be used. `places` is (region,) or (origin, destination); `values` holds known values alone."""

    line: int
    reference_date: dt.date
    known_at: dt.date
    places: tuple[str, ...]
    values: dict[str, float]
    missing: int


@dataclass(slots=True)
class Validated:
    """What became of each record of a file. outside + len(rows) + len(quarantined) = lines."""

    lines: int = 0
    outside: int = 0
    rows: list[ValidRow] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)


class _Rejected(Exception):
    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason


def validate(table: RawTable, feed: Feed, regions: RegionSystem, today: dt.date) -> Validated:
    """Every record of a table as a usable row, a quarantined row, or a row outside the feed's selection.

    today   dates after it are in the future
    """
    parse = _RowParser(table.header, feed, regions, today)
    result = Validated(lines=len(table.rows))
    for raw in table.rows:
        try:
            if raw.damage is not None:
                raise _Rejected("line", raw.damage)
            if not parse.selects(raw):
                result.outside += 1
                continue
            result.rows.append(parse.row(raw))
        except _Rejected as why:
            result.quarantined.append(Quarantined(raw.line, why.field, why.reason, table.delimiter.join(raw.fields)))
    _set_duplicates_aside(result, {raw.line: table.delimiter.join(raw.fields) for raw in table.rows})
    result.quarantined.sort(key=lambda q: q.line)
    return result


class _RowParser:
    """The description of a feed, bound to the columns of one header."""

    def __init__(self, header: list[str], feed: Feed, regions: RegionSystem, today: dt.date) -> None:
        self.feed, self.today = feed, today
        self._column = {name: header.index(name) for name in feed.columns()}
        self._dates: dict[tuple[str, str], dt.date | _Rejected] = {}
        self._regions: dict[tuple[str, str | None], str | _Rejected] = {}
        self._system = regions
        self._where = [(self._column[name], value) for name, value in feed.where.items()]

    def selects(self, raw: RawRow) -> bool:
        return all(raw.fields[column].strip() == value for column, value in self._where)

    def row(self, raw: RawRow) -> ValidRow:
        feed = self.feed
        reference = self._date(raw, feed.date, "date")
        known = (
            self._date(raw, DateSpec(column=feed.known_at.column, format=feed.known_at.format), "known_at")
            if feed.known_at.column
            else reference + dt.timedelta(days=feed.known_at.delay_days)
        )
        if known < reference:
            raise _Rejected(feed.known_at.column or "known_at", f"known at {known}, before its reference date {reference}")
        specs = [s for s in (feed.region, feed.origin, feed.destination) if s is not None]
        places = tuple(self._place(raw, spec) for spec in specs)
        if feed.kind == "flows":
            values, missing = self._volume(raw)
        else:
            values, missing = self._measures(raw)
        return ValidRow(raw.line, reference, known, places, values, missing)

    def _cell(self, raw: RawRow, column: str) -> str:
        return raw.fields[self._column[column]].strip()

    def _date(self, raw: RawRow, spec: DateSpec, name: str) -> dt.date:
        if spec.value is not None:
            return spec.value
        assert spec.column is not None
        text = self._cell(raw, spec.column)
        key = (text, spec.format)
        if key not in self._dates:
            self._dates[key] = self._parse_date(text, spec)
        found = self._dates[key]
        if isinstance(found, _Rejected):
            raise found
        if found > self.today:
            raise _Rejected(spec.column, f"{name} {found} is in the future (today is {self.today})")
        return found

    def _parse_date(self, text: str, spec: DateSpec) -> dt.date | _Rejected:
        assert spec.column is not None
        found = parse_date(text, spec.format)
        if found is not None:
            return found
        if text.casefold() in MISSING:
            return _Rejected(spec.column, "no date")
        others = [order for order in ORDERS if order != spec.format and parse_date(text, order)]
        hint = f"; it fits {' or '.join(others)}" if others else ""
        return _Rejected(spec.column, f"{text!r} is no date of the form {spec.format}{hint}")

    def _place(self, raw: RawRow, spec: RegionSpec) -> str:
        text = spec.value if spec.value is not None else self._cell(raw, spec.column or "")
        key = (text, spec.level)
        if key not in self._regions:
            try:
                self._regions[key] = self._system.resolve(text, level=spec.level).code
            except UnknownRegion as why:
                self._regions[key] = _Rejected(spec.column or "region", why.what)
        found = self._regions[key]
        if isinstance(found, _Rejected):
            raise found
        return found

    def _number(self, raw: RawRow, column: str, *, whole: bool) -> float | None:
        text = self._cell(raw, column)
        if text.casefold() in MISSING:
            return None
        value = parse_number(text)
        if value is None:
            raise _Rejected(column, f"{text!r} is no number")
        if value < 0:
            raise _Rejected(column, f"{text!r} is negative")
        if whole and value != int(value):
            raise _Rejected(column, f"{text!r} is no whole number")
        return value

    def _measures(self, raw: RawRow) -> tuple[dict[str, float], int]:
        whole = self.feed.kind in ("case_counts", "visits")
        found = {m: self._number(raw, column, whole=whole) for m, column in self.feed.measures.items()}
        known = {measure: value for measure, value in found.items() if value is not None}
        if not known:
            raise _Rejected(next(iter(self.feed.measures.values())), "no value in any measure of the row")
        return known, len(found) - len(known)

    def _volume(self, raw: RawRow) -> tuple[dict[str, float], int]:
        spec = self.feed.volume
        assert spec is not None
        name = spec.column or spec.share or "volume"
        value = self._number(raw, name, whole=False)
        scale: float | None = 1.0
        if spec.column is None:
            scale = self._number(raw, spec.scale, whole=False) if isinstance(spec.scale, str) else spec.scale
            if value is not None and value > spec.share_of:
                raise _Rejected(name, f"a share of {value:g} is more than the whole, {spec.share_of:g}")
        if value is None or scale is None:
            raise _Rejected(name, "no volume")
        return {"volume": value * scale / (spec.share_of if spec.column is None else 1.0)}, 0


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
    return value if math.isfinite(value) and "_" not in text else None


def _set_duplicates_aside(result: Validated, texts: dict[int, str]) -> None:
    """A key given twice: the same values are kept once; different values are all set aside, since none is surely right."""
    by_key: dict[tuple[object, ...], list[ValidRow]] = defaultdict(list)
    for row in result.rows:
        by_key[row.places, row.reference_date, row.known_at].append(row)
    aside: dict[int, str] = {}
    for rows in by_key.values():
        if len(rows) == 1:
            continue
        first = rows[0]
        if all(row.values == first.values for row in rows):
            aside.update({row.line: f"the same row as line {first.line}" for row in rows[1:]})
        else:
            lines = ", ".join(str(row.line) for row in rows)
            aside.update({row.line: f"different values for one key in lines {lines}" for row in rows})
    if aside:
        result.rows = [row for row in result.rows if row.line not in aside]
        result.quarantined += [Quarantined(line, "key", why, texts[line]) for line, why in aside.items()]
