"""Is the lake whole?  Receipts against data files, adding up, strays of a killed ingest."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bianque.lake import facts
from bianque.lake.store import Lake

LONGEST_WRITE_SECONDS = 6 * 3600.0  # ample, also for the clock of a file server that is some hours off


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
    unfinished = [p for p in lake.path.rglob(".*") if p != lake.path / ".lock" and _is_abandoned(p)]
    orphans = [p for t in ("counts", "flows") for p in (lake.path / t).glob("*.parquet") if p.stem not in committed]
    return sorted(unfinished + orphans)


def _is_abandoned(path: Path) -> bool:
    """Whether a file was left half-written. Pages keep their pictures without the lock: a fresh one may be at work."""
    try:
        return path.is_file() and time.time() - path.stat().st_mtime > LONGEST_WRITE_SECONDS
    except FileNotFoundError:  # it was at work, and is done
        return False
