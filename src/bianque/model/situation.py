"""situation.json: the picture of one day.  The schema is versioned; its fields are the contract of every page.

Shapes: all series of one situation share one list of `dates`; a series is a list of the same length, `null` where
the value is unknown. Every estimate carries interval, as-of date, method and, where it is missing, the reason.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bianque.model.emergency_file import PublishedPart
from bianque.model.text import Text

SCHEMA_VERSION: Literal["1.0"] = "1.0"

Series = list[float | None]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Estimate(Record):
    """A figure that can be questioned. `value` is null where it could not be assessed; `reason` then says why."""

    value: float | None = Field(description="central value")
    lower: float | None = Field(description="lower end of the interval")
    upper: float | None = Field(description="upper end of the interval; null where the interval has no bound")
    level: float = Field(description="probability of the interval, such as 0.95")
    as_of: dt.date = Field(description="day whose knowledge it rests on")
    method: str = Field(description="key of the method")
    reason: str | None = Field(
        default=None, description="key of the reason why there is no value, or no bounded interval"
    )


class Band(Record):
    """An estimate over time: central value and interval, along the situation's dates."""

    value: Series = Field(description="central values")
    lower: Series = Field(description="lower ends")
    upper: Series = Field(description="upper ends")
    level: float = Field(description="probability of the interval")
    method: str = Field(description="key of the method")


class ForecastFan(Record):
    """Daily new cases to come, by one model."""

    model: str = Field(description="key of the model: `forecast_renewal` or `forecast_baseline`")
    reference_date: dt.date = Field(description="last day of data the forecast rests on")
    dates: list[dt.date] = Field(description="the days after the reference date")
    quantiles: dict[str, list[float]] = Field(
        description="level, such as `0.025` → new cases along `dates`; empty where there is a reason"
    )
    reason: str | None = Field(default=None, description="key of the reason why there is no forecast")


class Signal(Record):
    """One cell above what history explains, and why."""

    date: dt.date = Field(description="day of the count")
    region: str = Field(description="code of the region")
    name: Text = Field(description="name of the region")
    feed: str = Field(description="feed the count comes from")
    measure: str = Field(description="measure of the feed")
    method: str = Field(description="`ears_c1`, `ears_c2` or `ears_c3`; a picture carries `ears_c2`")
    observed: float | None = Field(description="count of the day; null in a small place")
    expected: float | None = Field(description="mean of the baseline; null in a small place")
    threshold: float | None = Field(description="highest count that chance explains; null in a small place")
    excess: float | None = Field(description="observed − expected; null where observed is")
    alpha: float = Field(description="probability of a signal on a day without excess, if counts were normal")
    baseline_days: int = Field(description="days the baseline holds")


class NotAssessed(Record):
    """Regions no signal could be computed for on the last day, and why."""

    date: dt.date = Field(description="last day of the picture")
    regions: list[str] = Field(description="codes of the regions")
    feed: str = Field(description="feed")
    measure: str = Field(description="measure of the feed")
    method: str = Field(description="key of the method")
    reason: str = Field(description="key of the reason")


class ChangePoint(Record):
    """A day whose count follows another rule. It is shown, and not read as growth."""

    date: dt.date = Field(description="the day")
    region: str = Field(description="code of the region")
    name: Text = Field(description="name of the region")
    observed: float | None = Field(description="count of the day; null where a small count is hidden")
    expected: float | None = Field(description="trend of the days before, carried on; null where it is unknown")
    upper: float | None = Field(description="most that growth, clusters and a reporting backlog explain")
    kind: Literal["declared", "detected"] = Field(description="announced in emergency.toml, or found in the counts")
    reason: Text = Field(description="why the day counts as one")
    source: str = Field(description="announcement; of a detected one `changepoint`")


class RegionPicture(Record):
    """One region today. `cumulative` and `new` run along the situation's dates.

    `hidden` and `hidden_dates` name what the rule for small counts hides: it is null here and known, where every other
    null is unknown.
    """

    code: str = Field(description="code of the region")
    name: Text = Field(description="name of the region")
    level: str = Field(description="level, such as `province`")
    population: int | None = Field(description="residents; null where no source gives them")
    cumulative: Series = Field(description="confirmed in total")
    new: Series = Field(description="newly confirmed a day, by day of report")
    deaths_cumulative: Series = Field(description="dead in total")
    total: float | None = Field(description="confirmed in total on the last day")
    deaths_total: float | None = Field(description="dead in total on the last day")
    new_last: float | None = Field(description="newly confirmed on the last day")
    new_7_days: float | None = Field(description="newly confirmed in the last 7 days; null where one of them is")
    incidence_7_days_per_100k: float | None = Field(description="the same per 100,000 residents")
    growth: Estimate = Field(description="growth per day over the last 7 days: 0.1 is a factor of e^0.1 a day")
    doubling_days: Estimate = Field(description="days in which new cases double; negative: in which they halve")
    trend: Literal["growing", "shrinking", "steady", "unknown"] = Field(
        description="growing or shrinking where the whole interval of the growth is on one side of 0"
    )
    reproduction: Estimate = Field(description="how many people one case infects, over the last 7 days")
    growth_series: Band = Field(description="growth per day, over the window that ends on each day")
    reproduction_series: Band = Field(description="reproduction number, over the window that ends on each day")
    forecasts: list[ForecastFan] = Field(description="one a model")
    signals_today: int = Field(description="signals of the region on the last day, over all feeds")
    hidden: list[str] = Field(default=[], description="fields of this record that the rule for small counts hides")
    hidden_dates: list[dt.date] = Field(default=[], description="days of `new` that it hides")


