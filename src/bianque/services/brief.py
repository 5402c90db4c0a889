"""The morning brief: what changed since yesterday, and what needs a decision?  Pure functions on situations.

Both read pictures as they may be shown: what the rule for small counts hides is not compared and not named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bianque.model import catalogue
from bianque.model.situation import FeedState, RegionPicture, Situation
from bianque.model.text import Text
from bianque.services import numerals, scales
from bianque.services.tables.findings import arrivals_interval
from bianque.services.tables.table import Behind
from bianque.services.tables.words import region_page

ChangeKind = Literal[
    "totals", "corrected", "newly_affected", "now_growing", "now_shrinking", "signalled", "change_point", "late"
]
DecisionKind = Literal[
    "change_point", "published", "late", "absent", "quarantine", "growing", "signalled", "importation"
]

NAMED = 4  # regions named in one line; the others are counted
CHANGE_POINT_DAYS = 14  # a jump inside the longest window an estimate looks back on still needs its decision
GROWING_NAMED = 3
LATE_ALONE = 2  # late feeds that get a line each
DESTINATIONS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise than yesterday, and the page that shows it."""

    kind: ChangeKind
    text: Text
    behind: Behind
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing a person has to decide on: what it is, what speaks for it, the page that shows it."""

    kind: DecisionKind
    text: Text
    why: Text
    behind: Behind


def changes(now: Situation, before: Situation | None) -> list[Change]:
    """What changed since the picture before, the largest first; nothing where there is none before."""
    if before is None:
        return []
    earlier = {region.code: region for region in before.regions}
    pairs = [(region, earlier[region.code]) for region in now.regions if region.code in earlier]
    return [
        *_totals(now, before),
        *_grouped("newly_affected", (r for r, was in pairs if _is_newly_affected(r, was)), "regions"),
        *_signalled(now, before),
        *_grouped("now_growing", (r for r, was in pairs if _turned(r, was, "growing")), "regions"),
        *_grouped("now_shrinking", (r for r, was in pairs if _turned(r, was, "shrinking")), "regions"),
        *_change_points(now, before),
        *_corrected(now, before),
        *_late(now, before),
    ]


def _totals(now: Situation, before: Situation) -> Iterable[Change]:
    if now.last_date == before.last_date and now.whole.total == before.whole.total:
        yield Change("totals", catalogue.both("change_no_new_day"), Behind("/data"))
        return
    yield Change(
        "totals",
        Text(zh=_increments(now.whole, before.whole, "zh-CN"), en=_increments(now.whole, before.whole, "en")),
        Behind("/situation", {"curve": "daily"}),
    )


def _increments(now: RegionPicture, before: RegionPicture, language: str) -> str:
    parts = []
    for series, total, was in (
        ("series_confirmed", now.total, before.total),
        ("series_deaths", now.deaths_total, before.deaths_total),
    ):
        if total is not None and was is not None:
            step = numerals.number(total - was)
            parts.append(
                catalogue.text(
                    "change_total",
                    language,
                    name=catalogue.text(series, language),
                    step=step if step.startswith(numerals.MINUS) else f"+{step}",
                    total=numerals.number(total),
                )
            )
    return ("；" if language == "zh-CN" else "; ").join(parts) or catalogue.text("change_total_unknown", language)


def _is_newly_affected(now: RegionPicture, before: RegionPicture) -> bool:
    affected = "total" in now.hidden or (now.total or 0) > 0
    return affected and before.total == 0


def _turned(now: RegionPicture, before: RegionPicture, trend: str) -> bool:
    return now.trend == trend != before.trend


def _signalled(now: Situation, before: Situation) -> Iterable[Change]:
    """Regions with a signal on the last day that had none on the last day of the picture before."""
    known = {(s.region, s.feed, s.measure) for s in before.signals if s.date == before.last_date}
    fresh = {
        s.region: s.name for s in now.signals if s.date == now.last_date and (s.region, s.feed, s.measure) not in known
    }
    if fresh and now.last_date != before.last_date:
        yield Change(
            "signalled", _naming("signalled", list(fresh.values())), Behind("/situation#signals"), tuple(fresh)
        )


def _change_points(now: Situation, before: Situation) -> Iterable[Change]:
    known = {(c.date, c.region) for c in before.change_points}
    for change in now.change_points:
        if (change.date, change.region) not in known:
            yield Change(
                "change_point",
                _both(
                    "change_change_point",
                    region=change.name,
                    day=change.date,
                    observed=numerals.HIDDEN if change.observed is None else numerals.number(change.observed),
                ),
                Behind("/situation#change-points"),
                (change.region,),
            )


def _corrected(now: Situation, before: Situation) -> Iterable[Change]:
    """Totals of a past day that are no longer what they were."""
    earlier = {region.code: region for region in before.regions}
    revised = [
        r for r in now.regions if r.code in earlier and _is_corrected(now.dates, r, before.dates, earlier[r.code])
    ]
    yield from _grouped("corrected", revised, "data")


def _is_corrected(dates: list[dt.date], now: RegionPicture, dates_before: list[dt.date], before: RegionPicture) -> bool:
    current = dict(zip(dates, now.cumulative, strict=True))
    return any(
        was is not None and current.get(day) is not None and current[day] != was
        for day, was in zip(dates_before, before.cumulative, strict=True)
    )


def _late(now: Situation, before: Situation) -> Iterable[Change]:
    was_late = {feed.id for feed in before.feeds if feed.late}
    for feed in now.feeds:
        if feed.late and feed.last_receipt is not None and feed.id not in was_late:
            yield Change(
                "late",
                _both("change_late", feed=feed.name),
                Behind(f"/data#feed-{feed.id}"),
            )


def _grouped(kind: ChangeKind, regions: Iterable[RegionPicture], anchor: str) -> Iterable[Change]:
    found = sorted(regions, key=lambda r: -(r.new_7_days or 0))
    if len(found) == 1:
        behind = region_page(found[0].code)
    else:
        behind = Behind("/data") if anchor == "data" else Behind(f"/situation#{anchor}")
    if found:
        yield Change(kind, _naming(kind, [r.name for r in found]), behind, tuple(r.code for r in found))


def _naming(kind: str, names: list[Text]) -> Text:
    """A line that names the first few regions and counts the others."""

    def line(language: str) -> str:
        shown = numerals.listing([name.in_language(language) for name in names[:NAMED]], language)
        if len(names) > NAMED:
            shown = catalogue.text("and_others", language, names=shown, others=len(names) - NAMED)
        return catalogue.text(f"change_{kind}", language, regions=shown, count=len(names))

    return Text(zh=line("zh-CN"), en=line("en"))


def _both(key: str, **values: object) -> Text:
    """The text of a key in both languages, with names, days, lists and (estimate, form) written in each."""

    def filled(language: str) -> str:
        return catalogue.text(key, language, **{name: _written(value, language) for name, value in values.items()})

    return Text(zh=filled("zh-CN"), en=filled("en"))


def _written(value: object, language: str) -> object:
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, dt.date):
        return numerals.day(value, language)
    if isinstance(value, tuple):
        figure, form = value
        return numerals.estimate(figure, form, language)
    if isinstance(value, list):
        return numerals.listing([str(_written(item, language)) for item in value], language)
    return value


def decisions(situation: Situation) -> list[Decision]:
    """What needs a decision, in the order in which it should be taken: whether the data can be read at all, then
    where to act, then whom to warn."""
    return [
        *_confirm_change_points(situation),
        *_check_published(situation),
        *_act_on_growth(situation),
        *_look_into_signals(situation),
        *_warn_destinations(situation),
        *_ask_for_feeds(situation),
        *_correct_quarantine(situation),
    ]


def _confirm_change_points(situation: Situation) -> Iterable[Decision]:
    """A jump nobody announced: is it a new definition?  Announced ones are already decided."""
    for change in situation.change_points:
        if change.kind == "detected" and (situation.last_date - change.date).days < CHANGE_POINT_DAYS:
            yield Decision(
                "change_point",
                _both("decide_change_point", region=change.name, day=change.date),
                _both(
                    "decide_change_point_why",
                    observed=numerals.HIDDEN if change.observed is None else numerals.number(change.observed),
                    upper=numerals.HIDDEN if change.observed is None else numerals.number(change.upper),
                ),
                Behind("/situation#change-points"),
            )


def _check_published(situation: Situation) -> Iterable[Decision]:
    for check in situation.published:
        if check.adds_up is False or check.agrees is False:
            why = "decide_published_parts" if check.adds_up is False else "decide_published_data"
            yield Decision(
                "published",
                _both("decide_published", figure=check.name, day=check.date),
                catalogue.both(
                    why,
                    total=numerals.number(check.total),
                    parts=numerals.number(check.parts_sum),
                    in_data=numerals.number(check.in_data),
                ),
                Behind("/situation#published"),
            )


def _act_on_growth(situation: Situation) -> Iterable[Decision]:
    """The regions that grow fastest, the whole interval above zero."""
    growing = [r for r in situation.regions if r.trend == "growing" and r.growth.value is not None]
    growing.sort(key=lambda r: -(r.growth.value or 0.0))
    for region in growing[:GROWING_NAMED]:
        yield Decision(
            "growing",
            _both("decide_growing", region=region.name),
            _both(
                "decide_growing_why",
                growth=(region.growth, "percent"),
                days=numerals.number(region.doubling_days.value, "days"),
                rt=(region.reproduction, "ratio"),
            ),
            region_page(region.code),
        )


def _look_into_signals(situation: Situation) -> Iterable[Decision]:
    """Signals of the last day where growth is not established: a cluster, a backlog, or the start of something."""
    trend = {region.code: region.trend for region in situation.regions}
    today = [
        s
        for s in situation.signals
        if s.date == situation.last_date and s.observed is not None and trend.get(s.region) not in ("growing", None)
    ]
    today.sort(key=lambda s: -(s.excess or 0.0))
    for signal in today[:1]:
        others = len({s.region for s in today} - {signal.region})
        key = "decide_signalled_others" if others else "decide_signalled"
        yield Decision(
            "signalled",
            _both(key, region=signal.name, others=others),
            catalogue.both(
                "decide_signalled_why",
                observed=numerals.number(signal.observed),
                expected=numerals.number(signal.expected, "decimal"),
                threshold=numerals.number(signal.threshold, "decimal"),
            ),
            Behind("/situation#signals"),
        )


def _warn_destinations(situation: Situation) -> Iterable[Decision]:
    """Places that most infected travellers are expected in and that report no case."""
    without_cases = {r.code for r in situation.regions if r.total == 0}
    waiting = [row for row in scales.ranking(situation) if row.destination in without_cases and row.expected > 0]
    if waiting:
        named = waiting[:DESTINATIONS_NAMED]
        yield Decision(
            "importation",
            _both("decide_importation", regions=[row.name for row in named]),
            catalogue.both(
                "decide_importation_why",
                expected=numerals.number(named[0].expected, "decimal"),
                interval=arrivals_interval(named[0]),
            ),
            Behind("/situation#importation"),
        )


def _ask_for_feeds(situation: Situation) -> Iterable[Decision]:
    """Late feeds, together when there are many; then those that never came."""
    late = [feed for feed in situation.feeds if feed.late and feed.last_receipt is not None]
    if len(late) > LATE_ALONE:
        yield Decision(
            "late",
            catalogue.both("decide_late_many", count=len(late)),
            _both("decide_late_many_why", feeds=[feed.name for feed in late]),
            Behind("/data"),
        )
    else:
        yield from (_ask_for(feed, "late") for feed in late)
    yield from (_ask_for(feed, "absent") for feed in situation.feeds if feed.last_receipt is None)


def _ask_for(feed: FeedState, kind: Literal["absent", "late"]) -> Decision:
    return Decision(
        kind,
        _both(f"decide_{kind}", feed=feed.name),
        _both(f"decide_{kind}_why", day=feed.last_known_at, days=feed.late_after_days, file=feed.file),
        Behind(f"/data#feed-{feed.id}"),
    )


def _correct_quarantine(situation: Situation) -> Iterable[Decision]:
    for feed in situation.feeds:
        if feed.quarantined:
            yield Decision(
                "quarantine",
                _both("decide_quarantine", feed=feed.name, rows=numerals.number(feed.quarantined)),
                catalogue.both("decide_quarantine_why", read=numerals.number(feed.read)),
                Behind(f"/data#feed-{feed.id}"),
            )
