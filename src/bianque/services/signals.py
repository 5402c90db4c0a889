"""Signals of every feed of counts, and the days counted by another rule."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa

from bianque.model import catalogue
from bianque.model.emergency_file import DefinitionChange, EmergencyFile, Feed
from bianque.model.regions import RegionSystem
from bianque.model.situation import ChangePoint, NotAssessed, Signal
from bianque.model.text import Text
from bianque.predict import changepoint, detect
from bianque.predict.series import Flags
from bianque.services.estimates import number
from bianque.services.panel import Floats, Grid, merged, regions_of

EarsMethod = Literal["C1", "C2", "C3"]
METHODS: tuple[EarsMethod, ...] = ("C1", "C2", "C3")
SHOWN: EarsMethod = "C2"  # its two-day guard keeps a rise out of its own baseline: Hutwagner et al. 2003
SHOWN_DAYS = 7
# An excess of a tenth of one day's count moves a weekly growth rate by about 0.01 a day, a third of its usual standard
# error at 1,000 cases a week; more than that is not to be read as growth.
MUCH_OF_THE_WHOLE = 0.1


@dataclass(slots=True)
class Found:
    """Signals of all methods and days, change points, and the regions the last day could not be assessed for."""

    signals: list[Signal] = field(default_factory=list)
    not_assessed: list[NotAssessed] = field(default_factory=list)
    change_points: list[ChangePoint] = field(default_factory=list)


def change_points(
    new: Floats, grid: Grid, system: RegionSystem, declared: tuple[DefinitionChange, ...], as_of: dt.date
) -> tuple[Flags, list[ChangePoint]]:
    """The days of another definition, on the grid and with what was expected of them.

    A change is declared in emergency.toml (and then known from the day it was announced) or detected.
    """
    found = changepoint.definition_changes(new)
    flag = _with_whole(found, new, grid, system)
    kinds: dict[tuple[int, int], DefinitionChange] = {}
    for change in declared:
        if change.known_at > as_of or change.date not in grid.dates:
            continue
        day = grid.dates.index(change.date)
        for column, code in enumerate(grid.regions):
            if not change.regions or code in change.regions:
                flag[day, column] = not np.isnan(new[day, column])
                kinds[day, column] = change
    points = []
    for day, column in np.argwhere(flag):
        announced = kinds.get((int(day), int(column)))
        points.append(
            ChangePoint(
                date=grid.dates[day],
                region=grid.regions[column],
                name=_name(system, grid.regions[column]),
                observed=float(new[day, column]),
                expected=number(found.expected[day, column]),
                upper=number(found.upper[day, column]),
                kind="declared" if announced else "detected",
                reason=announced.reason if announced else catalogue.both("change_detected"),
                source=announced.source if announced else "changepoint",
            )
        )
    return flag, points


def _with_whole(found: changepoint.ChangePoints, new: Floats, grid: Grid, system: RegionSystem) -> Flags:
    """The flags, and the whole area's on a day when flagged regions make up much of its count."""
    flag = found.flag.copy()
    whole = [c for c, code in enumerate(grid.regions) if system[code].level == "whole"]
    if whole:
        excess = np.where(flag, new - found.expected, 0.0)
        excess[:, whole] = 0.0
        share = np.nansum(excess, axis=1)[:, None] > MUCH_OF_THE_WHOLE * new[:, whole]
        flag[:, whole] |= share
    return flag


def signals_of(
    known: pa.Table, emergency: EmergencyFile, system: RegionSystem, grid: Grid, clean_confirmed: Floats, as_of: dt.date
) -> Found:
    """EARS C1, C2 and C3 on confirmed cases, visits and searches, each feed on its own regions of the whole.

    known             facts by region and day as known on `as_of`
    clean_confirmed   daily new cases on the picture's grid, without the days of another definition
    """
    found = Found()
    judged: set[str] = set()  # regions whose cases are judged already: the feed named first stands
    for feed in emergency.feed:
        if feed.kind == "flows":
            continue
        for measure in feed.measures:
            if feed.kind == "case_counts" and measure != "confirmed":
                continue
            regions = [code for code in regions_of(known, feed.id, measure) if code not in emergency.situation.outside]
            if feed.kind == "case_counts":
                regions = [code for code in regions if code not in judged]
                judged.update(regions)
                columns = [c for c, code in enumerate(grid.regions) if code in regions]
                codes = [grid.regions[c] for c in columns]
                on_picture = Grid(grid.dates, codes, [grid.levels[c] for c in columns])
                _judge(clean_confirmed[:, columns], on_picture, system, feed, measure, found)
                regions = [code for code in regions if code not in grid.regions]
            own = Grid(grid.dates, regions, [system[code].level for code in regions])
            if not regions:
                continue
            new = merged(known, [feed], measure, own).new
            if feed.kind == "case_counts":
                flag, points = change_points(new, own, system, (), as_of)
                new = changepoint.without(new, flag)
                found.change_points += points
            _judge(new, own, system, feed, measure, found)
    found.signals.sort(key=lambda s: (-s.date.toordinal(), s.region, s.feed, s.measure, s.method))
    return found


def _judge(values: Floats, grid: Grid, system: RegionSystem, feed: Feed, measure: str, found: Found) -> None:
    if not grid.regions:
        return
    for method in METHODS:
        judged = detect.ears(values, method=method)
        for day, column in np.argwhere(judged.signal):
            found.signals.append(
                Signal(
                    date=grid.dates[day],
                    region=grid.regions[column],
                    name=_name(system, grid.regions[column]),
                    feed=feed.id,
                    measure=measure,
                    method=f"ears_{method.lower()}",
                    observed=float(judged.observed[day, column]),
                    expected=round(float(judged.expected[day, column]), 2),
                    threshold=round(float(judged.threshold[day, column]), 2),
                    excess=round(float(judged.excess[day, column]), 2),
                    alpha=judged.alpha,
                    baseline_days=judged.baseline,
                )
            )
        if method != SHOWN:
            continue
        why: dict[str, list[str]] = defaultdict(list)
        for column, reason in enumerate(judged.reason[-1]):
            if reason is not None:
                why[str(reason)].append(grid.regions[column])
        found.not_assessed.extend(
            NotAssessed(
                date=grid.dates[-1],
                regions=regions,
                feed=feed.id,
                measure=measure,
                method=f"ears_{method.lower()}",
                reason=reason,
            )
            for reason, regions in why.items()
        )


def _name(system: RegionSystem, code: str) -> Text:
    region = system[code]
    return Text(zh=region.name("zh-CN"), en=region.name("en"))
