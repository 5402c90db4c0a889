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
from contextlib import nullcontext, suppress

import pyarrow as pa
import pyarrow.parquet as pq

from bianque.lake import facts
from bianque.lake.decode import RawTable, parse_table
from bianque.lake.receipt import QuarantineReason, Receipt, standing
from bianque.lake.store import Lake, sync_folder, write_atomically
from bianque.lake.validate import Quarantined, Validated, validate
from bianque.lake.versions import Taken, Versions, stored_facts
from bianque.model.emergency_file import Feed
from bianque.model.errors import BadInput, UnusableFeed
from bianque.model.regions import RegionSystem


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

    today    the day the file is known: later dates are in the future, and a corrected or late fact is known from it on
    returns  the receipt. A file taken in before under this description gives the receipt of then, unless more of its
             rows can be used by now; under another description it is read anew, as if it had been read so when it
             came, and that reading stands in place of the earlier one. A file that cannot be read as a whole is in
             quarantine as one record (`unusable` turns a receipt without any accepted row into an error)
    raises   BadInput  when other files of the feed were misread in the way the earlier reading was
    """
    digest = hashlib.sha256(data).hexdigest()
    described = _receipt_id(feed, digest)
    with nullcontext() if dry_run else lake.writing():
        receipts = lake.receipts()
        readings = [receipt for receipt in receipts if (receipt.feed, receipt.sha256) == (feed.id, digest)]
        same = readings[-1] if readings and readings[-1].id.startswith(described) else None
        if same is not None and not same.quarantined:
            return same
        try:
            table = parse_table(data, name, feed.columns())
            checked = validate(table, feed, regions, today)
        except UnusableFeed as why:  # the file as a whole is the one record in quarantine
            table = RawTable([], [], [], [], "unknown", "", truncated=False)
            checked = Validated(lines=1, quarantined=[Quarantined(1, "file", why.diagnostics(), "")])
        # A day that was in the future may be past by now, a region known that was not.
        if same is not None and len(checked.rows) <= same.accepted:
            return same
        sequence = 1 + max((receipt.sequence for receipt in receipts), default=0)
        receipt_id = f"{described}-{sequence}" if any(r.id == described for r in receipts) else described
        came = min([today, *(reading.ingested_on for reading in readings)])
        place = readings[0].sequence if readings else sequence
        taken = Versions(lake, feed, place, came).take(checked.rows)
        replaced = standing(readings) if checked.rows else []
        if replaced and same is None:
            _refuse_a_shared_mistake(lake, feed, name, replaced[0], taken)
        receipt = _receipt(receipt_id, sequence, feed, name, digest, table, checked, taken, today, replaced)
        if not dry_run:
            _commit(lake, feed, receipt, checked.quarantined, taken)
        return receipt


def _receipt_id(feed: Feed, digest: str) -> str:
    """The same file under the same description has the same receipt; of a further reading, the name begins so."""
    return f"{feed.id}-{hashlib.sha256((digest + feed.model_dump_json()).encode()).hexdigest()[:12]}"


def _refuse_a_shared_mistake(lake: Lake, feed: Feed, name: str, replaced: Receipt, taken: Taken) -> None:
    """A description that was wrong for one file was so for the others it read, whose text is no longer at hand.

    Facts of a measure that is no longer described do no harm: no picture reads them.
    """
    stored = [(fact, receipt) for fact, _, receipt in stored_facts(lake, feed) if fact[0][0] in taken.known_at]
    gone = {fact for fact, receipt in stored if receipt == replaced.id} - set(taken.each())
    others = sorted({receipt for fact, receipt in stored if fact in gone} - {replaced.id})
    if others:
        raise BadInput(
            f"{name}: feed {feed.id!r} is described otherwise than when the file was read as {replaced.id}, and other "
            f"files were read as it was then: {', '.join(others)}",
            kept="the facts of all of them, as they were read",
            remedy=f"take {', '.join([*others, replaced.id])} out, each with `bianque lake undo RECEIPT`; then take "
            "their files in again, the oldest first, with the day each came as --known-at",
        )


def _receipt(
    receipt_id: str,
    sequence: int,
    feed: Feed,
    name: str,
    digest: str,
    table: RawTable,
    checked: Validated,
    taken: Taken,
    today: dt.date,
    replaced: list[Receipt],
) -> Receipt:
    dates = checked.rows.reference_date
    delay = feed.known_at.delay_days
    states = Counter(taken.states)
    return Receipt(
        id=receipt_id,
        sequence=sequence,
        replaces=replaced[0].id if replaced else "",
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
        falling=len(taken.falls),
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
            + ("; for corrected and late values the day the file came" if taken.late else "")
        ),
        reasons=_reasons(checked.quarantined),
        falls=tuple(taken.falls[:100]),
    )


def _reasons(quarantined: list[Quarantined]) -> tuple[QuarantineReason, ...]:
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in quarantined:
        grouped[row.field, row.reason].append(row.line)
    return tuple(
        QuarantineReason(field=field, reason=reason, rows=len(lines), first_line=min(lines))
        for (field, reason), lines in sorted(grouped.items(), key=lambda item: (-len(item[1]), min(item[1])))[:100]
    )


def _commit(lake: Lake, feed: Feed, receipt: Receipt, quarantined: list[Quarantined], taken: Taken) -> None:
    """Facts and quarantine first, the receipt last; where it cannot be written, the facts do not stay."""
    buffer = io.BytesIO()
    pq.write_table(_columns(feed, receipt, taken), buffer, compression="zstd")
    path = lake.path / "receipts" / f"{receipt.id}.json"
    try:
        write_atomically(lake.facts_file(receipt), buffer.getvalue())
        write_atomically(lake.path / "quarantine" / f"{receipt.id}.csv", quarantine_csv(receipt.file, quarantined))
        sync_folder(lake.path)
        write_atomically(path, receipt.model_dump_json(indent=1).encode())
    except OSError:
        with suppress(OSError):
            if not path.exists():  # else the rename was done, and what failed is only to make it durable
                lake.facts_file(receipt).unlink(missing_ok=True)
        raise


def _columns(feed: Feed, receipt: Receipt, taken: Taken) -> pa.Table:
    """The facts of a file as a table of the lake, ordered by measure, place and day."""
    parts = [_measure_columns(feed, receipt, taken, measure) for measure in sorted(taken.known_at)]
    schema = facts.FLOWS if feed.volume is not None else facts.COUNTS
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _measure_columns(feed: Feed, receipt: Receipt, taken: Taken, measure: str) -> pa.Table:
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
        "sequence": pa.repeat(pa.scalar(taken.place, pa.int64()), size),
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
