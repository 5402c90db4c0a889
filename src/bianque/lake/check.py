"""Is the lake whole?  Receipts against data files, adding up, strays of a killed ingest."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bianque.lake import facts
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
    receipts, damaged = lake.committed()
    problems = [f"{path}: damaged receipt" for path in damaged]
    held = 0
    for receipt in receipts:
        path = lake.facts_file(receipt)
        try:
            rows = facts.read_through(path, path.parent.name).num_rows
        except (OSError, ValueError, pa.ArrowException) as error:
            problems.append(f"{path}: the facts of receipt {receipt.id} cannot be read: {error}")
            continue
        held += rows
        if rows != receipt.facts:
            problems.append(f"{path}: {rows} facts where the receipt says {receipt.facts}")
        try:
            text = (lake.path / "quarantine" / f"{receipt.id}.csv").read_bytes().decode("utf-8")
        except OSError as error:
            problems.append(f"{receipt.id}: the quarantine file cannot be read: {error}")
            continue
        quarantined = sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
        if quarantined != receipt.quarantined:
            problems.append(
                f"{receipt.id}: {quarantined} rows in quarantine where the receipt says {receipt.quarantined}"
            )
    return LakeCheck(len(receipts), held, problems, _strays(lake))


def remove_strays(lake: Lake) -> list[Path]:
    """Delete what killed ingests left behind; returns what was deleted."""
    with lake.writing():
        strays = _strays(lake)
        for path in strays:
            path.unlink(missing_ok=True)
    return strays


def _strays(lake: Lake) -> list[Path]:
    committed = {path.stem for path in (lake.path / "receipts").glob("*.json")}
    unfinished = [p for p in lake.path.rglob(".*") if p.is_file() and p != lake.path / ".lock"]
    orphans = [p for t in ("counts", "flows") for p in (lake.path / t).glob("*.parquet") if p.stem not in committed]
    return sorted(unfinished + orphans)
