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
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

from bianque.lake import facts
from bianque.lake.decode import RawTable, parse_table
from bianque.lake.receipt import QuarantineReason, Receipt
from bianque.lake.store import Lake, sync_folder, write_atomically
from bianque.lake.validate import Quarantined, Rows, Validated, validate
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
    returns  the receipt; of a file taken in before, the receipt of then, unless more of its rows can be used by now. A
             file that cannot be read as a whole is in
             quarantine as one record (`unusable` turns a receipt without any accepted row into an error)
    """
    digest = hashlib.sha256(data).hexdigest()
    receipt_id = _receipt_id(feed, digest)
    with lake.writing():
        known = {receipt.id: receipt for receipt in lake.receipts()}
        earlier = known.get(receipt_id)
        if earlier is not None and not earlier.quarantined:
            return earlier
        try:
            table = parse_table(data, name, feed.columns())
            checked = validate(table, feed, regions, today)
        except UnusableFeed as why:  # the file as a whole is the one record in quarantine
            table = RawTable([], [], [], [], "unknown", "", truncated=False)
            checked = Validated(lines=1, quarantined=[Quarantined(1, "file", why.diagnostics(), "")])
        if earlier is not None:  # a day that was in the future may be past by now, a region known that was not
            receipt_id = _receipt_id(feed, digest, f"{len(checked.rows)} accepted")
            if len(checked.rows) <= earlier.accepted or receipt_id in known:
                return known.get(receipt_id, earlier)
        sequence = 1 + max((receipt.sequence for receipt in known.values()), default=0)
        taken = _Versions(lake, feed, today).take(checked.rows)
        receipt = _receipt(receipt_id, sequence, feed, name, digest, table, checked, taken, today)
        if not dry_run:
            _commit(lake, feed, receipt, checked.quarantined, taken)
        return receipt


def _receipt_id(feed: Feed, *of: str) -> str:
    """The same file under the same description has the same receipt."""
    return f"{feed.id}-{hashlib.sha256((''.join(of) + feed.model_dump_json()).encode()).hexdigest()[:12]}"


class _Taken:
    """The facts of a file, one list a measure in row order, with the day each value was known; None is no fact."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.known_at: dict[str, list[dt.date]] = {}
        self.states = ["unchanged"] * len(rows)

    @property
    def facts(self) -> int:
        return sum(value is not None for values in self.rows.values.values() for value in values)


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

    def take(self, rows: Rows) -> _Taken:
        taken = _Taken(rows)
        if not self._known:
            taken.states = ["new"] * len(rows)
            taken.known_at = dict.fromkeys(rows.values, rows.known_at)
            return taken
        for measure, values in rows.values.items():
            known_at = list(rows.known_at)
            for i, value in enumerate(values):
                if value is None:
                    continue
                state, known_at[i] = self._state(measure, rows.places[i], rows.reference_date[i], known_at[i], value)
                if state == "corrected" or taken.states[i] == "unchanged":
                    taken.states[i] = state
            taken.known_at[measure] = known_at
        return taken

    def _state(
        self, measure: str, places: tuple[str, ...], day: dt.date, known_at: dt.date, value: float
    ) -> tuple[str, dt.date]:
        """New, unchanged or corrected, and the day this value was known.

        A repeated value keeps the day it was first known; a correction in a feed without vintages is known from the
        day its file came, so that a picture of an earlier day does not change.
        """
        known = self._known.get((measure, places, day))
        if not known:
            return "new", known_at
        if self.vintages:
            if known_at not in known:
                return "new", known_at
            return ("unchanged" if known[known_at] == value else "corrected"), known_at
        latest = max(known)
        if known[latest] == value:
            return "unchanged", latest
        return "corrected", max(known_at, self.today)


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
    dates = checked.rows.reference_date
    delay = feed.known_at.delay_days
    states = Counter(taken.states)
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
        new=states["new"],
        unchanged=states["unchanged"],
        corrected=states["corrected"],
        falling=len(falls),
        missing=sum(value is None for values in checked.rows.values.values() for value in values),
        facts=taken.facts,
        first_reference_date=min(dates, default=None),
        last_reference_date=max(dates, default=None),
        last_known_at=max((day for days in taken.known_at.values() for day in set(days)), default=None),
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


def _falls(rows: Rows) -> list[str]:
    """Rows whose cumulative count is below that of the day before, in words."""
    falls = []
    order = sorted(range(len(rows)), key=lambda i: (rows.places[i], rows.reference_date[i], rows.known_at[i]))
    for measure, values in rows.values.items():
        known = [i for i in order if values[i] is not None]
        for i, j in pairwise(known):
            before, after = values[i], values[j]
            same_series = rows.places[i] == rows.places[j] and rows.reference_date[i] < rows.reference_date[j]
            if same_series and before is not None and after is not None and after < before:
                place, day = rows.places[j][0], rows.reference_date[j]
                what = f"{measure} of {place} falls on {day}"
                falls.append((rows.line[j], f"line {rows.line[j]}: {what}"))
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
    """The facts of a file as a table of the lake, ordered by measure, place and day."""
    parts = [_measure_columns(feed, receipt, taken, measure) for measure in sorted(taken.known_at)]
    schema = facts.FLOWS if feed.volume is not None else facts.COUNTS
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _measure_columns(feed: Feed, receipt: Receipt, taken: _Taken, measure: str) -> pa.Table:
    rows, values, known_at = taken.rows, taken.rows.values[measure], taken.known_at[measure]
    order = sorted(
        (i for i in range(len(rows)) if values[i] is not None), key=lambda i: (rows.places[i], rows.reference_date[i])
    )
    size = len(order)
    columns: dict[str, object] = {
        "feed": pa.repeat(pa.scalar(feed.id, pa.string()), size),
        "kind": pa.repeat(pa.scalar(feed.kind, pa.string()), size),
        "reference_date": [rows.reference_date[i] for i in order],
        "known_at": [known_at[i] for i in order],
        "value": [values[i] for i in order],
        "sequence": pa.repeat(pa.scalar(receipt.sequence, pa.int64()), size),
        "receipt": pa.repeat(pa.scalar(receipt.id, pa.string()), size),
    }
    if feed.volume is not None:
        columns["origin"] = [rows.places[i][0] for i in order]
        columns["destination"] = [rows.places[i][1] for i in order]
        columns["unit"] = pa.repeat(pa.scalar(feed.volume.unit, pa.string()), size)
        columns["days"] = pa.repeat(pa.scalar(feed.volume.days, pa.int32()), size)
        return pa.table({name: columns[name] for name in facts.FLOWS.names}, schema=facts.FLOWS)
    columns["measure"] = pa.repeat(pa.scalar(measure, pa.string()), size)
    columns["region"] = [rows.places[i][0] for i in order]
    columns["cumulative"] = pa.repeat(pa.scalar(feed.form == "cumulative", pa.bool_()), size)
    return pa.table({name: columns[name] for name in facts.COUNTS.names}, schema=facts.COUNTS)


def quarantine_csv(file: str, quarantined: list[Quarantined]) -> bytes:
    """The quarantine file: one line a row, with the row's own text, so that nothing is lost."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # with "\n" a carriage return inside a field is not quoted
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
