"""A foreign file into the lake: decode, validate, set bad rows aside, add versions, write a receipt.

The same file twice changes nothing. A killed ingest leaves the lake as it was: facts count from the moment their
receipt is renamed into place.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.parquet as pq

from bianque.lake import facts
from bianque.lake.decode import RawTable, parse_table
from bianque.lake.receipt import QuarantineReason, Receipt
from bianque.lake.store import Lake, sync_folder, write_atomically
from bianque.lake.validate import Quarantined, Validated, ValidRow, validate
from bianque.model.emergency import Feed
from bianque.model.errors import UnusableFeed
from bianque.model.regions import RegionSystem

Key = tuple[str, tuple[str, ...], dt.date]  # measure, places, reference date


def ingest(
    lake: Lake,
    feed: Feed,
    data: bytes,
    name: str,
    regions: RegionSystem,
    *,
    today: dt.date,
    dry_run: bool = False,
) -> Receipt:
    """Take one file in, described by `feed`.

    today    the day the file is known: later dates are in the future, and a corrected fact is known from it on
    returns  the receipt; of a file taken in before, the receipt of then. A file that cannot be read as a whole is in
             quarantine as one record (`unusable` turns a receipt without any accepted row into an error)
    """
    digest = hashlib.sha256(data).hexdigest()
    receipt_id = f"{feed.id}-{hashlib.sha256((digest + feed.model_dump_json()).encode()).hexdigest()[:12]}"
    with lake.writing():
        known = {receipt.id: receipt for receipt in lake.receipts()}
        if receipt_id in known:
            return known[receipt_id]
        try:
            table = parse_table(data, name, feed.columns())
            checked = validate(table, feed, regions, today)
        except UnusableFeed as why:  # the file as a whole is the one record in quarantine
            table = RawTable([], [], "unknown", "", truncated=False)
            checked = Validated(lines=1, quarantined=[Quarantined(1, "file", why.diagnostics(), "")])
        sequence = 1 + max((receipt.sequence for receipt in known.values()), default=0)
        taken = _Versions(lake, feed, today).take(checked.rows)
        receipt = _receipt(receipt_id, sequence, feed, name, digest, table, checked, taken, today)
        if not dry_run:
            _commit(lake, feed, receipt, checked.quarantined, taken)
        return receipt


class _Taken:
    """The facts of a file with the day each was known, and how many rows were new, unchanged or corrected."""

    def __init__(self) -> None:
        self.facts: list[tuple[ValidRow, str, float, dt.date]] = []
        self.rows: Counter[str] = Counter()


class _Versions:
    """What the lake knows of a feed, to tell a new fact from a repeated and from a corrected one."""

    def __init__(self, lake: Lake, feed: Feed, today: dt.date) -> None:
        self.vintages = feed.known_at.column is not None
        self.today = today
        self._known: dict[Key, dict[dt.date, float]] = defaultdict(dict)
        flows = feed.kind == "flows"
        for fact in facts.versions(lake, "flows" if flows else "counts", feed.id).to_pylist():
            places = (fact["origin"], fact["destination"]) if flows else (fact["region"],)
            measure = "volume" if flows else fact["measure"]
            self._known[measure, places, fact["reference_date"]][fact["known_at"]] = fact["value"]

    def take(self, rows: list[ValidRow]) -> _Taken:
        taken = _Taken()
        for row in rows:
            states = set()
            for measure, value in row.values.items():
                state, known_at = self._state(row, measure, value)
                states.add(state)
                taken.facts.append((row, measure, value, known_at))
            taken.rows["corrected" if "corrected" in states else "new" if "new" in states else "unchanged"] += 1
        return taken

    def _state(self, row: ValidRow, measure: str, value: float) -> tuple[str, dt.date]:
        """New, unchanged or corrected, and the day this value was known.

        A repeated value keeps the day it was first known; a correction in a feed without vintages is known from the
        day its file came, so that a picture of an earlier day does not change.
        """
        known = self._known.get((measure, row.places, row.reference_date))
        if not known:
            return "new", row.known_at
        if self.vintages:
            if row.known_at not in known:
                return "new", row.known_at
            return ("unchanged" if known[row.known_at] == value else "corrected"), row.known_at
        latest = max(known)
        if known[latest] == value:
            return "unchanged", latest
        return "corrected", max(row.known_at, self.today)


def _receipt(
    receipt_id: str,
    sequence: int,
    feed: Feed,
    name: str,
    digest: str,
    table: RawTable,
    checked: Validated,
    taken: _Taken,
    today: dt.date,
) -> Receipt:
    falls = _falls(checked.rows) if feed.form == "cumulative" else []
    dates = [row.reference_date for row in checked.rows]
    delay = feed.known_at.delay_days
    return Receipt(
        id=receipt_id,
        sequence=sequence,
        feed=feed.id,
        kind=feed.kind,
        file=name,
        sha256=digest,
        encoding=table.encoding,
        delimiter=table.delimiter,
        truncated=table.truncated,
        ingested_on=today,
        lines=checked.lines,
        outside=checked.outside,
        read=checked.lines - checked.outside,
        accepted=len(checked.rows),
        quarantined=len(checked.quarantined),
        new=taken.rows["new"],
        unchanged=taken.rows["unchanged"],
        corrected=taken.rows["corrected"],
        falling=len(falls),
        missing=sum(row.missing for row in checked.rows),
        facts=len(taken.facts),
        first_reference_date=min(dates, default=None),
        last_reference_date=max(dates, default=None),
        last_known_at=max((known_at for *_, known_at in taken.facts), default=None),
        vintages=feed.known_at.column is not None,
        known_at=(
            f"column {feed.known_at.column}"
            if feed.known_at.column
            else f"the file has no vintages: reference date + {delay} day{'' if delay == 1 else 's'}"
        ),
        reasons=_reasons(checked.quarantined),
        falls=tuple(falls[:100]),
    )


def _reasons(quarantined: list[Quarantined]) -> tuple[QuarantineReason, ...]:
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in quarantined:
        grouped[row.field, row.reason].append(row.line)
    return tuple(
        QuarantineReason(field=field, reason=reason, rows=len(lines), first_line=min(lines))
        for (field, reason), lines in sorted(grouped.items(), key=lambda item: (-len(item[1]), min(item[1])))[:100]
    )


def _falls(rows: list[ValidRow]) -> list[str]:
    """Rows whose cumulative count is below that of the day before, in words."""
    series: dict[tuple[str, tuple[str, ...]], list[tuple[dt.date, dt.date, float, int]]] = defaultdict(list)
    for row in rows:
        for measure, value in row.values.items():
            series[measure, row.places].append((row.reference_date, row.known_at, value, row.line))
    falls = []
    for (measure, places), points in series.items():
        points.sort()
        for (day, _, before, _), (next_day, _, after, line) in zip(points, points[1:], strict=False):
            if next_day > day and after < before:
                falls.append((line, f"line {line}: {measure} of {places[0]} falls from {before:g} to {after:g} on {next_day}"))
    return [text for _, text in sorted(falls)]


def _commit(lake: Lake, feed: Feed, receipt: Receipt, quarantined: list[Quarantined], taken: _Taken) -> None:
    """Facts and quarantine first, the receipt last."""
    table = "flows" if feed.kind == "flows" else "counts"
    buffer = io.BytesIO()
    pq.write_table(_columns(feed, receipt, taken), buffer, compression="zstd")
    write_atomically(lake.path / table / f"{receipt.id}.parquet", buffer.getvalue())
    write_atomically(lake.path / "quarantine" / f"{receipt.id}.csv", quarantine_csv(receipt.file, quarantined))
    sync_folder(lake.path)
    write_atomically(lake.path / "receipts" / f"{receipt.id}.json", receipt.model_dump_json(indent=1).encode())


def _columns(feed: Feed, receipt: Receipt, taken: _Taken) -> pa.Table:
    ordered = sorted(taken.facts, key=lambda fact: (fact[1], fact[0].places, fact[0].reference_date))
    size = len(ordered)
    common = {
        "feed": [feed.id] * size,
        "kind": [feed.kind] * size,
        "reference_date": [row.reference_date for row, *_ in ordered],
        "known_at": [known_at for *_, known_at in ordered],
        "value": [value for _, _, value, _ in ordered],
        "sequence": [receipt.sequence] * size,
        "receipt": [receipt.id] * size,
    }
    if feed.volume is not None:
        columns = {
            **common,
            "origin": [row.places[0] for row, *_ in ordered],
            "destination": [row.places[1] for row, *_ in ordered],
            "unit": [feed.volume.unit] * size,
            "days": [feed.volume.days] * size,
        }
        return pa.table({name: columns[name] for name in facts.FLOWS.names}, schema=facts.FLOWS)
    columns = {
        **common,
        "measure": [measure for _, measure, *_ in ordered],
        "region": [row.places[0] for row, *_ in ordered],
        "cumulative": [feed.form == "cumulative"] * size,
    }
    return pa.table({name: columns[name] for name in facts.COUNTS.names}, schema=facts.COUNTS)


def quarantine_csv(file: str, quarantined: list[Quarantined]) -> bytes:
    """The quarantine file: one line a row, with the row's own text, so that nothing is lost."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "line", "field", "reason", "text"])
    writer.writerows([file, row.line, row.field, row.reason, row.text] for row in quarantined)
    return text.getvalue().encode("utf-8")


def unusable(receipt: Receipt) -> UnusableFeed | None:
    """The error to raise when a file gave no usable row at all, else None."""
    if receipt.accepted:
        return None
    why = "; ".join(f"{r.field}: {r.reason} ({r.rows} rows, first in line {r.first_line})" for r in receipt.reasons[:3])
    return UnusableFeed(
        f"{receipt.file}: no usable row for feed {receipt.feed!r}: {why or 'no row is selected by `where`'}",
        kept=f"{receipt.quarantined} rows in quarantine",
        remedy="correct the description of this feed in emergency.toml, or the file",
    )
