"""emergency.toml: what is this emergency, and what do its files mean?

A foreign file is described here, never edited. `[situation]` holds what a situation picture needs; each `[[feed]]`
describes one file.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bianque.model import regions
from bianque.model.errors import BadEmergencyFile
from bianque.model.regions import Region, RegionSystem

FeedKind = Literal["case_counts", "flows", "search_counts", "visits"]
Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


FileName = Annotated[str, Field(pattern=r"^[\w-][\w.-]*$")]  # a file beside emergency.toml, never a path out of it


class Strict(BaseModel):
    """A typing mistake in a key is an error, not a setting that is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Strict):
    """One text in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language == "zh-CN" else self.en


class SerialIntervalSpec(Strict):
    """Days from onset in an infector to onset in the infected: mean and sd, or the weights of days 0, 1, 2, …"""

    mean: Annotated[float, Field(gt=1)] | None = None
    sd: Annotated[float, Field(gt=0)] | None = None
    distribution: tuple[Annotated[float, Field(ge=0)], ...] | None = None
    source: str

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        parametric = self.mean is not None and self.sd is not None
        if parametric == (self.distribution is not None):
            raise ValueError("give mean and sd, or distribution, not both")
        if self.distribution is not None:
            if self.distribution[0] != 0:
                raise ValueError("distribution starts at day 0, whose weight must be 0")
            if abs(sum(self.distribution) - 1) > 1e-3:
                raise ValueError("distribution must sum to 1")
        return self


class Whole(Strict):
    """The area all regions make up together, such as a country or a province."""

    code: str
    name: Text
    population: int | None = None


class DeclaredPrevalence(Strict):
    """A published estimate of how many people are infected in a region on a day, with its interval."""

    region: str
    date: dt.date
    known_at: dt.date
    population: Annotated[int, Field(gt=0)]
    infected: float
    lower: float
    upper: float
    source: str


class DefinitionChange(Strict):
    """A day from which cases are counted by another rule, as announced."""

    date: dt.date
    known_at: dt.date
    regions: tuple[str, ...] = ()
    reason: Text
    source: str


class PublishedPart(Strict):
    """One part of a published total."""

    name: Text
    value: int


class PublishedTotal(Strict):
    """A figure of a bulletin: `parts`, if given, must add up to it; `measure`, if given, must show it in the data."""

    name: Text
    date: dt.date
    total: int
    parts: tuple[PublishedPart, ...] = ()
    of_which: tuple[PublishedPart, ...] = ()
    measure: str | None = None
    note: Text | None = None
    source: str


class SituationSpec(Strict):
    """The `[situation]` part of emergency.toml."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    name: Text
    disease: Text
    start: dt.date
    end: dt.date | None = None
    regions: FileName = "cn"
    level: str
    shapes: FileName | None = None
    whole: Whole
    outside: tuple[str, ...] = ()
    serial_interval: SerialIntervalSpec
    prevalence: tuple[DeclaredPrevalence, ...] = ()
    definition_change: tuple[DefinitionChange, ...] = ()
    published: tuple[PublishedTotal, ...] = ()
    note: tuple[Text, ...] = ()


class DateSpec(Strict):
    """The reference date: a column, or one date for the whole file. `format` as in strptime; default YYYY-MM-DD."""

    column: str | None = None
    value: dt.date | None = None
    format: str = "%Y-%m-%d"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give column or value")
        return self


class RegionSpec(Strict):
    """A region: a column of codes or names, or one region for the whole file."""

    column: str | None = None
    value: str | None = None
    level: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give column or value")
        return self


class KnownAtSpec(Strict):
    """When a row was known: a column of vintages, or reference date + a declared delay."""

    column: str | None = None
    format: str = "%Y-%m-%d"
    delay_days: Annotated[int, Field(ge=0)] = 0


class VolumeSpec(Strict):
    """How much travels: a column of volumes, or share × scale. `unit` says what one unit is.

    `share_of` is the number that is all of the flow (100 for percent, 1 for fractions).
    """

    column: str | None = None
    share: str | None = None
    share_of: float = 100.0
    scale: str | float | None = None
    unit: Literal["persons", "index"] = "persons"
    days: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.share is None or self.scale is None):
            raise ValueError("give column, or share and scale")
        return self


