"""What does each curve show?  One description, drawn in the browser and, without one, as SVG.

A chart holds everything a drawing needs: days, bars, lines, bands, marked days, the axis. The drawings add nothing.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bianque.model import catalogue
from bianque.model.situation import Band as SituationBand
from bianque.model.situation import ForecastFan, RegionPicture, Series, Situation
from bianque.services import numerals
from bianque.services.numerals import Form

ChartKey = Literal["cumulative", "daily", "reproduction", "growth"]
CHARTS: tuple[ChartKey, ...] = ("cumulative", "daily", "reproduction", "growth")

FAN = (("0.025", "0.975", 95), ("0.1", "0.9", 80), ("0.25", "0.75", 50))  # lower and upper quantile, percent between
MEDIAN = "0.5"
RECENT_DAYS = 14
NEAR_MARKS = 0.3  # of the days shown: notes nearer than this would be written over each other
MARK_ROWS = 3
HEADROOM = 4.0  # an interval is drawn up to this multiple of the largest count or median, and cut there


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    values: Series
    role: Literal["main", "second", "median"]


@dataclass(frozen=True, slots=True)
class Range:
    """A band between two series; `percent` of the probability lies in it."""

    name: str
    percent: int
    lower: Series
    upper: Series


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that carries a note, such as a change of the case definition. `row` keeps near notes apart."""

    date: dt.date
    label: str
    row: int


