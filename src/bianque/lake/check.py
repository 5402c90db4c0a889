"""Is the lake whole?  Receipts against data files, adding up, strays of a killed ingest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bianque.lake.decode import csv_rows
from bianque.lake.store import Lake


@dataclass(frozen=True, slots=True)
class LakeCheck:
    """`problems` need a person; `strays` are harmless leftovers, which `remove_strays` deletes."""

    receipts: int
    facts: int
    problems: list[str]
    strays: list[Path]


def check(lake: Lake) -> LakeCheck:
    """Every committed receipt has its facts and its quarantined rows; nothing else lies about."""
    problems: list[str] = []
    facts = 0
    receipts = lake.receipts()
    for receipt in receipts:
        table = "flows" if receipt.kind == "flows" else "counts"
        path = lake.path / table / f"{receipt.id}.parquet"
        try:
            rows = pq.ParquetFile(path).metadata.num_rows
        except (OSError, pa.ArrowInvalid) as error:
            problems.append(f"{path}: the facts of a committed receipt cannot be read: {error}")
            continue
        facts += rows
        if rows != receipt.facts:
            problems.append(f"{path}: {rows} facts where the receipt says {receipt.facts}")
        try:
            text = lake.quarantine(receipt.id).decode("utf-8")
        except OSError as error:
            problems.append(f"{receipt.id}: the quarantine file cannot be read: {error}")
            continue
        quarantined = sum(1 for _ in csv_rows(text)) - 1
        if quarantined != receipt.quarantined:
            problems.append(
                f"{receipt.id}: {quarantined} rows in quarantine where the receipt says {receipt.quarantined}"
            )
    return LakeCheck(len(receipts), facts, problems, _strays(lake, {r.id for r in receipts}))


def remove_strays(lake: Lake) -> list[Path]:
    """Delete what killed ingests left behind; returns what was deleted."""
    with lake.writing():
        strays = _strays(lake, {receipt.id for receipt in lake.receipts()})
        for path in strays:
            path.unlink(missing_ok=True)
    return strays


def _strays(lake: Lake, committed: set[str]) -> list[Path]:
    unfinished = [p for p in lake.path.rglob(".*") if p.is_file() and p != lake.path / ".lock"]
    orphans = [p for t in ("counts", "flows") for p in (lake.path / t).glob("*.parquet") if p.stem not in committed]
    return sorted(unfinished + orphans)
