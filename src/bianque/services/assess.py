"""Assess: feeds in, situation out.  Takes the feeds of an example folder in, computes the picture, writes its files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bianque.lake.receipt import Receipt
from bianque.lake.store import Lake, write_atomically
from bianque.model.errors import BianqueError, NothingUsable, UnusableFeed
from bianque.model.situation import ImportationRow, RegionPicture, Signal, Situation
from bianque.services import lakes, picture, report
from bianque.services.tables.table import spreadsheet_safe

HUB_COLUMNS = pa.schema(
    [
        pa.field("model_id", pa.string()),
        pa.field("reference_date", pa.date32()),
        pa.field("target", pa.string()),
        pa.field("horizon", pa.int32()),
        pa.field("target_end_date", pa.date32()),
        pa.field("location", pa.string()),
        pa.field("output_type", pa.string()),
        pa.field("output_type_id", pa.float64()),
        pa.field("value", pa.float64()),
    ]
)
TARGET = "daily inc confirmed"
SIGNAL_COLUMNS = ("date", "region", "feed", "measure", "method", "observed", "expected", "threshold", "excess", "alpha")
IMPORTATION_COLUMNS = (
    "feed", "rank", "destination", "level", "origin", "origin_share", "origins", "volume", "unit",
    "expected", "lower", "upper", "first_date", "last_date", "prevalence", "prevalence_source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment made: the picture, the receipts, the feeds that did not come, the files."""

    situation: Situation
    receipts: list[Receipt]
    absent: list[UnusableFeed]
    lake: Path
    out: Path


def assess(folder: Path, data: Path, out: Path, lake_path: Path, *, as_of: dt.date | None, today: dt.date) -> Assessed:
    """Feeds of `folder`, their files in `data`, into a lake; the picture of `as_of` into `out`.

    today   the day the files are known: a correction counts from it
    raises  NothingUsable  when no feed gave a usable row
    """
    intake = lakes.ingest_example(folder, data, lake_path, today)
    if not any(receipt.accepted for receipt in intake.receipts):
        raise _nothing(intake)
    lake = Lake.open(lake_path)
    made = picture.full(lake, as_of or picture.span(lake)[1])
    out.mkdir(parents=True, exist_ok=True)
    situation = made.shown
    files = {
        "situation.json": situation.model_dump_json(indent=1).encode(),
        "forecast.parquet": _parquet(forecast_table(situation)),
        "signals.csv": signals_csv(made.signals).encode(),
        "importation.csv": importation_csv(situation.importation).encode(),
        "receipt.json": _receipts_json(intake),
        "report.html": report.render(situation, picture.shapes(lake)).encode(),
    }
    for name, content in files.items():
        write_atomically(out / name, content)
    return Assessed(situation, intake.receipts, intake.absent, lake_path, out)


def _nothing(intake: lakes.Intake) -> BianqueError:
    lines = [why.what for why in intake.absent]
    for receipt in intake.receipts:
        first = receipt.reasons[0] if receipt.reasons else None
        lines.append(
            f"{receipt.file}: {first.reason} (line {first.first_line})" if first else f"{receipt.file}: no row"
        )
    return NothingUsable(
        "no feed gave a usable row:\n  " + "\n  ".join(lines),
        kept="every rejected row, with its reason, in the lake's quarantine",
        remedy="correct emergency.toml or the files; --data names the folder of the files",
    )


def forecast_table(situation: Situation) -> pa.Table:
    """Forecasts in the hubverse model-output columns: 23 quantiles a day, model and location."""
    rows: dict[str, list[object]] = {name: [] for name in HUB_COLUMNS.names}
    for region in (situation.whole, *situation.regions):
        _add_forecasts(rows, region)
    return pa.table(rows, schema=HUB_COLUMNS)


def _add_forecasts(rows: dict[str, list[object]], region: RegionPicture) -> None:
    for fan in region.forecasts:
        for level, values in fan.quantiles.items():
            for horizon, (day, value) in enumerate(zip(fan.dates, values, strict=True), start=1):
                cells = (
                    f"bianque-{fan.model.removeprefix('forecast_')}", fan.reference_date, TARGET, horizon, day,
                    region.code, "quantile", float(level), value,
                )  # fmt: skip
                for name, cell in zip(HUB_COLUMNS.names, cells, strict=True):
                    rows[name].append(cell)


def signals_csv(found: list[Signal]) -> str:
    """Every signal of every method and day, newest first; of a small place, that there was one and no figure."""
    return _csv(SIGNAL_COLUMNS, [s.model_dump() for s in found])


def importation_csv(rows: list[ImportationRow]) -> str:
    return _csv(IMPORTATION_COLUMNS, [row.model_dump() for row in rows])


def _csv(columns: tuple[str, ...], rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: spreadsheet_safe(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _receipts_json(intake: lakes.Intake) -> bytes:
    whole = {
        "schema_version": "1.0",
        "read": sum(r.read for r in intake.receipts),
        "accepted": sum(r.accepted for r in intake.receipts),
        "quarantined": sum(r.quarantined for r in intake.receipts),
        "absent": [why.diagnostics() for why in intake.absent],
        "feeds": [receipt.model_dump(mode="json") for receipt in intake.receipts],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()
