"""The facts behind a figure, and the receipts behind the facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bianque.lake import facts
from bianque.lake.receipt import Receipt
from bianque.lake.store import Lake
from bianque.model import disclosure
from bianque.model.regions import RegionSystem


def receipts(lake: Lake) -> list[Receipt]:
    """Newest first."""
    return lake.receipts()[::-1]


def quarantine(lake: Lake, receipt_id: str) -> bytes:
    """CSV of the rows a file lost, with line, field, reason and the row's text."""
    return lake.quarantine(receipt_id)


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
    return [_as_shown(fact, system, whole) for fact in found]


def flow_rows(lake: Lake, *, as_of: dt.date, feed: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """Flows as known on `as_of`."""
    found: list[dict[str, Any]] = facts.flows(lake, as_of, feed=feed, limit=limit).to_pylist()
    return found


def _as_shown(fact: dict[str, Any], system: RegionSystem, whole: str) -> dict[str, Any]:
    code = fact["region"]
    population = system[code].population if code in system else None
    of_persons = fact["kind"] in ("case_counts", "visits") and code != whole
    shown_as_total = fact["cumulative"] and disclosure.is_small_place(population)
    hidden = of_persons and (shown_as_total or disclosure.hides(fact["value"], population))
    return {**fact, "hidden": hidden, "value": None if hidden else fact["value"]}
