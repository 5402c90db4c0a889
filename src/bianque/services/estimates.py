"""From arrays to the records of a picture: every figure with its interval, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bianque.model import catalogue
from bianque.model.emergency_file import SerialIntervalSpec
from bianque.model.regions import Region
from bianque.model.situation import Band, Estimate, ForecastFan, RegionPicture, Series
from bianque.model.text import Text
from bianque.predict import forecast, growth, reproduction
from bianque.predict.series import Flags
from bianque.services.panel import Floats, Grid
from bianque.services.panel import Series as Counts

HORIZON_DAYS = 14
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimates:
    """Everything computed from one measure's daily new counts, for every column of the grid."""

    growth: growth.Growth
    reproduction: reproduction.Reproduction
    forecasts: list[forecast.Forecast]


def weights_of(spec: SerialIntervalSpec) -> Floats:
    """The serial interval as weights of days 0, 1, 2, …"""
    if spec.distribution is not None:
        return np.asarray(spec.distribution)
    assert spec.mean is not None
    assert spec.sd is not None
    return reproduction.serial_interval_weights(spec.mean, spec.sd)


def in_words(spec: SerialIntervalSpec) -> Text:
    """The serial interval and its source, for a reader."""
    if spec.mean is not None and spec.sd is not None:
        return catalogue.both("serial_interval_moments", mean=f"{spec.mean:g}", sd=f"{spec.sd:g}", source=spec.source)
    return catalogue.both("serial_interval_weights", days=len(spec.distribution or ()), source=spec.source)


def estimate(new: Floats, changes: Flags, weights: Floats, as_of: dt.date) -> Estimates:
    """Growth, reproduction number and forecasts of daily new counts.

    new      days × regions; days of another definition are NaN
    changes  those days: where the level steps there, it has not grown

    The same counts as of the same day give the same forecast: the generator's seed is the day.
    """
    rng = np.random.default_rng(as_of.toordinal())
    return Estimates(
        growth.growth(new, level=LEVEL, changes=changes),
        reproduction.reproduction(
            new, weights, level=LEVEL, min_cases=reproduction.CASES_FOR_CV_30, overdispersed=True
        ),
        [
            forecast.renewal(new, weights, horizon=HORIZON_DAYS, rng=rng),
            forecast.baseline(new, horizon=HORIZON_DAYS, rng=rng),
        ],
    )


def picture_of(
    column: int,
    region: Region,
    grid: Grid,
    confirmed: Counts,
    deaths: Counts,
    found: Estimates,
    signals_today: int,
    as_of: dt.date,
) -> RegionPicture:
    """One region's part of the situation."""
    new, total = confirmed.new[:, column], confirmed.cumulative[:, column]
    week = new[-7:]
    new_week = float(week.sum()) if len(week) == 7 and not np.isnan(week).any() else None
    rate = _growth(found.growth, column, as_of)
    return RegionPicture(
        code=region.code,
        name=Text(zh=region.name("zh-CN"), en=region.name("en")),
        level=region.level,
        population=region.population,
        cumulative=series(total),
        new=series(new),
        deaths_cumulative=series(deaths.cumulative[:, column]),
        total=number(total[-1]),
        deaths_total=number(deaths.cumulative[-1, column]),
        new_last=number(new[-1]),
        new_7_days=new_week,
        incidence_7_days_per_100k=(
            round(new_week / region.population * 1e5, 3) if new_week is not None and region.population else None
        ),
        growth=rate,
        doubling_days=_doubling(found.growth, column, as_of),
        trend=_trend(rate),
        reproduction=Estimate(
            value=number(found.reproduction.mean[-1, column]),
            lower=number(found.reproduction.lower[-1, column]),
            upper=number(found.reproduction.upper[-1, column]),
            level=LEVEL,
            as_of=as_of,
            method="rt_cori",
            reason=_reason(found.reproduction.reason[-1, column]),
        ),
        growth_series=_band(found.growth.rate, found.growth.lower, found.growth.upper, column, "growth_loglinear"),
        reproduction_series=_band(
            found.reproduction.mean, found.reproduction.lower, found.reproduction.upper, column, "rt_cori"
        ),
        forecasts=[_fan(made, column, grid.dates[-1]) for made in found.forecasts],
        signals_today=signals_today,
    )


def rounded(value: float) -> float:
    """A figure as a reader may use it: whole numbers as they are, others to six significant digits."""
    return float(value) if value == round(value) else float(f"{value:.6g}")


def number(value: float) -> float | None:
    """A rounded figure, or None where it is unknown (NaN)."""
    return None if np.isnan(value) else rounded(float(value))


def series(values: NDArray[np.float64]) -> Series:
    return [number(value) for value in values]


def _growth(found: growth.Growth, column: int, as_of: dt.date) -> Estimate:
    return Estimate(
        value=number(found.rate[-1, column]),
        lower=number(found.lower[-1, column]),
        upper=number(found.upper[-1, column]),
        level=LEVEL,
        as_of=as_of,
        method="growth_loglinear",
        reason=_reason(found.reason[-1, column]),
    )


def _doubling(found: growth.Growth, column: int, as_of: dt.date) -> Estimate:
    return Estimate(
        value=number(found.doubling_days[-1, column]),
        lower=number(found.doubling_lower[-1, column]),
        upper=number(found.doubling_upper[-1, column]),
        level=LEVEL,
        as_of=as_of,
        method="growth_loglinear",
        reason=_reason(found.doubling_reason[-1, column]),
    )


def _trend(rate: Estimate) -> Literal["growing", "shrinking", "steady", "unknown"]:
    """Growing or shrinking only where the whole interval is on one side of zero."""
    if rate.lower is None or rate.upper is None:
        return "unknown"
    return "growing" if rate.lower > 0 else "shrinking" if rate.upper < 0 else "steady"


def _band(value: Floats, lower: Floats, upper: Floats, column: int, method: str) -> Band:
    return Band(
        value=series(value[:, column]),
        lower=series(lower[:, column]),
        upper=series(upper[:, column]),
        level=LEVEL,
        method=method,
    )


def _fan(made: forecast.Forecast, column: int, last: dt.date) -> ForecastFan:
    reason = _reason(made.reason[column])
    days = [last + dt.timedelta(days=ahead) for ahead in range(1, made.values.shape[0] + 1)]
    return ForecastFan(
        model=f"forecast_{made.model}",
        reference_date=last,
        dates=days,
        quantiles={}
        if reason
        else {
            f"{level:g}": [rounded(float(v)) for v in made.values[:, column, i]] for i, level in enumerate(made.levels)
        },
        reason=reason,
    )


def _reason(reason: object) -> str | None:
    return None if reason is None else str(reason)
