"""situation.json: the picture of one day.  The schema is versioned; its fields are the contract of every page.

Shapes: all series of one situation share one list of `dates`; a series is a list of the same length, `null` where
the value is unknown. Every estimate carries interval, as-of date, method and, where it is missing, the reason.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bianque.model.emergency import PublishedPart, Text

SCHEMA_VERSION: Literal["1.0"] = "1.0"

Series = list[float | None]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Estimate(Record):
    """A figure that can be questioned. `value` is None where it could not be assessed; `reason` then says why."""

    value: float | None
    lower: float | None
    upper: float | None
    level: float
    as_of: dt.date
    method: str
    reason: str | None = None


class Band(Record):
    """An estimate over time: central value and interval, along the situation's dates."""

    value: Series
    lower: Series
    upper: Series
    level: float
    method: str


class ForecastFan(Record):
    """Daily new cases to come. `quantiles[level]` runs along `dates` (the days after the reference date)."""

    model: str
    reference_date: dt.date
    dates: list[dt.date]
    quantiles: dict[str, list[float]]
    reason: str | None = None


class Signal(Record):
    """One cell above what history explains, and why. `observed` and `excess` are null where a small count is hidden."""

    date: dt.date
    region: str
    name: Text
    feed: str
    measure: str
    method: str
    observed: float | None
    expected: float
    threshold: float
    excess: float | None
    alpha: float
    baseline_days: int


class NotAssessed(Record):
    """Regions no signal could be computed for on the last day, and why."""

    date: dt.date
    regions: list[str]
    feed: str
    measure: str
    method: str
    reason: str


class ChangePoint(Record):
    """A day whose count follows another rule. It is shown, and not read as growth."""

    date: dt.date
    region: str
    name: Text
    observed: float
    expected: float | None
    upper: float | None
    kind: Literal["declared", "detected"]
    reason: Text
    source: str


class RegionPicture(Record):
    """One region today. `cumulative` and `new` run along the situation's dates.

    `hidden` names the single figures, `hidden_dates` the days of `new`, that the rule for small counts hides: they
    are null here and known, where every other null is unknown.
    """

    code: str
    name: Text
    level: str
    population: int | None
    cumulative: Series
    new: Series
    deaths_cumulative: Series
    total: float | None
    deaths_total: float | None
    new_last: float | None
    new_7_days: float | None
    incidence_7_days_per_100k: float | None
    growth: Estimate
    doubling_days: Estimate
    trend: Literal["growing", "shrinking", "steady", "unknown"]
    reproduction: Estimate
    growth_series: Band
    reproduction_series: Band
    forecasts: list[ForecastFan]
    signals_today: int
    hidden: list[str] = []
    hidden_dates: list[dt.date] = []


class ImportationRow(Record):
    """Expected infected arrivals in one destination, and its rank among the destinations of one feed.

    `origin` is the source region that contributes most, `origin_share` its share of the expectation, `origins` how
    many source regions contribute.
    """

    rank: int
    feed: str
    origin: str
    origin_share: float
    origins: int
    destination: str
    name: Text
    level: str
    volume: float
    unit: Literal["persons", "index"]
    expected: float
    lower: float
    upper: float
    first_date: dt.date
    last_date: dt.date
    prevalence: float
    prevalence_source: str
    method: str


class FeedState(Record):
    """What the last receipt of a feed says, and whether the feed is late."""

    id: str
    kind: str
    name: Text
    source: str
    terms: str
    file: str
    receipts: int
    last_receipt: str | None
    read: int
    accepted: int
    quarantined: int
    corrections: int
    last_reference_date: dt.date | None
    last_known_at: dt.date | None
    delay_days: int
    vintages: bool
    late: bool
    late_after_days: int


class PublishedCheck(Record):
    """A bulletin's figure, its parts, and whether they add up."""

    name: Text
    date: dt.date
    total: int
    parts: list[PublishedPart]
    parts_sum: int | None
    adds_up: bool | None
    of_which: list[PublishedPart]
    in_data: float | None
    agrees: bool | None
    note: Text | None
    source: str


class Situation(Record):
    """The whole picture as of one day."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    id: str
    name: Text
    disease: Text
    as_of: dt.date
    last_date: dt.date
    headline: Text
    dates: list[dt.date]
    whole: RegionPicture
    regions: list[RegionPicture]
    signals: list[Signal]
    not_assessed: list[NotAssessed]
    change_points: list[ChangePoint]
    importation: list[ImportationRow]
    feeds: list[FeedState]
    published: list[PublishedCheck]
    notes: list[Text]
    serial_interval: str
    disclosure_rule: Text
    region_system: str
    own_shapes: bool
    lake_state: str
