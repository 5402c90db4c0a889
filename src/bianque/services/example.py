"""A draft of emergency.toml from a file's header and rows, for a person to correct.  It only proposes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from pathlib import Path

from bianque.lake.decode import RawTable, read_table
from bianque.lake.validate import MISSING, ORDERS, parse_date, parse_number
from bianque.model import regions
from bianque.model.errors import UnknownRegion, UnusableFeed
from bianque.model.regions import Region, RegionSystem

SAMPLE_ROWS = 2000
MOSTLY = 0.9  # share of the cells of a column that must fit for a proposal
SEARCH_WORDS = ("search", "index", "query", "keyword", "搜索", "指数")
VISIT_WORDS = ("visit", "clinic", "outpatient", "门诊", "就诊")
MEASURES = {
    "confirmed": ("confirmed", "cases", "case", "确诊", "病例"),
    "deaths": ("dead", "deaths", "death", "死亡"),
    "cured": ("cured", "recovered", "治愈", "出院"),
}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    cells: list[str]

    def share(self, fits: Callable[[str], bool]) -> float:
        filled = [cell for cell in self.cells if cell.casefold() not in MISSING]
        return sum(map(fits, filled)) / len(filled) if filled else 0.0


@dataclass(frozen=True, slots=True)
class _Dates:
    """The column of dates, how it is written, and how the same cells could also be read ("" if in no other way)."""

    column: _Column
    order: str
    or_else: str


@dataclass(frozen=True, slots=True)
class _Places:
    """A column that names regions, the level to look in ("" for any), and columns of the regions these lie in."""

    column: _Column
    level: str
    regions: list[Region | None]
    coarser: tuple[str, ...] = ()

    def usual_level(self) -> str:
        return Counter(region.level for region in self.regions if region).most_common(1)[0][0]

    def lie_in_others(self) -> bool:
        """Whether most of the regions are parts of larger ones."""
        known = [region for region in self.regions if region]
        return 2 * sum(bool(region.parent) for region in known) > len(known)

    def hold(self, others: _Places) -> bool:
        """Whether most rows with both name here the region the other column names, or the one it lies in."""
        pairs = [(own, other) for own, other in zip(self.regions, others.regions, strict=True) if own and other]
        held = sum(own.code in (other.code, other.parent) for own, other in pairs)
        return bool(pairs) and held >= MOSTLY * len(pairs)


def draft(path: Path) -> str:
    """The text of an emergency.toml that describes a file as far as its header and first rows tell.

    raises  UnusableFeed  when the file has no readable header or no column that looks like dates
    """
    table = read_table(path, [])
    columns = _columns(table)
    dates = _dates(columns, path.name)
    china = regions.china()
    places = [found for c in columns if c is not dates.column and (found := _places(c, china)) is not None]
    taken = {dates.column.name, *(p.column.name for p in places)}
    numbers = [
        c for c in columns if c.name not in taken and c.share(lambda cell: parse_number(cell) is not None) >= MOSTLY
    ]
    return _toml(path.name, dates, _different(places), numbers)


def _columns(table: RawTable) -> list[_Column]:
    rows = table.records[:SAMPLE_ROWS]
    return [_Column(name, [row[i].strip() for row in rows]) for i, name in enumerate(table.header)]


def _dates(columns: list[_Column], name: str) -> _Dates:
    for column in columns:
        shares = {order: column.share(partial(_is_date, order)) for order in ORDERS}
        order = max(ORDERS, key=shares.__getitem__)
        if shares[order] >= MOSTLY:
            swapped = order[3:5] + order[2] + order[:2] + order[5:]  # day and month, where the year stands last
            ambiguous = order.endswith("%Y") and column.share(partial(_is_date, swapped)) >= MOSTLY
            return _Dates(column, order, swapped if ambiguous else "")
    raise UnusableFeed(
        f"{name}: no column holds dates; the header has {', '.join(repr(c.name) for c in columns)}",
        remedy="a feed needs a column of dates such as 2020-01-24",
    )


def _is_date(order: str, text: str) -> bool:
    return parse_date(text, order) is not None


def _places(column: _Column, system: RegionSystem) -> _Places | None:
    """The regions a column names and the level to look in, "" for codes of several levels; None if it names none."""
    for level in ("", "province", "prefecture", "district"):
        found = {text: region for text in set(column.cells) if (region := _region_of(text, level, system))}
        if column.share(found.__contains__) >= MOSTLY:
            return _Places(column, level, [found.get(text) for text in column.cells])
    return None


def _region_of(text: str, level: str, system: RegionSystem) -> Region | None:
    try:
        return system.resolve(text, level=level or None)
    except UnknownRegion:
        return None


def _different(places: list[_Places]) -> list[_Places]:
    """Columns that name different regions.

    A name and the code of the same region are one place: the code is kept. So are a region and the one it lies in: the
    finer is kept, and names the other.
    """
    kept: list[_Places] = []
    for place in sorted(places, key=lambda p: (not p.lie_in_others(), not p.column.cells[0].isdigit())):
        held = next((n for n, finer in enumerate(kept) if place.hold(finer)), None)
        if held is None:
            kept.append(place)
        elif kept[held].lie_in_others() and not place.lie_in_others():
            kept[held] = replace(kept[held], coarser=(*kept[held].coarser, place.column.name))
    return sorted(kept, key=lambda p: [q.column for q in places].index(p.column))


def _toml(name: str, dates: _Dates, places: list[_Places], numbers: list[_Column]) -> str:
    text = _quote
    feed = re.sub(r"[^a-z0-9]+", "-", name.split(".")[0].lower()).strip("-") or "feed"
    head = [
        f"# Draft from the header of {name}. Read every line; correct those marked CHECK.",
        "[situation]",
        f"id = {text(feed)}",
        f"name = {{ zh = {text(name)}, en = {text(name)} }} # CHECK",
        'disease = { zh = "未知", en = "unknown" } # CHECK',
        "start = 2020-01-01 # CHECK: the first day of the picture",
        'regions = "cn" # or a CSV file of your own regions beside this file',
        f"level = {text(places[0].usual_level() if places else 'province')} # CHECK: the level of the picture",
        "",
        "[situation.whole]",
        'code = "CN" # CHECK: the area all regions make up',
        'name = { zh = "全国", en = "the whole country" }',
        "",
        "[situation.serial_interval]",
        "mean = 5.0 # CHECK: days, from a publication about this disease",
        "sd = 3.0 # CHECK",
        'source = "CHECK: the publication"',
        "",
        "[[feed]]",
        f"id = {text(feed)}",
    ]
    if len(places) >= 2:
        kind, body = "flows", _flow_lines(places, numbers)
    else:
        kind, body = _count_lines(name, places, numbers)
    return "\n".join(
        [
            *head,
            f"kind = {text(kind)} # CHECK: case_counts, flows, search_counts or visits",
            f"file = {text(name)}",
            f"name = {{ zh = {text(name)}, en = {text(name)} }} # CHECK",
            'source = "CHECK: who made this file"',
            f"date = {{ column = {text(dates.column.name)}, format = {text(dates.order)} }}"
            + (f" # CHECK: the dates could as well be {text(dates.or_else)}" if dates.or_else else ""),
            *body,
            "",
        ]
    )


def _flow_lines(places: list[_Places], numbers: list[_Column]) -> list[str]:
    volume = _quote(numbers[0].name) if numbers else '"CHECK: the column of volumes"'
    return [
        _region("origin", places[0], "not swapped with the destination"),
        _region("destination", places[1]),
        f'volume = {{ column = {volume}, unit = "persons" }} # CHECK: persons or index',
    ]


def _count_lines(name: str, places: list[_Places], numbers: list[_Column]) -> tuple[str, list[str]]:
    words = " ".join([name, *(c.name for c in numbers)]).lower()
    kind = "case_counts"
    if any(word in words for word in SEARCH_WORDS):
        kind = "search_counts"
    elif any(word in words for word in VISIT_WORDS):
        kind = "visits"
    measures = _measures(numbers) or {"confirmed": "CHECK: the column of counts"}
    pairs = ", ".join(f"{key} = {_quote(column)}" for key, column in measures.items())
    region = _region("region", places[0]) if places else 'region = { value = "CN" } # CHECK: no column names a region'
    form = "cumulative" if numbers and _never_falls(places, numbers[0]) else "daily"
    return kind, [
        f'form = "{form}" # CHECK: daily counts or running totals?',
        region,
        f"measures = {{ {pairs} }} # CHECK: keep those that count persons, such as confirmed and deaths",
    ]


def _never_falls(places: list[_Places], number: _Column) -> bool:
    """Whether the numbers of each region never fall in file order, as a running total's do not."""
    keys = places[0].column.cells if places else [""] * len(number.cells)
    last: dict[str, float] = {}
    for key, cell in zip(keys, number.cells, strict=True):
        value = parse_number(cell)
        if value is None:
            continue
        if value < last.get(key, 0.0):
            return False
        last[key] = value
    return bool(last)


def _measures(numbers: list[_Column]) -> dict[str, str]:
    """A name for each column: what it counts, else its own in plain letters, else that with a number."""
    named: dict[str, str] = {}
    for column in numbers:
        folded = column.name.casefold()
        counted = (measure for measure, words in MEASURES.items() if any(word in folded for word in words))
        plain = re.sub(r"[^a-z0-9_]+", "_", folded).strip("_") or "value"
        names = chain(counted, [plain], (f"{plain}_{n}" for n in count(2)))
        named[next(name for name in names if name not in named)] = column.name
    return named


def _region(key: str, places: _Places, check: str = "") -> str:
    """The line of a region; a comment names the columns of coarser regions it was preferred to."""
    level = f", level = {_quote(places.level)}" if places.level else ""
    coarser = [f"not the coarser {_quote(name)}" for name in places.coarser]
    checks = "; ".join([*([check] if check else []), *coarser])
    return f"{key} = {{ column = {_quote(places.column.name)}{level} }}" + (f" # CHECK: {checks}" if checks else "")


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
