"""Which places will be seeded next?  Outflow of the last days × prevalence in the source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bianque.model.emergency_file import DeclaredPrevalence, EmergencyFile, Feed
from bianque.model.regions import RegionSystem
from bianque.model.situation import ImportationRow
from bianque.model.text import Text
from bianque.predict import importation
from bianque.services.estimates import rounded
from bianque.services.panel import Floats, Grid

WINDOW_DAYS = 14  # the longest usual incubation: Lauer et al. 2020, Ann Intern Med 172:577


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Infected persons per resident of a source region, its interval, and where it comes from."""

    value: float
    lower: float
    upper: float
    source: str


def rank(
    flows: pa.Table, emergency: EmergencyFile, system: RegionSystem, grid: Grid, new: Floats, as_of: dt.date
) -> list[ImportationRow]:
    """Destinations of every flows feed by expected infected arrivals over the last 14 days of the feed.

    flows   as known on `as_of`
    new     daily new cases on the picture's grid, for sources without a published prevalence
    """
    rows: list[ImportationRow] = []
    for feed in emergency.feed:
        if feed.kind == "flows":
            part = flows.filter(pc.field("feed") == feed.id)
            if part.num_rows:
                rows += _rank_feed(part, feed, emergency, system, grid, new, as_of)
    return rows


def _rank_feed(
    flows: pa.Table,
    feed: Feed,
    emergency: EmergencyFile,
    system: RegionSystem,
    grid: Grid,
    new: Floats,
    as_of: dt.date,
) -> list[ImportationRow]:
    origins, destinations, volume, first, last = _volumes(flows)
    sources = [_prevalence(o, emergency.situation.prevalence, system, grid, new, as_of) for o in origins]
    usable = [i for i, source in enumerate(sources) if source is not None]
    if not usable:
        return []
    known = [source for source in sources if source is not None]
    arriving = volume[usable]
    total = arriving.sum(axis=0)
    reached = np.flatnonzero(total > 0)
    # One mixed source a destination, its limits those of the mixture: prevalences that err together, the wide case.
    share = arriving[:, reached] / total[reached]
    value, lower, upper = (np.array([getattr(s, name) for s in known]) @ share for name in ("value", "lower", "upper"))
    arrivals = importation.expected_arrivals(total[reached][:, None], value, lower, upper)
    ends = arrivals.lower[:, 0], arrivals.upper[:, 0]
    if feed.volume and feed.volume.unit == "index":  # no persons who arrive or not: what is uncertain is the prevalence
        ends = total[reached] * lower, total[reached] * upper
    contribution = arriving[:, reached] * np.array([s.value for s in known])[:, None]
    places = importation.rank(arrivals.expected[:, 0])
    rows = []
    for at in np.argsort(places, kind="stable"):
        expected = float(arrivals.expected[at, 0])
        main = int(np.argmax(contribution[:, at]))
        region = system[destinations[reached[at]]]
        rows.append(
            ImportationRow(
                rank=int(places[at]),
                feed=feed.id,
                origin=origins[usable[main]],
                origin_share=round(float(contribution[main, at]) / expected, 4) if expected > 0 else 0.0,
                origins=int((contribution[:, at] > 0).sum()),
                destination=region.code,
                name=Text(zh=region.name("zh-CN"), en=region.name("en")),
                level=region.level,
                volume=rounded(float(total[reached[at]])),
                unit=feed.volume.unit if feed.volume else "persons",
                expected=rounded(expected),
                lower=rounded(float(ends[0][at])),
                upper=rounded(float(ends[1][at])),
                first_date=first,
                last_date=last,
                prevalence=known[main].value,
                prevalence_source=known[main].source,
                method="importation",
            )
        )
    return rows


def _volumes(flows: pa.Table) -> tuple[list[str], list[str], Floats, dt.date, dt.date]:
    """Volume per origin and destination over the last 14 days of the feed. A row that covers several days counts with
    the part of them inside the window; travel inside one region is left out."""
    day = flows["reference_date"].cast(pa.int32()).to_numpy()
    days = flows["days"].to_numpy()
    last = int(day.max())
    inside = np.clip(np.minimum(days, day - (last - WINDOW_DAYS)), 0, None) / days
    origins, from_ = np.unique(flows["origin"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    destinations, to = np.unique(flows["destination"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    volume = np.zeros((len(origins), len(destinations)))
    np.add.at(volume, (from_, to), flows["value"].to_numpy() * inside)
    volume[origins[:, None] == destinations[None, :]] = 0.0
    epoch = dt.date(1970, 1, 1)
    end = epoch + dt.timedelta(days=last)
    return list(origins), list(destinations), volume, end - dt.timedelta(days=WINDOW_DAYS - 1), end


def _prevalence(
    origin: str,
    declared: tuple[DeclaredPrevalence, ...],
    system: RegionSystem,
    grid: Grid,
    new: Floats,
    as_of: dt.date,
) -> Prevalence | None:
    """The newest published estimate known on `as_of`; else the cases reported in 14 days, a floor of the truth."""
    published = [p for p in declared if p.region == origin and p.known_at <= as_of]
    if published:
        newest = max(published, key=lambda p: (p.date, p.known_at))
        size = newest.population
        return Prevalence(newest.infected / size, newest.lower / size, newest.upper / size, newest.source)
    population = system[origin].population
    if origin not in grid.regions or population is None:
        return None
    cases = new[-WINDOW_DAYS:, grid.regions.index(origin)]
    if np.isnan(cases).all():
        return None
    found = importation.prevalence_from_cases(np.array([np.nansum(cases)]), np.array([float(population)]))
    return Prevalence(float(found.value[0]), float(found.lower[0]), float(found.upper[0]), "reported_cases")