class ImportationRow(Record):
    """Expected infected arrivals in one destination, and its rank among the destinations of one feed."""

    rank: int = Field(description="1 is the most; ties share the better place")
    feed: str = Field(description="flows feed")
    origin: str = Field(description="code of the source region that contributes most")
    origin_share: float = Field(description="its share of the expectation")
    origins: int = Field(description="how many source regions contribute")
    destination: str = Field(description="code of the destination")
    name: Text = Field(description="name of the destination")
    level: str = Field(description="level of the destination")
    volume: float = Field(description="travel from sources of known prevalence, over the window")
    unit: Literal["persons", "index"] = Field(description="unit of the volume; of an index only the rank has a meaning")
    expected: float = Field(description="expected infected arrivals over the window, in the unit of the volume")
    lower: float = Field(
        description="lower end of the 95% interval of the number that arrives; of an index, of the prevalence alone"
    )
    upper: float = Field(description="upper end of it")
    first_date: dt.date = Field(description="first day of the window")
    last_date: dt.date = Field(description="last day of the window: the last day of the feed")
    prevalence: float = Field(description="infected per resident in `origin`")
    prevalence_source: str = Field(
        description="publication; `reported_cases`: cases of 14 days ÷ residents, a floor of the truth"
    )
    method: str = Field(description="key of the method")


class FeedState(Record):
    """What the receipts of a feed say by now, and whether the feed is late on the day of the picture."""

    id: str = Field(description="name of the feed in emergency.toml")
    kind: str = Field(description="kind of the feed")
    name: Text = Field(description="name for a reader")
    source: str = Field(description="who made the file")
    terms: str = Field(description="terms of use")
    file: str = Field(description="file that emergency.toml names")
    receipts: int = Field(description="receipts that stand: one a file")
    last_receipt: str | None = Field(description="newest receipt; null: the feed never came")
    read: int = Field(description="rows read, over all receipts that stand")
    accepted: int = Field(description="rows accepted")
    quarantined: int = Field(description="rows in quarantine")
    corrections: int = Field(description="rows that corrected an earlier value, and running totals that fell")
    last_reference_date: dt.date | None = Field(description="newest day the feed speaks of, as known on the day")
    last_known_at: dt.date | None = Field(description="newest day it was known")
    delay_days: int = Field(description="declared delay of a feed without vintages")
    vintages: bool = Field(description="whether the file itself says when each row was known")
    late: bool = Field(description="whether `as_of` − `last_known_at` is more than `late_after_days`")
    late_after_days: int = Field(description="the feed's own limit")


class PublishedCheck(Record):
    """A bulletin's figure, its parts, and whether they add up."""

    name: Text = Field(description="name of the figure")
    date: dt.date = Field(description="day the figure speaks of")
    total: int = Field(description="the figure")
    parts: list[PublishedPart] = Field(description="parts that make it up")
    parts_sum: int | None = Field(description="sum of the parts; null without parts")
    adds_up: bool | None = Field(description="whether the sum is the total; null without parts")
    of_which: list[PublishedPart] = Field(description="persons named apart")
    in_data: float | None = Field(description="the same figure in the data; null where it is not compared or unknown")
    agrees: bool | None = Field(description="whether the two are equal; null where there is nothing to compare")
    note: Text | None = Field(description="what a reader has to know")
    source: str = Field(description="bulletin")


class Situation(Record):
    """The whole picture as of one day."""

    schema_version: Literal["1.0"] = Field(default=SCHEMA_VERSION, description="version of this schema")
    id: str = Field(description="short name of the emergency")
    name: Text = Field(description="name of the emergency")
    disease: Text = Field(description="name of the disease")
    as_of: dt.date = Field(
        description="nothing of a feed that was not known on this day is in the picture; the counts of receipts under "
        "`feeds` are of the day it was made"
    )
    last_date: dt.date = Field(description="last day with a case count")
    headline: Text = Field(description="the picture in a sentence")
    dates: list[dt.date] = Field(description="days of every series, one after the other")
    whole: RegionPicture = Field(description="the area all regions make up")
    regions: list[RegionPicture] = Field(description="its regions, in code order")
    signals: list[Signal] = Field(description="signals of the last 7 days, newest first")
    not_assessed: list[NotAssessed] = Field(description="what could not be judged on the last day")
    change_points: list[ChangePoint] = Field(description="days counted by another rule, newest first")
    importation: list[ImportationRow] = Field(description="ranked destinations, one feed after the other")
    feeds: list[FeedState] = Field(description="one a feed of emergency.toml")
    published: list[PublishedCheck] = Field(description="figures of bulletins, checked")
    notes: list[Text] = Field(description="notes on the data")
    serial_interval: Text = Field(description="serial interval used, and its source")
    disclosure_rule: Text = Field(description="the rule for small counts, in words")
    region_system: str = Field(description="`cn`, or the region file of the emergency")
    own_shapes: bool = Field(description="whether the emergency brings the shapes of its map")
    lake_state: str = Field(description="changes whenever what the lake holds changes")
