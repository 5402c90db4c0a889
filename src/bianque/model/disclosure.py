"""The rule for small counts, as pure functions: which table hides which cell?

A cell of 1 to 4 persons in a small place can point at one of them. A place is small with fewer than 100,000 residents
or with an unknown number; where only one is small, the next smallest counts as small too. In small places

1.  a daily count of 1 to 4 is hidden; 0 is shown;
2.  a sum (7 days, a running total) is shown only where every day in it is shown, since the sum less the days shown
    is a daily count again, and so is the difference of the totals of two pictures;
3.  on a day whose hidden counts the whole less the other places would give (one place alone is hidden, or all hidden
    ones but one are 1, or all are 4), the counts of all small places are hidden;
4.  a signal says that it was raised, and no figure: what it expected is a sum of days;
5.  all of this is judged family by family: the places of one level that are parts of the same place. So what holds for
    the whole holds for a province whose own count is shown, and a place whose count is hidden hides its parts.

So what is shown can be computed from the daily counts that are shown. An estimate for a small place is to be computed
from those alone (`hidden_days` says which are missing).

Threshold of 5: the rule of most statistical offices for counts of persons (e.g. UK Office for National Statistics,
Policy on protecting confidentiality in tables of birth and death statistics). Rule 3 is their secondary suppression
(Hundepool et al. 2012, Statistical Disclosure Control, ch. 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bianque.model import catalogue
from bianque.model.situation import ChangePoint, RegionPicture, Series, Signal, Situation
from bianque.model.text import Text

SMALL_BELOW = 5  # persons
SMALL_PLACE_BELOW = 100_000  # residents
OF_PERSONS = ("case_counts", "visits")  # kinds of feed whose counts are persons


def rule() -> Text:
    """The rule in words, to be stated with each table it may touch."""
    return catalogue.both("disclosure_rule", small=SMALL_BELOW - 1, residents=f"{SMALL_PLACE_BELOW:,}")


def is_small_place(population: int | None) -> bool:
    """Whether a place has few residents; an unknown number counts as few."""
    return population is None or population < SMALL_PLACE_BELOW


def small_places(population: Mapping[str, int | None]) -> frozenset[str]:
    """Codes of the places the rule applies to.

    population   residents by code, of the places that together are the whole
    """
    small = {code for code, residents in population.items() if is_small_place(residents)}
    others = sorted((residents or 0, code) for code, residents in population.items() if code not in small)
    if len(small) == 1 and others:
        small.add(others[0][1])
    return frozenset(small)


def _is_few(count: float | None) -> bool:
    """1 to 4. A correction downwards by as many is one too."""
    return count is not None and 0 < abs(count) < SMALL_BELOW


def daily_counts(new: Series, totals: Series) -> Series:
    """The count of each day; what a running total adds beyond the days known belongs to the last unknown one."""
    counts, before, since = list(new), 0.0, 0
    for day, total in enumerate(totals):
        if total is None:
            continue
        added = range(since, day + 1)
        unknown = [d for d in added if new[d] is None]
        if unknown:
            counts[unknown[-1]] = total - before - sum(new[d] or 0.0 for d in added)
        before, since = total, day + 1
    return counts


def hidden_days(counts: Sequence[Series]) -> list[frozenset[int]]:
    """For each small place the positions of the days that are hidden.

    counts   `daily_counts` of every small place, lists of one length; unknown days are None
    """
    hidden: list[set[int]] = [set() for _ in counts]
    for day, of_day in enumerate(zip(*counts, strict=True)):
        small = [abs(count) for count in of_day if count is not None and _is_few(count)]
        together = sum(small)
        computable = len(small) == 1 or together <= len(small) + 1 or together == (SMALL_BELOW - 1) * len(small)
        for place, count in enumerate(of_day):
            if _is_few(count) or (small and computable and count is not None):
                hidden[place].add(day)
    return [frozenset(days) for days in hidden]


@dataclass(frozen=True, slots=True)
class Family:
    """Whose part is a place, and on which level: the places of one family add up to what is shown elsewhere."""

    above: str
    level: str


def hidden_by_family(
    counts: Mapping[str, Series], families: Mapping[str, Family], population: Mapping[str, int | None]
) -> dict[str, frozenset[int]]:
    """For each small place the positions of the days that are hidden, and for each part of a place those of both.

    counts    `daily_counts` of every place, lists of one length
    families  of every place; no place is above itself
    """
    members: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for code in sorted(counts):
        members[families[code].above][families[code].level].append(code)
    hidden: dict[str, frozenset[int]] = {}
    judged_next = [above for above in members if above not in counts]
    while judged_next:
        above = judged_next.pop()
        for codes in members[above].values():
            small = sorted(small_places({code: population[code] for code in codes}))
            hidden.update(zip(small, hidden_days([counts[code] for code in small]), strict=True))
            for code in codes:
                with_it = frozenset(day for day in hidden.get(above, ()) if counts[code][day] is not None)
                if code in small or with_it:
                    hidden[code] = hidden.get(code, frozenset()) | with_it
            judged_next += [code for code in codes if code in members]
    return hidden


@dataclass(frozen=True, slots=True)
class Beside:
    """What is hidden because of facts beside the picture: of other feeds and levels, and of days before its first.

    small          codes of the small places, in any count of persons
    cases, deaths  by code the positions, among the days of the picture, that are hidden
    """

    small: frozenset[str] = frozenset()
    cases: Mapping[str, frozenset[int]] = field(default_factory=dict)
    deaths: Mapping[str, frozenset[int]] = field(default_factory=dict)


def hidden_in_picture(
    counts: Mapping[str, Series], population: Mapping[str, int | None], beside: Mapping[str, frozenset[int]]
) -> dict[str, frozenset[int]]:
    """By code the positions of the days that are hidden, in the picture itself and because of facts beside it.

    counts  `daily_counts` of the places of the picture, which together are the whole
    """
    small = sorted(small_places(population))
    hidden = dict(zip(small, hidden_days([counts[code] for code in small]), strict=True))
    for code in counts.keys() & beside.keys():
        hidden[code] = hidden.get(code, frozenset()) | beside[code]
    return hidden


def mask(situation: Situation, beside: Beside | None = None) -> Situation:
    """The situation as it may be shown. The whole area is never a small place."""
    beside = beside or Beside()
    unknown: Series = [None] * len(situation.dates)
    population = {region.code: region.population for region in situation.regions}
    cases = {region.code: daily_counts(region.new, region.cumulative) for region in situation.regions}
    deaths = {region.code: daily_counts(unknown, region.deaths_cumulative) for region in situation.regions}
    of_cases = hidden_in_picture(cases, population, beside.cases)
    of_deaths = hidden_in_picture(deaths, population, beside.deaths)
    masked = {
        region.code: _mask_region(
            region, situation, of_cases.get(region.code, frozenset()), of_deaths.get(region.code, frozenset())
        )
        for region in situation.regions
        if region.code in of_cases or region.code in of_deaths
    }
    return situation.model_copy(
        update={
            "regions": [masked.get(region.code, region) for region in situation.regions],
            "signals": mask_signals(situation.signals, situation, beside),
            "change_points": [_mask_change(change, masked, situation) for change in situation.change_points],
        }
    )


def mask_signals(signals: Sequence[Signal], situation: Situation, beside: Beside | None = None) -> list[Signal]:
    """Signals, of any method and day of a picture, as they may be shown."""
    population = {region.code: region.population for region in situation.regions}
    small = small_places(population) | (beside or Beside()).small
    public = population.keys() - small | {situation.whole.code}
    of_persons = {feed.id for feed in situation.feeds if feed.kind in OF_PERSONS}
    without_figures = dict.fromkeys(("observed", "expected", "threshold", "excess"))
    return [
        signal.model_copy(update=without_figures)
        if signal.feed in of_persons and signal.region not in public
        else signal
        for signal in signals
    ]


def _mask_region(
    region: RegionPicture, situation: Situation, days: frozenset[int], deaths: frozenset[int]
) -> RegionPicture:
    """One small place, and the days on which its cases and its deaths are hidden."""
    new = {day for day in days if region.new[day] is not None}
    last = len(situation.dates) - 1
    figures = {
        "total": bool(days),
        "deaths_total": bool(deaths),
        "new_last": last in new,
        "new_7_days": any(day > last - 7 for day in new),
    }
    figures["incidence_7_days_per_100k"] = figures["new_7_days"]
    hidden = [name for name, hide in figures.items() if hide and getattr(region, name) is not None]
    return region.model_copy(
        update={
            **dict.fromkeys(hidden),
            "new": [None if day in new else count for day, count in enumerate(region.new)],
            "cumulative": _until(region.cumulative, days),
            "deaths_cumulative": _until(region.deaths_cumulative, deaths),
            "hidden": hidden,
            "hidden_dates": [situation.dates[day] for day in sorted(new)],
        }
    )


def _until(totals: Series, hidden: frozenset[int]) -> Series:
    """Running totals of the days before the first hidden one."""
    first = min(hidden, default=len(totals))
    return [total if day < first else None for day, total in enumerate(totals)]


def _mask_change(change: ChangePoint, masked: Mapping[str, RegionPicture], situation: Situation) -> ChangePoint:
    """What was expected of a day is computed from the days before it, and goes with any of them."""
    place = masked.get(change.region)
    if place is not None:
        days = place.hidden_dates
    elif change.region in {region.code for region in situation.regions} | {situation.whole.code}:
        return change
    else:
        days = situation.dates  # a place off the picture: no day of it is shown
    if not any(day <= change.date for day in days):
        return change
    own = {"observed": None} if place is not None and change.date in days else {}
    return change.model_copy(update={"expected": None, "upper": None, **own})
