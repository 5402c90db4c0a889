"""Regions: which place does this text mean?  Codes are strings; GB/T 2260 ships, others come as a file."""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from bianque.model.errors import BadEmergencyFile, UnknownRegion

MOST_PERSONS = 10_000_000_000  # more than live on Earth
COLUMNS = ("code", "parent", "level", "name_zh", "short_zh", "name_en", "iso_3166_2", "population")


@dataclass(frozen=True, slots=True)
class Region:
    """One place. `population` is None where no source gives it: unknown, not zero."""

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str = ""
    short_zh: str = ""
    iso_3166_2: str = ""
    population: int | None = None

    def name(self, language: str) -> str:
        return (self.short_zh or self.name_zh) if language == "zh-CN" else self.name_en


@dataclass(frozen=True)
class RegionSystem:
    """A crosswalk of codes and names. `resolve` turns a text of a file into one region or says why not."""

    regions: dict[str, Region]
    source: str
    _by_name: dict[str, list[Region]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[Region]] = defaultdict(list)
        for region in self.regions.values():
            names = (region.code, region.name_zh, region.short_zh, region.name_en, region.iso_3166_2)
            for name in {_fold(n) for n in names if n}:
                by_name[name].append(region)
        object.__setattr__(self, "_by_name", dict(by_name))

    def __getitem__(self, code: str) -> Region:
        return self.regions[code]

    def __contains__(self, code: str) -> bool:
        return code in self.regions

    def at(self, level: str) -> list[Region]:
        """The regions of one level, in code order."""
        return sorted((r for r in self.regions.values() if r.level == level), key=lambda r: r.code)

    def containing(self, code: str) -> tuple[str, ...]:
        """A region and every region that contains it, from the smallest to the largest."""
        path = [code]
        while (region := self.regions.get(path[-1])) and region.parent and region.parent not in path:
            path.append(region.parent)
        return tuple(path)

    def with_regions(self, extra: Iterable[Region]) -> RegionSystem:
        return RegionSystem({**self.regions, **{r.code: r for r in extra}}, self.source)

    def resolve(self, text: str, *, level: str | None = None) -> Region:
        """The region a text names: a code, a full or short name, an English name or an ISO code.

        raises  UnknownRegion  when nothing matches, or when more than one region of the level does
        """
        if (exact := self.regions.get(text.strip())) and level in (None, exact.level):
            return exact  # a code is what it says, whatever another place is called
        found = self._by_name.get(_fold(text), [])
        if level is not None:
            found = [r for r in found if r.level == level]
        if len(found) == 1:
            return found[0]
        where = f" at level {level}" if level else ""
        if not found:
            raise UnknownRegion(
                f"unknown region {text!r}{where} ({self.source})",
                remedy="correct the name or use the region's code",
            )
        options = ", ".join(f"{r.code} {r.name_zh or r.name_en}" for r in found)
        raise UnknownRegion(
            f"ambiguous region {text!r}{where}: {options}", remedy="use the code, or give the level of the feed"
        )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


@cache
def china() -> RegionSystem:
    """GB/T 2260: 34 provinces, prefectures and counties under a province, districts of the four municipalities.

    Codes and names: GB/T 2260 (revision of July 2016 with later changes of prefectures); ISO 3166-2:CN.
    Population of provinces: National Bureau of Statistics, residents at year-end 2017.
    """
    text = files("bianque.model").joinpath("regions_cn.csv").read_text("utf-8")
    return RegionSystem(_parse(text.splitlines(), "regions_cn.csv"), "GB/T 2260")


def from_file(path: Path) -> RegionSystem:
    """A region system of one's own: CSV with the columns of `COLUMNS` (code, level, name_zh, name_en needed)."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as cause:
        raise BadEmergencyFile(
            f"{path}: the region file cannot be read: {cause}", remedy="give a UTF-8 CSV file"
        ) from cause
    return RegionSystem(_parse(lines, path.name), path.name)


def _parse(lines: list[str], name: str) -> dict[str, Region]:
    reader = csv.DictReader(lines)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as cause:
        raise BadEmergencyFile(
            f"{name}, after line {reader.line_num}: {cause}", remedy="close every quotation mark"
        ) from cause
    missing = {"code", "level", "name_zh", "name_en"} - set(reader.fieldnames or ())
    if missing:
        raise BadEmergencyFile(
            f"{name}: missing column {', '.join(sorted(missing))}", remedy=f"the columns are {', '.join(COLUMNS)}"
        )
    regions: dict[str, Region] = {}
    for line, row in rows:
        try:
            region = _region(row, regions)
        except ValueError as cause:
            raise BadEmergencyFile(
                f"{name}, line {line}: {cause}", remedy="one line per region, with a code and a level, codes unique"
            ) from cause
        regions[region.code] = region
    return regions


def _region(row: dict[str, str], earlier: dict[str, Region]) -> Region:
    """One line of a region file.

    raises  ValueError  with what is wrong with it
    """
    if None in row:
        raise ValueError("there are more fields than the header has; a name with a comma in it needs quotation marks")
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    code, population = cells["code"], cells.pop("population")
    if not code:
        raise ValueError("the code is empty")
    addressable(code)
    if code in earlier:
        raise ValueError(f"code {code!r} is given twice")
    if not cells["level"]:
        raise ValueError(f"region {code!r} has no level")
    if population and not (population.isdecimal() and len(population) < 15 and int(population) <= MOST_PERSONS):
        raise ValueError(f"population {population!r} of {code!r} is no whole number of persons")
    return Region(**cells, population=int(population) if population else None)


def addressable(code: str) -> str:
    """The code, if it can be the last part of a page's address.

    raises  ValueError  when it cannot: its links would lead nowhere
    """
    if "/" in code or "#" in code or code.endswith(".json") or code in (".", ".."):
        raise ValueError(f"code {code!r} cannot be part of a page's address: it holds / or #, or ends in .json")
    return code


def contains(whole: str, code: str) -> bool:
    """Whether a region lies in another, by their codes alone: GB/T 2260 in pairs of digits, NUTS by its beginning."""
    if len(whole) == 6 and whole.isdecimal():
        while whole.endswith("00"):
            whole = whole[:-2]
    return code.startswith(whole)
