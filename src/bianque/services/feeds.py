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
    return facts.flows(lake, as_of, feed=feed, limit=limit).to_pylist()


def _as_shown(fact: dict[str, Any], system: RegionSystem, whole: str) -> dict[str, Any]:
    code = fact["region"]
    small = code != whole and disclosure.is_small_place(system[code].population if code in system else None)
    hidden = small and fact["kind"] in ("case_counts", "visits") and (fact["cumulative"] or 0 < fact["value"] < 5)
    return {**fact, "hidden": hidden, "value": None if hidden else fact["value"]}
