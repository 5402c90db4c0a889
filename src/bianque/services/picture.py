"""The situation picture: load what was known, compute, keep.  The same lake and day give the same picture."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import ValidationError

from bianque import __version__
from bianque.lake import facts
from bianque.lake.receipt import standing
from bianque.lake.store import Lake, write_atomically
from bianque.model import catalogue, disclosure
from bianque.model.authority import Action, Authority, Resource
from bianque.model.disclosure import Beside
from bianque.model.emergency_file import EmergencyFile, Feed, PublishedTotal, SituationSpec
from bianque.model.errors import BadEmergencyFile, BadInput, NothingUsable
from bianque.model.regions import Region, RegionSystem
from bianque.model.situation import SCHEMA_VERSION, FeedState, PublishedCheck, RegionPicture, Signal, Situation
from bianque.model.text import Text
from bianque.predict import changepoint
from bianque.services import estimates, importation, panel, signals, small_counts
from bianque.services.gate import require
from bianque.services.panel import Grid

LONGEST_DAYS = 3660  # ten years: every region has a value for each day, in memory and on its page
OTHER_STATES_KEPT = 32  # pictures; an undo brings an earlier state back


def span(lake: Lake) -> tuple[dt.date, dt.date]:
    """First and last day of which there is a picture. Without any, the days the facts speak of.

    raises  NothingUsable  when the lake holds no facts
    """
    found = facts.span(lake)
    if found is None:
        raise NothingUsable(f"{lake.path}: the lake holds no facts", remedy="take a feed in with `bianque ingest`")
    return _first_day(lake, lake.state()) or found[0], found[1]


@lru_cache(maxsize=16)
def _first_day(lake: Lake, state: str) -> dt.date | None:
    """The first day on which a case count of the picture was known. `state` is the key: each state has its own."""
    del state
    spec = lake.emergency().situation
    codes = [place.code for place in _places(spec, lake.regions())]
    return facts.first_known(lake, kind="case_counts", measure="confirmed", regions=codes, since=spec.start)


def shapes(lake: Lake) -> dict[str, Any] | None:
    """The lake's own GeoJSON, if its emergency names one."""
    return lake.shapes()


def may_read(authority: Authority) -> None:
    """Whether the picture is for this reader.

    raises  PolicyRefusal  when it is not
    """
    require(authority, Action.READ_SITUATION, Resource("situation"))


def read(authority: Authority, lake: Lake, as_of: dt.date | None = None) -> Situation:
    """The picture as known on `as_of` (default: the newest day known), as it may be shown.

    raises  PolicyRefusal  when it is not for this reader
            BadInput       when `as_of` lies outside the lake's days
            NothingUsable  when no case count is known by then
    """
    may_read(authority)
    return load(lake, as_of)


def load(lake: Lake, as_of: dt.date | None = None) -> Situation:
    """The picture for whoever may read it; raises as `read`."""
    first, last = span(lake)
    day = as_of or last
    if day < first:
        raise BadInput(f"as of {day}: nothing was known before {first}", remedy=f"give a day from {first} to {last}")
    state = lake.state()
    kept = lake.path / "situations" / f"{state}-{day}-{SCHEMA_VERSION}-{__version__}.json"
    try:
        return Situation.model_validate_json(kept.read_bytes())
    except (OSError, ValidationError):
        made = full(lake, day).shown
        if lake.state() == state:  # else a file came in meanwhile, and an undo would bring `state` back
            _keep(kept, state, made)
        return made


def _keep(path: Path, state: str, made: Situation) -> None:
    """Keep a picture for the next reader, and drop the oldest ones of other states.

    A lake that cannot be written can be read all the same; a reader whose picture is dropped computes it.
    """
    with suppress(OSError):
        write_atomically(path, made.model_dump_json().encode())
        others = [other for other in path.parent.glob("*.json") if not other.name.startswith(f"{state}-")]
        for other in sorted(others, key=lambda p: p.stat().st_mtime)[:-OTHER_STATES_KEPT]:
            other.unlink()


@dataclass(frozen=True, slots=True)
class Full:
    """A picture with all its signals: `shown` is what a page carries, `signals` every method and day; both masked."""

    shown: Situation
    signals: list[Signal]