class Feed(Strict):
    """One file and what its columns mean.

    before_first   what the days before a region's first row mean: unknown, or zero where the source is known to list
                   only regions that have cases. `region.level` then says which regions it covers
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    kind: FeedKind
    file: str
    name: Text
    source: str
    terms: str = ""
    form: Literal["daily", "cumulative"] = "daily"
    date: DateSpec
    region: RegionSpec | None = None
    origin: RegionSpec | None = None
    destination: RegionSpec | None = None
    measures: dict[str, str] = {}
    volume: VolumeSpec | None = None
    known_at: KnownAtSpec = KnownAtSpec()
    where: dict[str, str] = {}
    before_first: Literal["unknown", "zero"] = "unknown"
    late_after_days: Annotated[int, Field(ge=0)] = 2

    @model_validator(mode="after")
    def _stays_in_the_data_folder(self) -> Self:
        path = PurePosixPath(self.file)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"file {self.file!r} must lie inside the data folder")
        return self

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "flows":
            if self.origin is None or self.destination is None or self.volume is None:
                raise ValueError("a flows feed needs origin, destination and volume")
            if self.region is not None or self.measures:
                raise ValueError("a flows feed has no region and no measures")
        else:
            if self.region is None or not self.measures:
                raise ValueError(f"a {self.kind} feed needs region and measures")
            if self.before_first == "zero" and self.region.level is None:
                raise ValueError('before_first = "zero" needs region.level: which regions does the feed cover?')
            if self.origin is not None or self.destination is not None or self.volume is not None:
                raise ValueError(f"a {self.kind} feed has no origin, destination or volume")
        return self

    def columns(self) -> list[str]:
        """Every column of the file this description needs."""
        named = [self.date.column, self.known_at.column, *self.where, *self.measures.values()]
        named += [place.column for place in (self.region, self.origin, self.destination) if place]
        if self.volume:
            named += [self.volume.column, self.volume.share]
            named.append(self.volume.scale if isinstance(self.volume.scale, str) else None)
        return list(dict.fromkeys(c for c in named if c is not None))


class Emergency(Strict):
    """A whole emergency.toml."""

    situation: SituationSpec
    feed: tuple[Feed, ...] = ()

    @model_validator(mode="after")
    def _feed_ids_differ(self) -> Self:
        ids = [f.id for f in self.feed]
        if doubled := {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"feed id given twice: {', '.join(sorted(doubled))}")
        return self


def read_emergency(folder: Path) -> Emergency:
    """The description in a folder's emergency.toml.

    raises  BadEmergencyFile  with the key and what is wrong with it
    """
    path = folder / "emergency.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as cause:
        raise BadEmergencyFile(
            f"{path}: there is no such file", remedy="give a folder that holds an emergency.toml"
        ) from cause
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise BadEmergencyFile(f"{path}: {cause}", remedy="write valid TOML in UTF-8") from cause
    try:
        return Emergency.model_validate(data)
    except ValidationError as cause:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in cause.errors())
        raise BadEmergencyFile(
            f"{path}: {problems}", remedy="see docs/reference/emergency-toml.md for the keys"
        ) from cause


def region_system(situation: SituationSpec, folder: Path) -> RegionSystem:
    """The region system a situation names ("cn" or a CSV beside emergency.toml), with the whole area in it."""
    system = regions.china() if situation.regions == "cn" else regions.from_file(folder / situation.regions)
    whole = situation.whole
    if not system.at(situation.level):
        raise BadEmergencyFile(
            f"situation.level: no region of {system.source} has the level {situation.level!r}",
            remedy="levels: " + ", ".join(sorted({r.level for r in system.regions.values()})),
        )
    for code in situation.outside:
        if code not in system:
            raise BadEmergencyFile(f"situation.outside: {code!r} is no code of {system.source}")
    return system.with_regions([Region(whole.code, whole.name.zh, whole.name.en, "whole", population=whole.population)])
