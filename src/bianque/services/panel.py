"""From facts in the lake to arrays: days × regions, unknown is NaN."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bianque.model.emergency_file import Feed
from bianque.predict import growth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """The days and regions of one picture, with each region's level. Arrays on it are len(dates) × len(regions)."""

    dates: list[dt.date]
    regions: list[str]
    levels: list[str]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.dates), len(self.regions)


@dataclass(frozen=True, slots=True)
class Series:
    """One measure on a grid: running total and daily new count."""

    cumulative: Floats
    new: Floats


def of_feed(known: pa.Table, feed: str, measure: str) -> pa.Table:
    """The part of the known facts that is one measure of one feed."""
    return known.filter((pc.field("feed") == feed) & (pc.field("measure") == measure))


def regions_of(known: pa.Table, feed: str, measure: str) -> list[str]:
    """The regions a feed gives a measure for, in code order."""
    return sorted(str(code) for code in pc.unique(of_feed(known, feed, measure)["region"]).to_pylist())


def spread(table: pa.Table, grid: Grid) -> Floats:
    """The `value` of facts of one feed and measure, placed on the grid; facts off the grid are left out."""
    values = np.full(grid.shape, np.nan)
    if not table.num_rows or not grid.dates:
        return values
    first = grid.dates[0].toordinal() - dt.date(1970, 1, 1).toordinal()
    day = table["reference_date"].cast(pa.int32()).to_numpy() - first
    column = pc.index_in(table["region"], pa.array(grid.regions)).fill_null(-1).to_numpy()
    on_grid = (day >= 0) & (day < len(grid.dates)) & (column >= 0)
    values[day[on_grid], column[on_grid]] = table["value"].to_numpy()[on_grid]
    return values


def merged(known: pa.Table, feeds: list[Feed], measure: str, grid: Grid) -> Series:
    """One measure from every feed that has it. Where two give the same cell, the feed named first stands."""
    cumulative, new = np.full(grid.shape, np.nan), np.full(grid.shape, np.nan)
    daily = np.full(grid.shape, np.nan)
    for feed in feeds:
        if measure not in feed.measures:
            continue
        values = spread(of_feed(known, feed.id, measure), grid)
        if feed.before_first == "zero" and feed.region is not None:
            _zero_before_first(values, np.array([level == feed.region.level for level in grid.levels]))
        target = cumulative if feed.form == "cumulative" else daily
        np.copyto(target, values, where=np.isnan(target))
    new = growth.daily_new(cumulative)[0]
    np.copyto(new, daily, where=np.isnan(new))
    return Series(_running_total(cumulative, daily), new)


def _zero_before_first(values: Floats, covered: NDArray[np.bool_]) -> None:
    """Zero, in place, for the days before a covered region's first row, up to the last day of the feed."""
    known = ~np.isnan(values)
    reported = np.flip(np.maximum.accumulate(np.flip(known.any(axis=1))))
    before = ~np.maximum.accumulate(known, axis=0)
    values[before & reported[:, None] & covered] = 0.0


def _running_total(reported: Floats, daily: Floats) -> Floats:
    """Totals as reported; on other days the total of the day before and the day's count, from the first known day on.

    After an unknown day the total is unknown, and so is one above the next that is reported: then the feeds do not
    agree, and the total must not seem to fall.
    """
    total = np.full_like(daily, np.nan)
    so_far = np.zeros(daily.shape[1:])
    started = np.zeros(daily.shape[1:], dtype=np.bool_)
    for day in range(len(daily)):
        started |= ~np.isnan(daily[day]) | ~np.isnan(reported[day])
        counted = np.where(started, so_far + daily[day], 0.0)
        so_far = np.where(np.isnan(reported[day]), counted, reported[day])
        total[day] = np.where(started, so_far, np.nan)
    ahead = np.full(daily.shape[1:], np.inf)
    for day in reversed(range(len(daily))):
        ahead = np.where(np.isnan(reported[day]), ahead, reported[day])
        total[day, total[day] > ahead] = np.nan
    return total


def with_whole(series: Series, whole_column: int) -> Series:
    """Where no feed gives the whole area, it is the sum of its regions, on days when every region is known."""
    regions = [c for c in range(series.new.shape[1]) if c != whole_column]
    if not np.isnan(series.cumulative[:, whole_column]).all() or not np.isnan(series.new[:, whole_column]).all():
        return series
    for values in (series.cumulative, series.new):
        values[:, whole_column] = values[:, regions].sum(axis=1)
    return series