@dataclass(frozen=True, slots=True)
class Axis:
    lowest: float
    highest: float
    step: float
    form: Form
    cut: bool

    def ticks(self) -> list[float]:
        count = round((self.highest - self.lowest) / self.step)
        return [self.lowest + i * self.step for i in range(count + 1)]

    def labels(self) -> list[str]:
        """The ticks as text, with no more decimals than the step needs: 800 and not 800.00, +40% and not +40.0%."""
        return [numerals.tick(value, self.step, self.form) for value in self.ticks()]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series run along `dates`; `expected_from` is the first day that has not happened yet, if one is shown."""

    key: ChartKey
    title: str
    dates: list[dt.date]
    bars: Line | None
    hidden_dates: list[dt.date]
    lines: list[Line]
    ranges: list[Range]
    marks: list[Mark]
    reference: float | None
    expected_from: dt.date | None
    axis: Axis


MODELS = ("forecast_renewal", "forecast_baseline")  # the first that gave a forecast is drawn unless a reader chooses


def models(picture: RegionPicture) -> list[str]:
    """The forecast models of a region that gave a forecast, the renewal model first."""
    return sorted((f.model for f in picture.forecasts if f.quantiles), key=MODELS.index)


def forecast(picture: RegionPicture, model: str | None) -> ForecastFan | None:
    """The forecast of a model, or of the first that gave one."""
    given = {f.model: f for f in picture.forecasts if f.quantiles}
    return given.get(model or "") or next((given[m] for m in models(picture)), None)


def chart(
    situation: Situation, picture: RegionPicture, key: ChartKey, language: str, *, model: str | None = None
) -> Chart:
    """One curve of a region or of the whole area."""
    title = catalogue.text(f"chart_{key}", language)
    marks = _marks(situation, picture, language)
    if key == "cumulative":
        return _cumulative(situation, picture, title, marks, language)
    if key == "daily":
        return _daily(situation, picture, title, marks, language, forecast(picture, model))
    band = picture.reproduction_series if key == "reproduction" else picture.growth_series
    return _estimated(situation, band, key, title, marks, language)


def _marks(situation: Situation, picture: RegionPicture, language: str) -> list[Mark]:
    """Change points of a region and of the whole area, oldest first; a note near the one before goes a row lower."""
    kinds = {c.date: c.kind for c in situation.change_points if c.region in (picture.code, situation.whole.code)}
    marks: list[Mark] = []
    for day in sorted(kinds):
        near = bool(marks) and (day - marks[-1].date).days < len(situation.dates) * NEAR_MARKS
        row = (marks[-1].row + 1) % MARK_ROWS if near else 0
        marks.append(Mark(day, catalogue.text(f"mark_{kinds[day]}", language), row))
    return marks


def _cumulative(situation: Situation, picture: RegionPicture, title: str, marks: list[Mark], language: str) -> Chart:
    lines = [Line(catalogue.text("series_confirmed", language), picture.cumulative, "main")]
    if any(numerals.known(v) for v in picture.deaths_cumulative):
        lines.append(Line(catalogue.text("series_deaths", language), picture.deaths_cumulative, "second"))
    return Chart(
        key="cumulative",
        title=title,
        dates=situation.dates,
        bars=None,
        hidden_dates=[],
        lines=lines,
        ranges=[],
        marks=marks,
        reference=None,
        expected_from=None,
        axis=_axis(0.0, max((_largest(line.values) for line in lines), default=0.0), "count"),
    )


def _daily(
    situation: Situation,
    picture: RegionPicture,
    title: str,
    marks: list[Mark],
    language: str,
    fan: ForecastFan | None,
) -> Chart:
    known = situation.dates
    ahead = [day for day in fan.dates if day > known[-1]] if fan and known else []
    dates = [*known, *ahead]
    lines, ranges = [], []
    top = _largest(picture.new)
    if fan and ahead:
        skip = len(fan.dates) - len(ahead)
        before: Series = [None] * len(known)
        for low, high, percent in FAN:
            if low in fan.quantiles and high in fan.quantiles:
                name = catalogue.text("series_interval", language, percent=percent)
                lower, upper = fan.quantiles[low][skip:], fan.quantiles[high][skip:]
                ranges.append(Range(name, percent, [*before, *lower], [*before, *upper]))
        if MEDIAN in fan.quantiles:
            name = catalogue.text("series_median", language)
            lines.append(Line(name, [*before, *fan.quantiles[MEDIAN][skip:]], "median"))
    wanted = max([top, *(_largest(r.upper) for r in ranges)])
    limit = HEADROOM * max([top, *(_largest(line.values) for line in lines)])
    return Chart(
        key="daily",
        title=title,
        dates=dates,
        bars=Line(catalogue.text("series_new", language), [*picture.new, *([None] * len(ahead))], "main"),
        hidden_dates=picture.hidden_dates,
        lines=lines,
        ranges=ranges,
        marks=marks,
        reference=None,
        expected_from=ahead[0] if ahead else None,
        axis=_axis(0.0, min(wanted, limit), "count", cut=wanted > limit),
    )


def _estimated(
    situation: Situation, band: SituationBand, key: ChartKey, title: str, marks: list[Mark], language: str
) -> Chart:
    """The axis is made for the last weeks: the first days of an outbreak, when next to nothing is known, are cut, also
    where they lie inside those weeks: what is much farther from the reference than half of the days are.
    """
    percent = round(100 * band.level)
    form: Form = "ratio" if key == "reproduction" else "percent"
    reference = 1.0 if key == "reproduction" else 0.0
    recent = slice(-RECENT_DAYS, None)
    least = 1.0 if key == "reproduction" else 0.1  # what the axis shows on each side of the reference at the least
    usual = HEADROOM * _median_distance(band.value[recent], reference)
    above = min(1.6 * (_largest(band.value[recent]) - reference), usual)
    below = min(1.6 * (reference - _smallest(band.value[recent])), usual)
    above = max(above, 1.1 * (_last(band.upper) - reference), least)
    below = max(below, 1.1 * (reference - _last(band.lower)), least)
    lowest, highest = max(0.0 if key == "reproduction" else -1.0, reference - below), reference + above
    return Chart(
        key=key,
        title=title,
        dates=situation.dates,
        bars=None,
        hidden_dates=[],
        lines=[Line(catalogue.text("series_estimate", language), band.value, "main")],
        ranges=[Range(catalogue.text("series_interval", language, percent=percent), percent, band.lower, band.upper)],
        marks=marks,
        reference=reference,
        expected_from=None,
        axis=_axis(lowest, highest, form, cut=_largest(band.upper) > highest or _smallest(band.lower) < lowest),
    )


def _largest(values: Series) -> float:
    return max((v for v in values if v is not None and math.isfinite(v)), default=0.0)


def _smallest(values: Series) -> float:
    return min((v for v in values if v is not None and math.isfinite(v)), default=0.0)


def _median_distance(values: Series, reference: float) -> float:
    return median([abs(v - reference) for v in values if v is not None and math.isfinite(v)] or [0.0])


def _last(values: Series) -> float:
    return next((v for v in reversed(values) if v is not None and math.isfinite(v)), 0.0)


def _axis(lowest: float, highest: float, form: Form, *, cut: bool = False) -> Axis:
    """Four to six round steps from below the lowest to above the highest value. `cut` says that more lies beyond."""
    span = highest - lowest if highest > lowest else 1.0
    raw = span / 5
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw - 1e-12)
    if form == "count":
        step = max(1.0, math.ceil(step))
    first, last = math.floor(lowest / step + 1e-9) * step, math.ceil((lowest + span) / step - 1e-9) * step
    return Axis(lowest=first, highest=last, step=step, form=form, cut=cut)
