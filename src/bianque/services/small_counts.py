"""Which counts of persons may nobody see, of all that is known?  The rule for small counts on the facts of all feeds.

A count hidden in one feed is the difference of two numbers of another. So the rule looks at each feed, and at all feeds
of a measure together, over every day any of them speaks of; what one of these judgements hides is hidden in all feeds.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bianque.model import disclosure
from bianque.model.disclosure import Beside, Family
from bianque.model.emergency_file import EmergencyFile
from bianque.model.regions import RegionSystem
from bianque.model.situation import Series

Key = tuple[str, str, str]  # kind of feed, measure, code of the place


@dataclass(frozen=True, slots=True)
class Hidden:
    """The hidden days by kind of feed, measure and place: with none, of a small place that shows all its days.

    totals   the keys that some feed gives as a running total
    """

    days: Mapping[Key, frozenset[dt.date]]
    totals: frozenset[Key]

    def hides(self, fact: Mapping[str, Any]) -> bool:
        """Whether a fact is hidden. A total holds every day before it: from the first hidden day on it is hidden."""
        days = self.days.get((fact["kind"], fact["measure"], fact["region"]), frozenset())
        date = fact["reference_date"]
        return min(days, default=dt.date.max) <= date if fact["cumulative"] else date in days

    def beside(self, dates: Sequence[dt.date]) -> Beside:
        """What it hides of a picture of these days. A day before the first is in each total: it counts as the first."""
        return Beside(
            frozenset(code for _, _, code in self.days), self._at("confirmed", dates), self._at("deaths", dates)
        )

    def _at(self, measure: str, dates: Sequence[dt.date]) -> dict[str, frozenset[int]]:
        at = {day: position for position, day in enumerate(dates)}
        found: dict[str, frozenset[int]] = {}
        for key, days in self.days.items():
            if key[:2] != ("case_counts", measure):
                continue
            before = key in self.totals and any(day < dates[0] for day in days)
            found[key[2]] = frozenset(at[day] for day in days if day in at) | (
                frozenset({0}) if before else frozenset()
            )
        return found


def hidden(known: pa.Table, emergency: EmergencyFile, system: RegionSystem) -> Hidden:
    """What the rule hides.

    known   facts by region and day as known on a day: of a measure all feeds and places, whatever is asked for
    """
    of_persons = known.filter(pc.is_in(known["kind"], pa.array(disclosure.OF_PERSONS)))
    order = {feed.id: place for place, feed in enumerate(emergency.feed)}
    by_measure: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    columns = ["feed", "kind", "measure", "region", "reference_date", "value", "cumulative"]
    for fact in of_persons.select(columns).to_pylist():
        if fact["region"] != emergency.situation.whole.code:
            by_measure[fact["kind"], fact["measure"]][fact["feed"]].append(fact)
    days: dict[Key, frozenset[dt.date]] = {}
    totals: set[Key] = set()
    for (kind, measure), by_feed in by_measure.items():
        feeds = [by_feed[feed] for feed in sorted(by_feed, key=lambda feed: order.get(feed, len(order)))]
        together = [fact for facts in feeds for fact in facts]
        totals |= {(kind, measure, fact["region"]) for fact in together if fact["cumulative"]}
        for facts in [*feeds, together] if len(feeds) > 1 else feeds:
            for code, found in _judged(facts, emergency, system).items():
                days[kind, measure, code] = days.get((kind, measure, code), frozenset()) | found
    return Hidden(days, frozenset(totals))


def _judged(
    facts: list[dict[str, Any]], emergency: EmergencyFile, system: RegionSystem
) -> dict[str, frozenset[dt.date]]:
    """The hidden days by place. Where two facts give the same cell the first stands, as in the picture."""
    dates = sorted({fact["reference_date"] for fact in facts})
    # A day before the first, for what a first total holds that no day gives.
    dates.insert(0, dt.date.fromordinal(max(dates[0].toordinal() - 1, 1)))
    at = {day: position for position, day in enumerate(dates)}
    new: dict[str, Series] = defaultdict(lambda: [None] * len(dates))
    totals: dict[str, Series] = defaultdict(lambda: [None] * len(dates))
    for fact in reversed(facts):
        (totals if fact["cumulative"] else new)[fact["region"]][at[fact["reference_date"]]] = fact["value"]
    places = new.keys() | totals.keys()
    found = disclosure.hidden_by_family(
        {code: disclosure.daily_counts(new[code], totals[code]) for code in places},
        {code: _family(code, places, emergency, system) for code in places},
        {code: system[code].population if code in system else None for code in places},
    )
    return {code: frozenset(dates[position] for position in positions) for code, positions in found.items()}


def _family(code: str, places: set[str], emergency: EmergencyFile, system: RegionSystem) -> Family:
    """The nearest place above that has counts of its own, else the whole; nothing is above a place outside it."""
    whole, outside = emergency.situation.whole.code, emergency.situation.outside
    if code not in system:
        return Family(whole, "")
    line = [code]
    while (parent := system[line[-1]].parent) in system and parent not in line:
        line.append(parent)
    if any(place in outside for place in line):
        whole = ""
    circle = parent in line
    return Family(
        whole if circle else next((place for place in line[1:] if place in places), whole), system[code].level
    )
