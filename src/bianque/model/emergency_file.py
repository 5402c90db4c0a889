"""emergency.toml: what is this emergency, and what do its files mean?

A foreign file is described here, never edited. `[situation]` holds what a situation picture needs; each `[[feed]]`
describes one file.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from bianque.model import regions
from bianque.model.errors import BadEmergencyFile
from bianque.model.regions import MOST_PERSONS, Region, RegionSystem
from bianque.model.text import Strict, Text

FeedKind = Literal["case_counts", "flows", "search_counts", "visits"]

SHIPPED = "bulletins:"  # a feed file of this form is a table of facts that ships with the package

# Beyond these a number is a slip of the pen, which would show as a crash or a nonsense figure far from its cause.
LONGEST_INTERVAL_DAYS = 365  # from one case to the next
LONGEST_SPAN_DAYS = 3660  # from a day to its publication, or covered by one row: ten years
LARGEST_SCALE = 1e12  # above the journeys of the world in a year


def _date_format(form: str) -> str:
    """A format is good when it reads back the day it wrote: a day, a month and a year, each given once."""
    day = dt.datetime(2020, 11, 23, tzinfo=dt.UTC)
    try:
        reads_back = dt.datetime.strptime(day.strftime(form), form).date() == day.date()  # noqa: DTZ007
    except (ValueError, re.error):
        reads_back = False
    if not reads_back:
        raise ValueError(f"{form!r} is no format of a date: it needs a day, a month and a year, such as %Y-%m-%d")
    return form


FileName = Annotated[str, Field(pattern=r"^[\w-][\w.-]*$")]  # a file beside emergency.toml, never a path out of it
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Day = Annotated[dt.date, Field(ge=dt.date(1800, 1, 1), le=dt.date(2199, 12, 31))]  # room on both sides for a delay
DateFormat = Annotated[str, AfterValidator(_date_format)]
Persons = Annotated[int, Field(ge=0, le=MOST_PERSONS)]


class SerialIntervalSpec(Strict):
    """Days from onset in an infector to onset in the infected: mean and sd, or the weights of days 0, 1, 2, …"""

    mean: Annotated[float, Field(gt=1, le=LONGEST_INTERVAL_DAYS)] | None = Field(
        default=None, description="days; goes with `sd`"
    )
    sd: Annotated[float, Field(gt=0, le=LONGEST_INTERVAL_DAYS)] | None = Field(default=None, description="days")
    distribution: tuple[Annotated[float, Field(ge=0)], ...] | None = Field(
        default=None,
        description="instead of mean and sd: the probability of 0, 1, 2, … days; the first is 0, the sum 1",
    )
    source: str = Field(description="publication the figures come from")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        given = (self.mean is not None, self.sd is not None, self.distribution is not None)
        if given not in ((True, True, False), (False, False, True)):
            raise ValueError("give mean and sd, or distribution, not both")
        if self.distribution is not None:
            if self.distribution[:1] != (0,):
                raise ValueError("distribution starts at day 0, whose weight must be 0")
            if abs(sum(self.distribution) - 1) > 1e-3:
                raise ValueError("distribution must sum to 1")
        return self


class Whole(Strict):
    """The area all regions make up together, such as a country or a province."""

    code: Annotated[str, AfterValidator(regions.addressable)] = Field(
        description="code of the area; a feed may name it as a region"
    )
    name: Text = Field(description="name of the area")
    population: Annotated[int, Field(gt=0, le=MOST_PERSONS)] | None = Field(
        default=None, description="residents; without it no figure is divided by them"
    )


class DeclaredPrevalence(Strict):
    """A published estimate of how many people are infected in a region on a day, with its interval."""

    region: str = Field(description="code of the region; an origin of a flows feed")
    date: Day = Field(description="day the estimate speaks of")
    known_at: Day = Field(description="day it was published; a picture of an earlier day does not use it")
    population: Annotated[int, Field(gt=0, le=MOST_PERSONS)] = Field(
        description="persons the infected are counted among"
    )
    infected: float = Field(description="persons infected, central estimate")
    lower: Annotated[float, Field(ge=0)] = Field(description="lower end of its 95% interval")
    upper: float = Field(description="upper end of its 95% interval")
    source: str = Field(description="publication")

    @model_validator(mode="after")
    def _interval_holds_the_estimate(self) -> Self:
        if not self.lower <= self.infected <= self.upper <= self.population:
            raise ValueError("there must hold: lower ≤ infected ≤ upper ≤ population")
        return self


class DefinitionChange(Strict):
    """A day from which cases are counted by another rule, as announced."""

    date: Day = Field(description="first day counted by the new rule")
    known_at: Day = Field(description="day it was announced; until then the jump has to be detected")
    regions: tuple[str, ...] = Field(
        default=(), description="codes of the regions concerned; empty: all, and the whole"
    )
    reason: Text = Field(description="what changed, shown with the curve")
    source: str = Field(description="announcement")


class PublishedPart(Strict):
    """One part of a published total."""

    name: Text = Field(description="name of the part")
    value: Persons = Field(description="persons")


class PublishedTotal(Strict):
    """A figure of a bulletin: `parts`, if given, must add up to it; `measure`, if given, must show it in the data."""

    name: Text = Field(description="name of the figure")
    date: Day = Field(
        description="day the figure speaks of, not of the bulletin; a picture of an earlier day does not show it"
    )
    total: Persons = Field(description="persons")
    parts: tuple[PublishedPart, ...] = Field(default=(), description="parts that add up to the total")
    of_which: tuple[PublishedPart, ...] = Field(default=(), description="persons named apart, who need not add up")
    measure: str | None = Field(
        default=None, description="`confirmed` or `deaths`: compared with the total of the whole area on that day"
    )
    note: Text | None = Field(default=None, description="what a reader has to know, such as why another source differs")
    source: str = Field(description="bulletin")


class SituationSpec(Strict):
    """The `[situation]` part of emergency.toml."""

    id: Identifier = Field(description="short name of the emergency, for file names")
    name: Text = Field(description="name of the emergency")
    disease: Text = Field(description="name of the disease")
    start: Day = Field(description="first day of the picture")
    end: Day | None = Field(default=None, description="last day of the picture; open without it")
    regions: FileName = Field(
        default="cn", description="region system: `cn` for GB/T 2260, or a CSV file beside emergency.toml (see below)"
    )
    level: str = Field(description="level of the regions of the picture, such as `province` or `county`")
    shapes: FileName | None = Field(
        default=None,
        description="GeoJSON file beside emergency.toml; the property `code` of each feature is a region code",
    )
    whole: Whole = Field(description="area all regions make up")
    outside: tuple[str, ...] = Field(
        default=(), description="codes of that level which are not part of the whole, nor judged for signals"
    )
    serial_interval: SerialIntervalSpec = Field(
        description="serial interval of the disease; used on every day, also before it was published"
    )
    prevalence: tuple[DeclaredPrevalence, ...] = Field(default=(), description="published estimates, for importation")
    definition_change: tuple[DefinitionChange, ...] = Field(default=(), description="changes of the case definition")
    published: tuple[PublishedTotal, ...] = Field(
        default=(), description="figures of bulletins, checked against the data"
    )
    note: tuple[Text, ...] = Field(default=(), description="notes on the data, shown with the picture")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("end is before start")
        return self


class DateSpec(Strict):
    """The reference date: a column, or one date for the whole file."""

    column: str | None = Field(default=None, description="column of dates")
    value: Day | None = Field(default=None, description="instead: one date for the whole file")
    format: DateFormat = Field(default="%Y-%m-%d", description="how the column is written, as in strptime")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give column or value")
        return self


class RegionSpec(Strict):
    """A region: a column of codes or names, or one region for the whole file."""

    column: str | None = Field(
        default=None, description="column of codes, full, short or English names, or ISO 3166-2 codes"
    )
    value: str | None = Field(default=None, description="instead: one region for the whole file")
    level: str | None = Field(
        default=None, description="level to look in, where a name stands for places of several levels"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.value is None):
            raise ValueError("give column or value")
        return self


class KnownAtSpec(Strict):
    """When a row was known: a column of vintages, or reference date + a declared delay."""

    column: str | None = Field(default=None, description="column of the day each row was published")
    format: DateFormat = Field(default="%Y-%m-%d", description="how the column is written, as in strptime")
    delay_days: Annotated[int, Field(ge=0, le=LONGEST_SPAN_DAYS)] = Field(
        default=0, description="without a column: days from the reference date to publication"
    )


class VolumeSpec(Strict):
    """How much travels: a column of volumes, or share × scale."""

    column: str | None = Field(default=None, description="column of volumes")
    share: str | None = Field(default=None, description="instead: column of shares, with `scale`")
    share_of: Annotated[float, Field(gt=0, le=LARGEST_SCALE)] = Field(
        default=100.0, description="the number that is all of the flow: 100 for percent, 1 for fractions"
    )
    scale: str | float | None = Field(
        default=None, description="column, or number, that a share of the whole stands for"
    )
    unit: Literal["persons", "index"] = Field(
        default="persons", description="what one unit is; of an `index` only the ranking has a meaning"
    )
    days: Annotated[int, Field(ge=1, le=LONGEST_SPAN_DAYS)] = Field(
        default=1, description="days one row covers, its date being the last of them"
    )

    @field_validator("scale", mode="before")
    @classmethod
    def _scale_is_a_size(cls, scale: object) -> object:
        if isinstance(scale, int | float) and not 0 < scale <= LARGEST_SCALE:
            raise ValueError(f"a number here is above 0 and at most {LARGEST_SCALE:g}")
        return scale

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.column is None) == (self.share is None or self.scale is None):
            raise ValueError("give column, or share and scale")
        return self


class Feed(Strict):
    """One file and what its columns mean."""

    id: Identifier = Field(description="name of the feed, given once in the file")
    kind: FeedKind = Field(description="what the file counts")
    file: str = Field(
        description="path of the file inside the data folder; `bulletins:NAME` is a table that ships with Bianque"
    )
    name: Text = Field(description="name of the feed")
    source: str = Field(description="who made the file")
    terms: str = Field(default="", description="terms of use")
    form: Literal["daily", "cumulative"] = Field(default="daily", description="counts of a day, or running totals")
    date: DateSpec = Field(description="reference date of each row")
    region: RegionSpec | None = Field(default=None, description="region of each row; not of a flows feed")
    origin: RegionSpec | None = Field(default=None, description="flows: where travel starts")
    destination: RegionSpec | None = Field(default=None, description="flows: where it ends")
    measures: dict[str, str] = Field(
        default={},
        description="measure = column; `confirmed` and `deaths` of case_counts make the picture; not of a flows feed",
    )
    volume: VolumeSpec | None = Field(default=None, description="flows: how much travels")
    known_at: KnownAtSpec = Field(default=KnownAtSpec(), description="when each row was known")
    where: dict[str, str] = Field(
        default={}, description="column = text: only rows with these texts belong to the feed"
    )
    before_first: Literal["unknown", "zero"] = Field(
        default="unknown",
        description="what the days before a region's first row mean: `zero` where the source is known to list only "
        "regions that have cases; `region.level` then says which regions it covers",
    )
    late_after_days: Annotated[int, Field(ge=0)] = Field(
        default=2, description="days without news after which the feed counts as late"
    )

    @model_validator(mode="after")
    def _stays_in_the_data_folder(self) -> Self:
        path = PurePosixPath(self.file.removeprefix(SHIPPED))
        if path.is_absolute() or ".." in path.parts:
            where = "the tables that ship with Bianque" if self.file.startswith(SHIPPED) else "the data folder"
            raise ValueError(f"file {self.file!r} must lie inside {where}")
        if "\0" in self.file:
            raise ValueError(f"file {self.file!r} holds a NUL character, which no file name can")
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


class EmergencyFile(Strict):
    """A whole emergency.toml."""

    situation: SituationSpec = Field(description="what a situation picture needs")
    feed: tuple[Feed, ...] = Field(
        default=(), description="one `[[feed]]` a file; where two give the same figure the first stands"
    )

    @model_validator(mode="after")
    def _feed_ids_differ(self) -> Self:
        ids = [f.id for f in self.feed]
        if doubled := {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"feed id given twice: {', '.join(sorted(doubled))}")
        return self


def read_emergency(folder: Path) -> EmergencyFile:
    """The description in a folder's emergency.toml.

    raises  BadEmergencyFile  with the key and what is wrong with it
    """
    path = folder / "emergency.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as cause:
        raise BadEmergencyFile(
            f"{path}: there is no such file", remedy="give a folder that holds an emergency.toml"
        ) from cause
    except (OSError, ValueError, RecursionError) as cause:
        raise BadEmergencyFile(f"{path}: {cause}", remedy="write valid TOML in UTF-8") from cause
    try:
        return EmergencyFile.model_validate(data)
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
