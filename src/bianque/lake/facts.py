"""What was known on a day?  As-of queries over the facts: of each key, the newest version known by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.common.exceptions import IbisError

from bianque.lake.receipt import standing
from bianque.lake.store import Lake
from bianque.model.errors import BadLake

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
SCHEMAS = {"counts": COUNTS, "flows": FLOWS}
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
    return _as_of(lake, "counts", COUNT_KEY, as_of, wanted, limit)


def flows(lake: Lake, as_of: dt.date, *, feed: str | None = None, limit: int | None = None) -> pa.Table:
    """Facts by origin, destination and day as known on `as_of`, columns as `FLOWS`, in key order."""
    return _as_of(lake, "flows", FLOW_KEY, as_of, {"feed": feed}, limit)


def versions(lake: Lake, table: str, feed: str) -> pa.Table:
    """Every version of every fact of one feed, in the order of ingest."""
    return _ask(lake, table, lambda facts: facts.filter(facts.feed == feed).order_by("sequence"))


def span(lake: Lake) -> tuple[dt.date, dt.date] | None:
    """First reference date and newest known-at of all facts; None for an empty lake."""
    receipts = [r for r in standing(lake.receipts()) if r.first_reference_date and r.last_known_at]
    if not receipts:
        return None
    first = min(r.first_reference_date for r in receipts if r.first_reference_date)
    last = max(r.last_known_at for r in receipts if r.last_known_at)
    return first, last


def read_through(path: Path, table: str) -> pa.Table:
    """Every fact of one file.

    raises  OSError, ValueError, pa.ArrowException  when it is not as it was written
    """
    return pq.ParquetFile(path).read().cast(SCHEMAS[table])


def first_known(lake: Lake, *, kind: str, measure: str, regions: list[str], since: dt.date) -> dt.date | None:
    """The first day on which a fact of any of these regions, of `since` or later, was known; None without one."""

    def first(facts: Any) -> Any:
        wanted = [
            facts.kind == kind,
            facts.measure == measure,
            facts.region.isin(regions),
            facts.reference_date >= ibis.literal(since),
        ]
        return facts.filter(wanted).order_by("known_at").limit(1)

    found: list[dt.date] = _ask(lake, "counts", first)["known_at"].to_pylist()
    return found[0] if found else None


def _as_of(
    lake: Lake, table: str, key: list[str], as_of: dt.date, wanted: dict[str, str | None], limit: int | None
) -> pa.Table:
    def newest(facts: Any) -> Any:
        conditions = [facts[column] == value for column, value in wanted.items() if value is not None]
        known = facts.filter([facts.known_at <= ibis.literal(as_of), *conditions])
        newest_first = ibis.window(group_by=key, order_by=[ibis.desc("known_at"), ibis.desc("sequence")])
        numbered = known.mutate(version=ibis.row_number().over(newest_first))
        return numbered.filter(lambda t: t.version == 0).order_by(key).limit(limit)

    return _ask(lake, table, newest)


def _ask(lake: Lake, table: str, question: Callable[[Any], Any]) -> pa.Table:
    """The answer to a question on the facts of a table, columns as its schema.

    raises  BadLake  when a file of facts cannot be read
    """
    schema, files = SCHEMAS[table], lake.parquet(table)
    if not files:
        return schema.empty_table()
    try:
        facts = ibis.duckdb.connect().read_parquet(files).select(schema.names)
        found: pa.Table = question(facts).select(schema.names).to_pyarrow()
        return found.cast(schema)
    except (duckdb.Error, IbisError) as cause:
        if lake.parquet(table) != files:  # one was undone meanwhile
            return _ask(lake, table, question)
        raise _unreadable(lake, table, files, cause) from cause


def _unreadable(lake: Lake, table: str, files: list[str], cause: Exception) -> BadLake:
    for path in map(Path, files):
        try:
            read_through(path, table)
        except (OSError, ValueError, pa.ArrowException) as why:
            return lake.spoilt(path.stem, f"{path}: the facts of receipt {path.stem} cannot be read: {why}")
    return BadLake(f"{lake.path / table}: the facts cannot be read: {cause}", remedy="run `bianque lake check`")
