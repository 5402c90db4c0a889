"""What was known on a day?  As-of queries over the facts: of each key, the newest version known by then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import pyarrow as pa

from bianque.lake.store import Lake

COUNTS = pa.schema(
    [
        pa.field("feed", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("measure", pa.string()),
        pa.field("region", pa.string()),
        pa.field("reference_date", pa.date32()),
        pa.field("known_at", pa.date32()),
        pa.field("value", pa.float64()),
        pa.field("cumulative", pa.bool_()),
        pa.field("sequence", pa.int64()),
        pa.field("receipt", pa.string()),
    ]
)
FLOWS = pa.schema(
    [
        pa.field("feed", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("destination", pa.string()),
        pa.field("reference_date", pa.date32()),
        pa.field("known_at", pa.date32()),
        pa.field("value", pa.float64()),
        pa.field("unit", pa.string()),
        pa.field("days", pa.int32()),
        pa.field("sequence", pa.int64()),
        pa.field("receipt", pa.string()),
    ]
)
COUNT_KEY = ["feed", "measure", "region", "reference_date"]
FLOW_KEY = ["feed", "origin", "destination", "reference_date"]


def counts(
    lake: Lake,
    as_of: dt.date,
    *,
    feed: str | None = None,
    measure: str | None = None,
    region: str | None = None,
    limit: int | None = None,
) -> pa.Table:
    """Facts by region and day as known on `as_of`, columns as `COUNTS`, in key order."""
    wanted = {"feed": feed, "measure": measure, "region": region}
    return _as_of(lake, "counts", COUNTS, COUNT_KEY, as_of, wanted, limit)


def flows(lake: Lake, as_of: dt.date, *, feed: str | None = None, limit: int | None = None) -> pa.Table:
    """Facts by origin, destination and day as known on `as_of`, columns as `FLOWS`, in key order."""
    return _as_of(lake, "flows", FLOWS, FLOW_KEY, as_of, {"feed": feed}, limit)


def versions(lake: Lake, table: str, feed: str) -> pa.Table:
    """Every version of every fact of one feed, in the order of ingest."""
    files = lake.parquet(table)
    if not files:
        return (COUNTS if table == "counts" else FLOWS).empty_table()
    facts = _read(files)
    found: pa.Table = facts.filter(facts.feed == feed).order_by("sequence").to_pyarrow()
    return found


def span(lake: Lake) -> tuple[dt.date, dt.date] | None:
    """First reference date and newest known-at of all facts; None for an empty lake."""
    receipts = [r for r in lake.receipts() if r.first_reference_date and r.last_known_at]
    if not receipts:
        return None
    first = min(r.first_reference_date for r in receipts if r.first_reference_date)
    last = max(r.last_known_at for r in receipts if r.last_known_at)
    return first, last


def first_known(lake: Lake, *, kind: str, measure: str, regions: list[str], since: dt.date) -> dt.date | None:
    """The first day on which a fact of any of these regions, of `since` or later, was known; None without one."""
    files = lake.parquet("counts")
    if not files:
        return None
    facts = _read(files)
    wanted = [
        facts.kind == kind,
        facts.measure == measure,
        facts.region.isin(regions),
        facts.reference_date >= ibis.literal(since),
    ]
    found: dt.date | None = facts.filter(wanted).known_at.min().to_pyarrow().as_py()
    return found


def _read(files: list[str]) -> Any:
    return ibis.duckdb.connect().read_parquet(files)


def _as_of(
    lake: Lake,
    table: str,
    schema: pa.Schema,
    key: list[str],
    as_of: dt.date,
    wanted: dict[str, str | None],
    limit: int | None,
) -> pa.Table:
    files = lake.parquet(table)
    if not files:
        return schema.empty_table()
    facts = _read(files)
    conditions = [facts[column] == value for column, value in wanted.items() if value is not None]
    known = facts.filter([facts.known_at <= ibis.literal(as_of), *conditions])
    newest_first = ibis.window(group_by=key, order_by=[ibis.desc("known_at"), ibis.desc("sequence")])
    newest = known.mutate(version=ibis.row_number().over(newest_first)).filter(lambda t: t.version == 0)
    found: pa.Table = newest.order_by(key).limit(limit).select(schema.names).to_pyarrow()
    return found.cast(schema)