def full(lake: Lake, as_of: dt.date) -> Full:
    """Compute the picture of one day: load, estimate, judge, put together.

    raises  NothingUsable  when no case count is known on that day
    """
    state, emergency, system = lake.state(), lake.emergency(), lake.regions()
    spec = emergency.situation
    known, flows = facts.counts(lake, as_of), facts.flows(lake, as_of)

    case_feeds = [f for f in emergency.feed if f.kind == "case_counts"]
    grid = grid_of(known, emergency, system, as_of)
    confirmed = panel.with_whole(panel.merged(known, case_feeds, "confirmed", grid), 0)
    deaths = panel.with_whole(panel.merged(known, case_feeds, "deaths", grid), 0)

    changes, points = signals.change_points(confirmed.new, grid, system, spec.definition_change, as_of)
    clean = changepoint.without(confirmed.new, changes)
    beside = small_counts.hidden(known, emergency, system).beside(grid.dates)
    hidden = _hidden(confirmed, grid, system, beside)
    weights = estimates.weights_of(spec.serial_interval)
    found = estimates.estimate(np.where(hidden, np.nan, clean), changes, weights, as_of)
    judged = signals.signals_of(known, emergency, system, grid, clean, as_of)
    recent = _recent(judged.signals, grid.dates[-1])
    today = [s.region for s in recent if s.date == grid.dates[-1]]
    regions = [
        estimates.picture_of(c, system[code], grid, confirmed, deaths, found, today.count(code), as_of)
        for c, code in enumerate(grid.regions)
    ]
    whole, parts = regions[0], regions[1:]
    picture = Situation(
        id=spec.id,
        name=spec.name,
        disease=spec.disease,
        as_of=as_of,
        last_date=grid.dates[-1],
        headline=_headline(whole, parts, spec.level, len(set(today) & {part.code for part in parts})),
        dates=grid.dates,
        whole=whole,
        regions=parts,
        signals=recent,
        not_assessed=judged.not_assessed,
        change_points=sorted(points + judged.change_points, key=lambda p: (-p.date.toordinal(), p.region)),
        importation=importation.rank(flows, emergency, system, grid, np.where(hidden, np.nan, confirmed.new), as_of),
        feeds=[_feed_state(lake, feed, known, flows, as_of) for feed in emergency.feed],
        published=[_published(p, whole, grid) for p in spec.published if p.date <= as_of],
        notes=list(spec.note),
        serial_interval=estimates.in_words(spec.serial_interval),
        disclosure_rule=disclosure.rule(),
        region_system=spec.regions,
        own_shapes=spec.shapes is not None,
        lake_state=state,
    )
    return Full(disclosure.mask(picture, beside), disclosure.mask_signals(judged.signals, picture, beside))


def _hidden(confirmed: panel.Series, grid: Grid, system: RegionSystem, beside: Beside) -> NDArray[np.bool_]:
    """The daily counts the rule for small counts hides: no estimate reads them, so that none gives them away."""
    counts = {
        code: disclosure.daily_counts(
            estimates.series(confirmed.new[:, column]), estimates.series(confirmed.cumulative[:, column])
        )
        for column, code in enumerate(grid.regions[1:], start=1)
    }
    population = {code: system[code].population for code in counts}
    hidden = np.zeros(grid.shape, dtype=np.bool_)
    for code, days in disclosure.hidden_in_picture(counts, population, beside.cases).items():
        hidden[sorted(days), grid.regions.index(code)] = True
    return hidden


def grid_of(known: pa.Table, emergency: EmergencyFile, system: RegionSystem, as_of: dt.date) -> Grid:
    """Days from the emergency's start to the last one with a case count; the whole area first, then its regions."""
    spec = emergency.situation
    cases = known.filter((pc.field("kind") == "case_counts") & (pc.field("measure") == "confirmed"))
    places = _places(spec, system)
    codes = [place.code for place in places]
    on_level = cases.filter(pc.is_in(cases["region"], pa.array(codes)))
    last = pc.max(on_level["reference_date"]).as_py()
    if last is None or last < spec.start:
        raise NothingUsable(
            f"as of {as_of}: no confirmed cases are known for any region at level {spec.level!r}",
            remedy="give a later --as-of, or a case_counts feed with the measure `confirmed`",
        )
    days = (min(last, spec.end or last) - spec.start).days + 1
    if days > LONGEST_DAYS:
        raise BadEmergencyFile(
            f"situation.start: a picture from {spec.start} would have {days:,} days; {LONGEST_DAYS:,} is the most",
            remedy="give a later start, or an earlier end",
        )
    return Grid([spec.start + dt.timedelta(days=n) for n in range(days)], codes, [place.level for place in places])


