"""A small situation, made from counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bianque.model.situation import Band, Estimate, FeedState, RegionPicture, Series, Situation
from bianque.model.text import Text

FIRST = dt.date(2027, 1, 1)
NAME = Text(zh="某地", en="Somewhere")


def running_total(counts: Sequence[float | None]) -> Series:
    """Totals up to each day; unknown from the first unknown day on."""
    total: float | None = 0.0
    totals: Series = []
    for count in counts:
        total = None if total is None or count is None else total + count
        totals.append(total)
    return totals


def region(
    code: str, new: Sequence[float | None], *, population: int | None = 50_000, deaths: Sequence[float | None] = ()
) -> RegionPicture:
    """One region whose totals and sums follow from its daily counts."""
    nothing: Series = [None] * len(new)
    unknown = Estimate(value=None, lower=None, upper=None, level=0.95, as_of=FIRST, method="none", reason="none")
    band = Band(value=nothing, lower=nothing, upper=nothing, level=0.95, method="none")
    totals, dead = running_total(new), running_total(deaths or [0.0] * len(new))
    week = new[-7:]
    known = [count for count in week if count is not None]
    in_week = sum(known) if len(known) == 7 else None
    return RegionPicture(
        code=code,
        name=NAME,
        level="county",
        population=population,
        cumulative=totals,
        new=list(new),
        deaths_cumulative=dead,
        total=totals[-1],
        deaths_total=dead[-1],
        new_last=new[-1],
        new_7_days=in_week,
        incidence_7_days_per_100k=in_week / population * 1e5 if in_week is not None and population else None,
        growth=unknown,
        doubling_days=unknown,
        trend="unknown",
        reproduction=unknown,
        growth_series=band,
        reproduction_series=band,
        forecasts=[],
        signals_today=0,
    )


def whole_of(regions: Sequence[RegionPicture]) -> RegionPicture:
    """The area the regions make up: the sum of them."""
    days = range(len(regions[0].new))
    columns = [[r.new[day] for r in regions] for day in days]
    sums = [None if None in column else float(sum(c for c in column if c is not None)) for column in columns]
    deaths = [sum(r.deaths_cumulative[day] or 0.0 for r in regions) for day in days]
    daily = [now - before for now, before in zip(deaths, [0.0, *deaths], strict=False)]
    return region("P", sums, population=10_000_000, deaths=daily).model_copy(update={"level": "whole"})


def feed(name: str, kind: str) -> FeedState:
    return FeedState(
        id=name, kind=kind, name=NAME, source="a test", terms="", file=f"{name}.csv", receipts=1, last_receipt=None,
        read=1, accepted=1, quarantined=0, corrections=0, last_reference_date=None, last_known_at=None, delay_days=0,
        vintages=False, late=False, late_after_days=2,
    )  # fmt: skip


def situation(regions: Sequence[RegionPicture], **changes: object) -> Situation:
    """A picture of these regions and of the whole they make up."""
    dates = [FIRST + dt.timedelta(days=n) for n in range(len(regions[0].new))]
    made = Situation(
        id="test", name=NAME, disease=NAME, as_of=dates[-1], last_date=dates[-1], headline=NAME, dates=dates,
        whole=whole_of(regions), regions=list(regions), signals=[], not_assessed=[], change_points=[], importation=[],
        feeds=[feed("cases", "case_counts"), feed("clinics", "visits"), feed("searches", "search_counts")],
        published=[], notes=[], serial_interval=NAME, disclosure_rule=NAME, region_system="test", own_shapes=False,
        lake_state="",
    )  # fmt: skip
    return made.model_copy(update=changes)
