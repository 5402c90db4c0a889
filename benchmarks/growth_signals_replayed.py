"""Replay of 20 January to 11 February 2020: do the signals see sustained growth, how soon, how often falsely?

Sustained growth on a day: the 7-day sum at least doubles in the next 7 days and reaches 20. An episode is a run of
such days in one province. A signal finds an episode when it is raised on one of its days; the delay is counted from
the first day of the episode that lies in the period. A signal on a day without sustained growth is false; days whose
next week holds a change of definition, or is not known, judge nothing.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
from cost import measured
from real_data import EXAMPLE, SURVEILLANCE, needed

from bianque.lake import facts
from bianque.predict import changepoint, detect
from bianque.predict.series import without_reason
from bianque.services import lakes, panel, picture, signals

FIRST, LAST = dt.date(2020, 1, 20), dt.date(2020, 2, 11)
AFTER = dt.timedelta(days=7)


def provincial_counts() -> tuple[panel.Grid, np.ndarray]:
    """Daily new cases by province without days of another definition, as `assess` sees them."""
    with tempfile.TemporaryDirectory() as folder:
        lakes.ingest_example(EXAMPLE, SURVEILLANCE, Path(folder) / "lake", dt.date(2026, 1, 1))
        lake = lakes.open_lake(Path(folder) / "lake")
        as_of, emergency, system = LAST + AFTER, lake.emergency(), lake.regions()
        known = facts.counts(lake, as_of)
        grid = picture.grid_of(known, emergency, system, as_of)
        feeds = [feed for feed in emergency.feed if feed.kind == "case_counts"]
        new = panel.merged(known, feeds, "confirmed", grid).new
        flag, _ = signals.change_points(new, grid, system, emergency.situation.definition_change, as_of)
        clean = changepoint.without(new, flag)
    provinces = [c for c, level in enumerate(grid.levels) if level == "province"]
    codes = [grid.regions[c] for c in provinces]
    return panel.Grid(grid.dates, codes, ["province"] * len(codes)), clean[:, provinces]


def sustained_growth(new: np.ndarray) -> np.ndarray:
    """days × provinces: 1 sustained growth, 0 none, NaN where a day of either week is unknown."""
    truth = np.full(new.shape, np.nan)
    for day in range(6, len(new) - 7):
        before, after = new[day - 6 : day + 1].sum(axis=0), new[day + 1 : day + 8].sum(axis=0)
        truth[day] = np.where(np.isnan(before + after), np.nan, (after >= 2 * before) & (after >= 20))
    return truth


def score(truth: np.ndarray, raised: np.ndarray) -> tuple[int, int, float, float, float]:
    """Episodes, episodes found, median delay in days, false raises per region-week, region-weeks without growth."""
    delays, episodes, found = [], 0, 0
    for column in range(truth.shape[1]):
        days = np.flatnonzero(truth[:, column] == 1)
        for run in np.split(days, np.flatnonzero(np.diff(days) > 1) + 1) if len(days) else []:
            episodes += 1
            seen = [day for day in run if raised[day, column]]
            if seen:
                found += 1
                delays.append(seen[0] - run[0])
    quiet = truth == 0
    weeks = quiet.sum() / 7
    return episodes, found, float(np.median(delays)) if delays else float("nan"), (raised & quiet).sum() / weeks, weeks


def main() -> None:
    needed()
    grid, new = provincial_counts()
    truth = sustained_growth(new)
    inside = np.array([FIRST <= day <= LAST for day in grid.dates])
    truth[~inside] = np.nan
    print(f"{FIRST} to {LAST}, {len(grid.regions)} provinces, {int((~np.isnan(truth)).sum())} region-days judged")
    print("method     episodes  recall  median delay  false per region-week  assessed  cost")
    for method in signals.METHODS:
        with measured() as cost:
            judged = detect.ears(new, method=method)
        assessed = without_reason(judged.reason) & ~np.isnan(truth)
        episodes, found, delay, false, weeks = score(truth, judged.signal)
        shown = "shown on the pages" if method == signals.SHOWN else ""
        false_raises, share = f"{false:.2f} of {weeks:.0f}", assessed.sum() / (~np.isnan(truth)).sum()
        print(
            f"EARS {method:5} {f'{found}/{episodes}':>8} {found / episodes:7.2f} {delay:13.0f} {false_raises:>24} "
            f"{share:9.0%}  {cost}  {shown}".rstrip()
        )


if __name__ == "__main__":
    main()
