"""What of a file does the lake know already, and from which day on was each of its values known?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from bianque.lake import facts
from bianque.lake.store import Lake
from bianque.lake.validate import Rows
from bianque.model.emergency_file import Feed

Key = tuple[str, tuple[str, ...], dt.date]  # measure, places, reference date
Fact = tuple[Key, dt.date, float]  # known-at, value


def stored_facts(lake: Lake, feed: Feed) -> Iterator[tuple[Fact, int, str]]:
    """Every version of every fact of a feed, with the place of its file in the order of ingest, and its receipt."""
    flows = feed.kind == "flows"
    for row in facts.versions(lake, "flows" if flows else "counts", feed.id).to_pylist():
        places = (row["origin"], row["destination"]) if flows else (row["region"],)
        key = ("volume" if flows else row["measure"], places, row["reference_date"])
        yield (key, row["known_at"], row["value"]), row["sequence"], row["receipt"]


class Taken:
    """The facts of a file, one list a measure in row order, with the day each value was known; None is no fact.

    place   of the file in the order of ingest: a file that is read anew keeps the one it had
    states  new, unchanged or corrected, one a row
    late    whether a value is known only from the day its file came
    falls   rows that make a running total fall, in words
    """

    def __init__(self, rows: Rows, place: int) -> None:
        self.rows, self.place = rows, place
        self.known_at: dict[str, list[dt.date]] = {}
        self.states = ["unchanged"] * len(rows)
        self.late = False
        self.falls: list[str] = []

    @property
    def facts(self) -> int:
        return sum(1 for _ in self.each())

    def each(self) -> Iterator[Fact]:
        rows = self.rows
        for measure, values in rows.values.items():
            columns = zip(rows.places, rows.reference_date, self.known_at[measure], values, strict=True)
            yield from (
                ((measure, place, day), known, value) for place, day, known, value in columns if value is not None
            )


class Versions:
    """What the lake knows of a feed, to tell a new fact from a repeated and from a corrected one.

    place  of the file in the order of ingest: only what came before it counts
    came   the day the file came
    """

    def __init__(self, lake: Lake, feed: Feed, place: int, came: dt.date) -> None:
        self.feed, self.place, self.came = feed, place, came
        self._known: dict[Key, dict[dt.date, float]] = defaultdict(dict)
        for (key, known_at, value), sequence, _ in stored_facts(lake, feed):
            if sequence < place:
                self._known[key][known_at] = value
        self._last = max((day for _, _, day in self._known), default=dt.date.min)

    def take(self, rows: Rows) -> Taken:
        taken = Taken(rows, self.place)
        usual = self._usual(rows)
        if not self._known:
            taken.states = ["new"] * len(rows)
        for measure, values in rows.values.items():
            taken.known_at[measure] = known_at = list(usual)
            for i, value in enumerate(values):
                if value is None or not self._known:
                    continue
                key = (measure, rows.places[i], rows.reference_date[i])
                state, known_at[i] = self._state(key, usual[i], value)
                taken.late |= state != "unchanged" and known_at[i] > usual[i]
                if state == "corrected" or taken.states[i] == "unchanged":
                    taken.states[i] = state
        if self.feed.form == "cumulative":
            taken.falls = self._falls(rows)
        return taken

    def _usual(self, rows: Rows) -> list[dt.date]:
        """The day each row was known if it came as such rows do. What lies in hand is known, even before that day."""
        if self.feed.known_at.column is not None:
            return rows.known_at
        in_hand = {day: max(day, self.came) for day in set(rows.reference_date)}
        return [min(known, in_hand[day]) for known, day in zip(rows.known_at, rows.reference_date, strict=True)]

    def _state(self, key: Key, known_at: dt.date, value: float) -> tuple[str, dt.date]:
        """New, unchanged or corrected, and the day this value was known.

        A repeated value keeps the day it was first known. In a feed without vintages a correction, and a value that is
        new for a day the feed already had or was beyond, are known from the day their file came, so that a picture of
        an earlier day does not change.
        """
        known = self._known.get(key)
        if self.feed.known_at.column is not None:
            if not known or known_at not in known:
                return "new", known_at
            return ("unchanged" if known[known_at] == value else "corrected"), known_at
        if not known:
            return "new", (max(known_at, self.came) if key[2] <= self._last else known_at)
        latest = max(known)
        if known[latest] == value:
            return "unchanged", latest
        return "corrected", max(known_at, self.came)

    def _falls(self, rows: Rows) -> list[str]:
        """Rows that make a running total fall from one day to the next, in their file or against the lake, in words."""
        falls: list[tuple[int, str]] = []
        given = set(zip(rows.places, rows.reference_date, strict=True))
        places = set(rows.places)
        for measure, values in rows.values.items():
            columns = zip(rows.places, rows.reference_date, rows.known_at, values, rows.line, strict=True)
            counts = [
                (place, day, known, value, line) for place, day, known, value, line in columns if value is not None
            ]
            counts += [
                (place, day, max(known), known[max(known)], 0)
                for (of, place, day), known in self._known.items()
                if of == measure and place in places and (place, day) not in given
            ]
            for (place, day, _, before, line), (next_place, next_day, _, after, next_line) in pairwise(sorted(counts)):
                if place == next_place and day < next_day and after < before and (line or next_line):
                    at = next_line or line
                    falls.append((at, f"line {at}: {measure} of {place[0]} falls on {next_day}"))
        return [text for _, text in sorted(falls)]
