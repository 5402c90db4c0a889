"""The lake as a folder: immutable Parquet files, one receipt each, and the receipt's rename is the commit.

    LAKE/lake.json                        format of the folder
    LAKE/emergency/<digest>/              emergency.toml, region file and shapes the facts were described with
    LAKE/emergency.json                   which of them holds
    LAKE/counts/<receipt>.parquet         facts by region and day
    LAKE/flows/<receipt>.parquet          facts by origin, destination and day
    LAKE/quarantine/<receipt>.csv         rows that could not be used: file, line, field, reason, text
    LAKE/receipts/<receipt>.json          the commit: a file without its receipt is not part of the lake
    LAKE/undone/<receipt>-<n>.json        receipts taken out again
    LAKE/situations/                      computed pictures, safe to delete

A reader sees an ingest whole or not at all, without a lock; writers take LAKE/.lock in turn.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bianque.lake.receipt import Receipt, standing
from bianque.model.emergency import Emergency, read_emergency, region_system
from bianque.model.errors import BadInput, BadLake
from bianque.model.regions import RegionSystem

FORMAT = 1
FOLDERS = ("counts", "flows", "quarantine", "receipts", "undone", "situations", "emergency")


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake on disk. Cheap to make: nothing is cached, so several processes see the same."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Lake:
        """The lake at `path`, made if the folder is missing or empty."""
        if path.exists() and not path.is_dir():
            raise BadLake(f"{path}: this is a file", remedy="give a folder for the lake")
        if not (path / "lake.json").exists():
            if path.exists() and not all(_belongs(p.name) for p in path.iterdir()):
                raise BadLake(f"{path}: the folder holds other files", remedy="give an empty folder for the lake")
            for name in FOLDERS:
                (path / name).mkdir(parents=True, exist_ok=True)
            write_atomically(path / "lake.json", json.dumps({"format": FORMAT}).encode())
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Lake:
        """The lake that is at `path`.

        raises  BadLake  when there is none, or its format is not ours
        """
        try:
            found = json.loads((path / "lake.json").read_text("utf-8"))["format"]
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise BadLake(f"{path}: this is no lake", remedy="make one with `bianque assess … --lake PATH`") from cause
        if found != FORMAT:
            raise BadLake(
                f"{path}: lake format {found}, this program reads {FORMAT}", remedy="use the matching version"
            )
        return cls(path)

    def receipts(self) -> list[Receipt]:
        """Committed receipts, oldest first."""
        found = []
        for path in sorted((self.path / "receipts").glob("*.json")):
            try:
                found.append(Receipt.model_validate_json(path.read_bytes()))
            except FileNotFoundError:
                continue  # undone between listing and reading
            except ValidationError as cause:
                raise BadLake(f"{path}: damaged receipt", remedy="run `bianque lake check`") from cause
        return sorted(found, key=lambda r: r.sequence)

    def receipt(self, receipt_id: str) -> Receipt:
        """One committed receipt.

        raises  BadInput  when there is none of that name
        """
        found = {r.id: r for r in self.receipts()}
        if receipt_id not in found:
            raise BadInput(
                f"{self.path}: no receipt {receipt_id!r}", remedy="receipts: " + (", ".join(found) or "none")
            )
        return found[receipt_id]

    def state(self) -> str:
        """A short text that changes whenever what the lake holds changes."""
        names = sorted(p.name for p in (self.path / "receipts").glob("*.json"))
        pointer = self.path / "emergency.json"
        digest = hashlib.sha256(pointer.read_bytes() if pointer.exists() else b"")
        digest.update("\n".join(names).encode())
        return digest.hexdigest()[:16]

    def parquet(self, table: str) -> list[str]:
        """The committed files of a table that stand, oldest first."""
        paths = (self.path / table / f"{receipt.id}.parquet" for receipt in standing(self.receipts()))
        return [str(path) for path in paths if path.exists()]

    def quarantine(self, receipt_id: str) -> bytes:
        """The quarantine file of a receipt."""
        return (self.path / "quarantine" / f"{self.receipt(receipt_id).id}.csv").read_bytes()

    def describe(self, folder: Path, emergency: Emergency) -> None:
        """Keep the description of an emergency, so that the lake can be assessed without the example folder."""
        spec = emergency.situation
        names = ["emergency.toml", *(n for n in (None if spec.regions == "cn" else spec.regions, spec.shapes) if n)]
        files = {name: (folder / name).read_bytes() for name in names}
        digest = hashlib.sha256(b"".join(name.encode() + data for name, data in files.items())).hexdigest()[:16]
        target = self.path / "emergency" / digest
        target.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_atomically(target / name, data)
        pointer = json.dumps({"folder": digest}).encode()
        path = self.path / "emergency.json"
        if not path.exists() or path.read_bytes() != pointer:
            write_atomically(path, pointer)

    def description(self) -> Path:
        """The folder of the description that holds.

        raises  BadLake  when the lake has none yet
        """
        try:
            name = json.loads((self.path / "emergency.json").read_text("utf-8"))["folder"]
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise BadLake(
                f"{self.path}: the lake has no emergency.toml",
                remedy="run `bianque assess FOLDER --lake` first: it keeps the description with the facts",
            ) from cause
        return self.path / "emergency" / str(name)

    def emergency(self) -> Emergency:
        return read_emergency(self.description())

    def regions(self) -> RegionSystem:
        return region_system(self.emergency().situation, self.description())

    def shapes(self) -> dict[str, object] | None:
        """The GeoJSON the emergency names, or None."""
        name = self.emergency().situation.shapes
        if name is None:
            return None
        shapes: dict[str, object] = json.loads((self.description() / name).read_text("utf-8"))
        return shapes

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writers' lock. The kernel lets go of it when the process ends, however it ends."""
        with (self.path / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def undo(self, receipt_id: str) -> Receipt:
        """Take a feed file out again. One rename; the data files go after it."""
        with self.writing():
            receipt = self.receipt(receipt_id)
            count = len(list((self.path / "undone").glob(f"{receipt_id}-*.json"))) + 1
            (self.path / "receipts" / f"{receipt_id}.json").replace(self.path / "undone" / f"{receipt_id}-{count}.json")
            sync_folder(self.path / "receipts")
            for table in ("counts", "flows"):
                (self.path / table / f"{receipt_id}.parquet").unlink(missing_ok=True)
            return receipt


def _belongs(name: str) -> bool:
    """Whether a file of this name can be of a lake another process is making, or was making when it was killed."""
    return name in (*FOLDERS, "lake.json", ".lock") or name.startswith(".lake.json-")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, and a power cut, finds the old one or the new one."""
    fresh = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the renames in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
