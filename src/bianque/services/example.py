"""A draft of emergency.toml from a file's header and rows, for a person to correct.  It only proposes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bianque.lake.decode import RawTable, read_table
from bianque.lake.validate import MISSING, ORDERS, parse_date, parse_number
from bianque.model import regions
from bianque.model.errors import UnknownRegion, UnusableFeed
from bianque.model.regions import RegionSystem

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


def draft(path: Path) -> str:
    """The text of an emergency.toml that describes a file as far as its header and first rows tell.

    raises  UnusableFeed  when the file has no readable header or no column that looks like dates
    """
    table = read_table(path, [])
    columns = _columns(table)
    order, date_column = _date(columns, path.name)
    china = regions.china()
    places = [(c, level) for c in columns if c is not date_column and (level := _region_level(c, china)) is not None]
    taken = {date_column.name, *(c.name for c, _ in places)}
    numbers = [
        c for c in columns if c.name not in taken and c.share(lambda cell: parse_number(cell) is not None) >= MOSTLY
    ]
    return _toml(path.name, date_column.name, order, _different(places, china), numbers)


def _columns(table: RawTable) -> list[_Column]:
    rows = table.records[:SAMPLE_ROWS]
    return [_Column(name, [row[i].strip() for row in rows]) for i, name in enumerate(table.header)]


def _date(columns: list[_Column], name: str) -> tuple[str, _Column]:
    for column in columns:
        for order in ORDERS:
            if column.share(partial(_is_date, order)) >= MOSTLY:
                return order, column
    raise UnusableFeed(
        f"{name}: no column holds dates; the header has {', '.join(repr(c.name) for c in columns)}",
        remedy="a feed needs a column of dates such as 2020-01-24",
    )


def _region_level(column: _Column, system: RegionSystem) -> str | None:
    """The level whose regions the column names, "" for codes of several levels, None if it names none."""
    for level in ("", "province", "prefecture", "district"):
        if column.share(partial(_resolves, system, level)) >= MOSTLY:
            return level
    return None


def _is_date(order: str, text: str) -> bool:
    return parse_date(text, order) is not None


def _resolves(system: RegionSystem, level: str, text: str) -> bool:
    try:
        system.resolve(text, level=level or None)
    except UnknownRegion:
        return False
    return True


def _different(places: list[tuple[_Column, str]], system: RegionSystem) -> list[tuple[_Column, str]]:
    """Columns that name different regions. A name and the code of the same region are one place: the code is kept."""
    kept: list[tuple[_Column, str]] = []
    for column, level in sorted(places, key=lambda place: not place[0].cells[0].isdigit()):
        codes = [
            system.resolve(text, level=level or None).code if _resolves(system, level, text) else ""
            for text in column.cells
        ]
        column_codes = _Column(column.name, codes)
        if not any(_same(column_codes, earlier, system) for earlier in kept):
            kept.append((column, level))
    return sorted(kept, key=lambda place: places.index(place))


def _same(codes: _Column, earlier: tuple[_Column, str], system: RegionSystem) -> bool:
    """Whether two columns name the same region, or one the region the other lies in, in most rows."""
    column, level = earlier
    agree = 0
    for code, text in zip(codes.cells, column.cells, strict=True):
        if code and _resolves(system, level, text):
            other = system.resolve(text, level=level or None)
            agree += other.code == code or other.parent == code or system[code].parent == other.code
    return agree >= MOSTLY * len(column.cells)


def _toml(name: str, date: str, order: str, places: list[tuple[_Column, str]], numbers: list[_Column]) -> str:
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
        f"level = {text(next((level for _, level in places if level), 'province'))} # CHECK: the level of the picture",
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
            f"date = {{ column = {text(date)}, format = {text(order)} }}",
            *body,
            "",
        ]
    )


def _flow_lines(places: list[tuple[_Column, str]], numbers: list[_Column]) -> list[str]:
    volume = _quote(numbers[0].name) if numbers else '"CHECK: the column of volumes"'
    return [
        f"origin = {_region(*places[0])} # CHECK: not swapped with the destination",
        f"destination = {_region(*places[1])}",
        f'volume = {{ column = {volume}, unit = "persons" }} # CHECK: persons or index',
    ]


def _count_lines(name: str, places: list[tuple[_Column, str]], numbers: list[_Column]) -> tuple[str, list[str]]:
    words = " ".join([name, *(c.name for c in numbers)]).lower()
    kind = "case_counts"
    if any(word in words for word in SEARCH_WORDS):
        kind = "search_counts"
    elif any(word in words for word in VISIT_WORDS):
        kind = "visits"
    measures = {_measure(c.name): c.name for c in numbers} or {"confirmed": "CHECK: the column of counts"}
    pairs = ", ".join(f"{key} = {_quote(column)}" for key, column in measures.items())
    region = _region(*places[0]) if places else '{ value = "CN" }'
    form = "cumulative" if numbers and _never_falls(places, numbers[0]) else "daily"
    return kind, [
        f'form = "{form}" # CHECK: daily counts or running totals?',
        f"region = {region}" + ("" if places else " # CHECK: no column names a known region"),
        f"measures = {{ {pairs} }} # CHECK: keep those that count persons, such as confirmed and deaths",
    ]


def _never_falls(places: list[tuple[_Column, str]], number: _Column) -> bool:
    """Whether the numbers of each region never fall in file order, as a running total's do not."""
    keys = places[0][0].cells if places else [""] * len(number.cells)
    last: dict[str, float] = {}
    for key, cell in zip(keys, number.cells, strict=True):
        value = parse_number(cell)
        if value is None:
            continue
        if value < last.get(key, 0.0):
            return False
        last[key] = value
    return bool(last)


def _measure(column: str) -> str:
    folded = column.casefold()
    for measure, words in MEASURES.items():
        if any(word in folded for word in words):
            return measure
    return re.sub(r"[^a-z0-9_]+", "_", folded).strip("_") or "value"


def _region(column: _Column, level: str) -> str:
    return f"{{ column = {_quote(column.name)}{f', level = {_quote(level)}' if level else ''} }}"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
