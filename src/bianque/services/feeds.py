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
from bianque.model.authority import Action, Authority, Resource
from bianque.services import small_counts
from bianque.services.gate import require
from bianque.services.small_counts import Hidden
from bianque.services.tables.table import spreadsheet_safe


def _may_read(authority: Authority) -> None:
    require(authority, Action.READ_ROWS, Resource("rows"))


def receipts(authority: Authority, lake: Lake) -> list[Receipt]:
    """The receipt of each file, newest first.

    raises  PolicyRefusal  when the rows behind the figures are not for this reader
    """
    _may_read(authority)
    return standing(lake.receipts())[::-1]


def quarantine(authority: Authority, lake: Lake, receipt_id: str) -> bytes:
    """CSV of the rows a file lost, with line, field and reason; with the row's text where it counts no persons.

    The rule for small counts cannot judge a row that has no place or no day; the lake's own file has the text.

    raises  PolicyRefusal  when the rows are not for this reader
            BadInput       when there is no such receipt
    """
    _may_read(authority)
    kept = csv_rows(lake.quarantine(receipt_id).decode("utf-8"))
    columns = 4 if lake.receipt(receipt_id).kind in disclosure.OF_PERSONS else 5
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(spreadsheet_safe, row[:columns]) for row in kept)
    return out.getvalue().encode("utf-8")


def rows(
    authority: Authority,
    lake: Lake,
    *,
    as_of: dt.date,
    feed: str | None = None,
    region: str | None = None,
    measure: str | None = None,
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """Facts as known on `as_of`, newest version of each. What the rule for small counts hides is None and `hidden`.

    raises  PolicyRefusal  when the rows are not for this reader
    """
    _may_read(authority)
    found = facts.counts(lake, as_of, feed=feed, measure=measure, region=region, limit=limit).to_pylist()
    hidden = small_counts.hidden(facts.counts(lake, as_of, measure=measure), lake.emergency(), lake.regions())
    return [_as_shown(fact, hidden) for fact in found]


def flow_rows(
    authority: Authority, lake: Lake, *, as_of: dt.date, feed: str | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """Flows as known on `as_of`.

    raises  PolicyRefusal  when the rows are not for this reader
    """
    _may_read(authority)
    found: list[dict[str, Any]] = facts.flows(lake, as_of, feed=feed, limit=limit).to_pylist()
    return found


def _as_shown(fact: dict[str, Any], hidden: Hidden) -> dict[str, Any]:
    hide = hidden.hides(fact)
    return {**fact, "hidden": hide, "value": None if hide else fact["value"]}
