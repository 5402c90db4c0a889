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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bianque.lake.receipt import Receipt, standing
from bianque.model.emergency_file import EmergencyFile, read_emergency, region_system
from bianque.model.errors import BadInput, BadLake
from bianque.model.regions import RegionSystem
from bianque.model.shapes import check_shapes

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
        """Committed receipts, oldest first.

        raises  BadLake  when one is damaged
        """
        receipts, damaged = self.committed()
        if damaged:
            raise self.spoilt(damaged[0].stem, f"{damaged[0]}: damaged receipt")
        return receipts

    def committed(self) -> tuple[list[Receipt], list[Path]]:
        """Committed receipts, oldest first; and the files among them that are damaged."""
        receipts, damaged = [], []
        for path in sorted((self.path / "receipts").glob("*.json")):
            try:
                receipt = Receipt.model_validate_json(path.read_bytes())
            except FileNotFoundError:
                continue  # undone between listing and reading
            except ValidationError:
                damaged.append(path)
                continue
            if receipt.id == path.stem:
                receipts.append(receipt)
            else:
                damaged.append(path)
        return sorted(receipts, key=lambda r: r.sequence), damaged

    def receipt(self, receipt_id: str) -> Receipt:
        """One committed receipt.

        raises  BadInput  when there is none of that name
        """
        found = {receipt.id: receipt for receipt in self.receipts()}
        if receipt_id not in found:
            raise self._unknown(receipt_id, found)
        return found[receipt_id]

    def _unknown(self, receipt_id: str, known: Iterable[str]) -> BadInput:
        return BadInput(f"{self.path}: no receipt {receipt_id!r}", remedy="receipts: " + (", ".join(known) or "none"))

    def spoilt(self, receipt_id: str, what: str) -> BadLake:
        """The error for a file of a receipt that is not as it was written: the way out is the same for each."""
        return BadLake(
            what,
            kept="the facts of every other receipt",
            remedy=f"run `bianque lake undo {receipt_id} --lake {self.path}`, then take its file in again",
        )

    def state(self) -> str:
        """A short text that changes whenever what the lake holds changes.

        A file taken out and in again has a receipt of the same name, and other facts if it is known on another day:
        what the receipts say counts.
        """
        pointer = self.path / "emergency.json"
        digest = hashlib.sha256(pointer.read_bytes() if pointer.exists() else b"")
        for path in sorted((self.path / "receipts").glob("*.json")):
            with suppress(FileNotFoundError):  # undone between listing and reading
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def facts_file(self, receipt: Receipt) -> Path:
        """Where the facts of a receipt are."""
        return self.path / ("flows" if receipt.kind == "flows" else "counts") / f"{receipt.id}.parquet"

    def parquet(self, table: str) -> list[str]:
        """The committed files of a table that stand, oldest first.

        raises  BadLake  when one is gone: without it the facts would be fewer than the receipts say
        """
        found = []
        for receipt in standing(self.receipts()):
            path = self.facts_file(receipt)
            if path.parent.name != table:
                continue
            if path.exists():
                found.append(str(path))
            elif (self.path / "receipts" / f"{receipt.id}.json").exists():  # not undone meanwhile
                raise self.spoilt(receipt.id, f"{path}: the facts of receipt {receipt.id} are gone")
        return found

    def quarantine(self, receipt_id: str) -> bytes:
        """The quarantine file of a receipt."""
        return (self.path / "quarantine" / f"{self.receipt(receipt_id).id}.csv").read_bytes()

    def describe(self, files: Mapping[str, bytes]) -> None:
        """Keep the description of an emergency, so that the lake can be assessed without the example folder.

        files  as `description_files` reads them
        """
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

    def emergency(self) -> EmergencyFile:
        return read_emergency(self.description())

    def regions(self) -> RegionSystem:
        return region_system(self.emergency().situation, self.description())

    def shapes(self) -> dict[str, object] | None:
        """The GeoJSON the emergency names, or None."""
        name = self.emergency().situation.shapes
        if name is None:
            return None
        shapes: dict[str, object] = json.loads((self.description() / name).read_bytes())
        return shapes

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writers' lock. The kernel lets go of it when the process ends, however it ends."""
        with (self.path / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def undo(self, receipt_id: str) -> Receipt | None:
        """Take a feed file out again. One rename; the data files go after it.

        returns  the receipt; None when it is damaged: it is put aside all the same
        raises   BadInput  when there is none of that name
        """
        with self.writing():
            receipts, damaged = self.committed()
            known = {path.stem: None for path in damaged} | {receipt.id: receipt for receipt in receipts}
            if receipt_id not in known:
                raise self._unknown(receipt_id, known)
            count = len(list((self.path / "undone").glob(f"{receipt_id}-*.json"))) + 1
            (self.path / "receipts" / f"{receipt_id}.json").replace(self.path / "undone" / f"{receipt_id}-{count}.json")
            sync_folder(self.path / "receipts")
            for table in ("counts", "flows"):
                (self.path / table / f"{receipt_id}.parquet").unlink(missing_ok=True)
            return known[receipt_id]


def description_files(folder: Path, emergency: EmergencyFile) -> dict[str, bytes]:
    """The files of an example folder that describe its emergency, by name."""
    spec = emergency.situation
    if spec.shapes:
        check_shapes(folder / spec.shapes)
    names = ["emergency.toml", *(n for n in (None if spec.regions == "cn" else spec.regions, spec.shapes) if n)]
    return {name: (folder / name).read_bytes() for name in names}


def _belongs(name: str) -> bool:
    """Whether a file of this name can be of a lake another process is making, or was making when it was killed."""
    return name in (*FOLDERS, "lake.json", ".lock") or name.startswith(".lake.json-")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, and a power cut, finds the old one or the new one."""
    fresh = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as cause:  # a full disk names no file, and no reader knows the fresh one
        raise OSError(cause.errno, cause.strerror, str(path)) from cause
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the renames in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
