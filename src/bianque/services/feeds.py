"""The facts behind a figure, and the receipts behind the facts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from bianque.lake import facts
from bianque.lake.decode import csv_rows
from bianque.lake.receipt import Receipt, standing
from bianque.lake.store import Lake
from bianque.model import disclosure
from bianque.model.regions import RegionSystem
from bianque.model.situation import Series
from bianque.services import panel


def receipts(lake: Lake) -> list[Receipt]:
    """The receipt of each file, newest first."""
    return standing(lake.receipts())[::-1]


def quarantine(lake: Lake, receipt_id: str) -> bytes:
    """CSV of the rows a file lost, with line, field and reason; with the row's text where it counts no persons.

    The rule for small counts cannot judge a row that has no place or no day; the lake's own file has the text.

    raises  BadInput  when there is no such receipt
    """
    content = lake.quarantine(receipt_id)
    if lake.receipt(receipt_id).kind not in disclosure.OF_PERSONS:
        return content
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row[:-1] for row in csv_rows(content.decode("utf-8")))
    return out.getvalue().encode("utf-8")


def rows(
    lake: Lake,
    *,
    as_of: dt.date,
    feed: str | None = None,
    region: str | None = None,
    measure: str | None = None,
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """Facts as known on `as_of`, newest version of each. What the rule for small counts hides is None and `hidden`."""
    system, whole = lake.regions(), lake.emergency().situation.whole.code
    found = facts.counts(lake, as_of, feed=feed, measure=measure, region=region, limit=limit).to_pylist()
    of_persons = {(f["feed"], f["measure"]) for f in found if f["kind"] in disclosure.OF_PERSONS}
    known = facts.counts(lake, as_of, feed=feed, measure=measure) if of_persons else None
    hidden = {key: _hidden(panel.of_feed(known, *key).to_pylist(), system, whole) for key in of_persons}
    return [_as_shown(fact, hidden.get((fact["feed"], fact["measure"]), frozenset())) for fact in found]


def flow_rows(lake: Lake, *, as_of: dt.date, feed: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """Flows as known on `as_of`."""
    found: list[dict[str, Any]] = facts.flows(lake, as_of, feed=feed, limit=limit).to_pylist()
    return found


def _hidden(known: list[dict[str, Any]], system: RegionSystem, whole: str) -> frozenset[tuple[str, dt.date]]:
    """The cells of one measure of one feed that the rule hides: judged on all its places, whatever is asked for."""
    days = sorted({fact["reference_date"] for fact in known})
    at = {day: i for i, day in enumerate(days)}
    new: dict[str, Series] = {}
    totals: dict[str, Series] = {}
    for fact in known:
        for series in (new, totals):
            series.setdefault(fact["region"], [None] * len(days))
        (totals if fact["cumulative"] else new)[fact["region"]][at[fact["reference_date"]]] = fact["value"]
    places = [code for code in new if code != whole]
    residents = {code: system[code].population if code in system else None for code in places}
    small = sorted(disclosure.small_places(residents))
    hidden = disclosure.hidden_days([disclosure.daily_counts(new[code], totals[code]) for code in small])
    # A total holds every day before it: from the first hidden day on it is hidden too.
    return frozenset(
        (code, days[day])
        for code, cells in zip(small, hidden, strict=True)
        for day in range(min(cells, default=len(days)), len(days))
        if day in cells or totals[code][day] is not None
    )


def _as_shown(fact: dict[str, Any], hidden: frozenset[tuple[str, dt.date]]) -> dict[str, Any]:
    hide = (fact["region"], fact["reference_date"]) in hidden
    return {**fact, "hidden": hide, "value": None if hide else fact["value"]}