def _places(spec: SituationSpec, system: RegionSystem) -> list[Region]:
    """The whole area first, then its regions."""
    return [system[spec.whole.code], *(r for r in system.at(spec.level) if r.code not in spec.outside)]


def _recent(found: list[Signal], last: dt.date) -> list[Signal]:
    """Signals of the method shown, over the last week."""
    first = last - dt.timedelta(days=signals.SHOWN_DAYS - 1)
    return [s for s in found if s.method == f"ears_{signals.SHOWN.lower()}" and s.date >= first]


def _headline(whole: RegionPicture, parts: list[RegionPicture], level: str, signalled: int) -> Text:
    growing = sum(r.trend == "growing" for r in parts)
    assessed = sum(r.trend != "unknown" for r in parts)
    level_key = f"level_{level}" if catalogue.has(f"level_{level}") else "level_region"
    rt = whole.reproduction

    def sentence(language: str) -> str:
        unit = catalogue.text(level_key, language)
        growth_key = "headline_growing" if assessed else "headline_unknown"
        growth = catalogue.text(growth_key, language, growing=growing, regions=len(parts), assessed=assessed, unit=unit)
        if rt.value is None or rt.lower is None or rt.upper is None:
            reproduction = catalogue.text("headline_no_rt", language)
        else:
            figures = {"rt": f"{rt.value:.1f}", "lower": f"{rt.lower:.1f}", "upper": f"{rt.upper:.1f}"}
            reproduction = catalogue.text("headline_rt", language, **figures)
        signal_key = "headline_signal" if signalled == 1 else "headline_signals"
        return growth + reproduction + catalogue.text(signal_key, language, signalled=signalled, unit=unit)

    return Text(zh=sentence("zh-CN"), en=sentence("en"))


def _feed_state(lake: Lake, feed: Feed, known: pa.Table, flows: pa.Table, as_of: dt.date) -> FeedState:
    receipts = [r for r in standing(lake.receipts()) if r.feed == feed.id]
    table = flows if feed.kind == "flows" else known
    own = table.filter(pc.field("feed") == feed.id)
    last_known = pc.max(own["known_at"]).as_py()
    return FeedState(
        id=feed.id,
        kind=feed.kind,
        name=feed.name,
        source=feed.source,
        terms=feed.terms,
        file=feed.file,
        receipts=len(receipts),
        last_receipt=receipts[-1].id if receipts else None,
        read=sum(r.read for r in receipts),
        accepted=sum(r.accepted for r in receipts),
        quarantined=sum(r.quarantined for r in receipts),
        corrections=sum(r.corrected + r.falling for r in receipts),
        last_reference_date=pc.max(own["reference_date"]).as_py(),
        last_known_at=last_known,
        delay_days=feed.known_at.delay_days,
        vintages=feed.known_at.column is not None,
        late=last_known is None or (as_of - last_known).days > feed.late_after_days,
        late_after_days=feed.late_after_days,
    )


def _published(total: PublishedTotal, whole: RegionPicture, grid: Grid) -> PublishedCheck:
    values = {"confirmed": whole.cumulative, "deaths": whole.deaths_cumulative}.get(total.measure or "")
    in_data = values[grid.dates.index(total.date)] if values and total.date in grid.dates else None
    parts_sum = sum(part.value for part in total.parts) if total.parts else None
    return PublishedCheck(
        name=total.name,
        date=total.date,
        total=total.total,
        parts=list(total.parts),
        parts_sum=parts_sum,
        adds_up=None if parts_sum is None else parts_sum == total.total,
        of_which=list(total.of_which),
        in_data=in_data,
        agrees=None if in_data is None else bool(np.isclose(in_data, total.total)),
        note=total.note,
        source=total.source,
    )
