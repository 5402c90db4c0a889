"""Is the lake whole?  Receipts against data files, adding up, strays of a killed ingest."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from bianque.lake import facts
from bianque.lake.decode import csv_rows
from bianque.lake.receipt import Receipt
from bianque.lake.store import Lake
from bianque.model.errors import BadLake

RESTORE = "put the receipts back from a copy of the lake, or ingest the files into a new lake"

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
    data = _data_files(lake)  # before the receipts, or one committed meanwhile would look lost
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
        quarantined = sum(1 for _ in csv_rows(text)) - 1
        if quarantined != receipt.quarantined:
            problems.append(
                f"{receipt.id}: {quarantined} rows in quarantine where the receipt says {receipt.quarantined}"
            )
    strays, lost = _leftovers(lake, data, receipts)
    problems.extend(f"{path}: facts whose receipt is gone from {lake.path / 'receipts'}: {RESTORE}" for path in lost)
    return LakeCheck(len(receipts), held, problems, strays)


def remove_strays(lake: Lake) -> list[Path]:
    """Delete what killed ingests left behind; returns what was deleted.

    raises  BadLake  when facts have lost their receipt: they are the only copy of what the file said
    """
    with lake.writing():
        strays, lost = _leftovers(lake, _data_files(lake), lake.committed()[0])
        if lost:
            raise BadLake(
                f"{lake.path}: {len(lost)} files of facts have lost their receipt, first {lost[0]}",
                kept="everything; nothing was deleted",
                remedy=RESTORE,
            )
        for path in strays:
            path.unlink(missing_ok=True)
    return strays


def _data_files(lake: Lake) -> list[Path]:
    return [path for table in ("counts", "flows") for path in sorted((lake.path / table).glob("*.parquet"))]


def _leftovers(lake: Lake, data: list[Path], receipts: list[Receipt]) -> tuple[list[Path], list[Path]]:
    """What killed ingests left behind, and facts whose receipt was there once and is gone."""
    committed = {path.stem for path in (lake.path / "receipts").glob("*.json")}
    orphans = [path for path in data if path.stem not in committed]
    strays = [path for path in lake.path.rglob(".*") if path != lake.path / ".lock" and _is_abandoned(path)]
    if not (lake.path / "receipts").is_dir():
        return strays, orphans
    given = {receipt.sequence for receipt in receipts}
    given.update(number for path in (lake.path / "undone").glob("*.json") if (number := _undone(path)) is not None)
    # An ingest that was killed had the next number, and the next ingest took it: any other number had a receipt.
    possible = given | {max(given, default=0) + 1}
    lost = [path for path in orphans if not _sequences(path) <= possible]
    return sorted(strays + [path for path in orphans if path not in lost]), lost


def _is_abandoned(path: Path) -> bool:
    """Whether a file was left half-written. Pages keep their pictures without the lock: a fresh one may be at work."""
    try:
        return path.is_file() and time.time() - path.stat().st_mtime > LONGEST_WRITE_SECONDS
    except FileNotFoundError:  # it was at work, and is done
        return False


def _undone(path: Path) -> int | None:
    try:
        return Receipt.model_validate_json(path.read_bytes()).sequence
    except ValidationError:
        return None  # without its number a stray may be taken for facts, never facts for a stray


def _sequences(path: Path) -> set[int]:
    """The number of the ingest that wrote a data file; none of an empty or damaged one."""
    try:
        return set(pq.read_table(path, columns=["sequence"])["sequence"].to_pylist())
    except (OSError, pa.ArrowInvalid):
        return set()
