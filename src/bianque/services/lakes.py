"""The lake as a user handles it: open, take a file in, take it out again, check."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bianque.lake import check as lake_check
from bianque.lake import ingest as lake_ingest
from bianque.lake.decode import file_bytes
from bianque.lake.receipt import Receipt
from bianque.lake.store import Lake, description_files
from bianque.model.emergency_file import SHIPPED, EmergencyFile, Feed, read_emergency, region_system
from bianque.model.errors import BadInput, UnusableFeed


def open_lake(path: Path) -> Lake:
    return Lake.open(path)


def feed_bytes(feed: Feed, data: Path) -> tuple[bytes, str]:
    """The file of a feed and its name: in the data folder, or shipped with the package.

    raises  UnusableFeed  when there is no such file
    """
    if feed.file.startswith(SHIPPED):
        name = feed.file.removeprefix(SHIPPED)
        shipped = files("bianque.model").joinpath("bulletins", f"{name}.csv")
        if not shipped.is_file():
            raise UnusableFeed(f"feed {feed.id!r}: no table {name!r} ships with Bianque", remedy="name a file instead")
        return shipped.read_bytes(), f"{name}.csv"
    path = data / feed.file
    try:
        return file_bytes(path), path.name
    except OSError as cause:
        raise UnusableFeed(
            f"{path}: feed {feed.id!r} cannot be read: {cause.strerror}",
            remedy="give the folder of the files with --data, or correct `file` in emergency.toml",
        ) from cause


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the feeds of an emergency: receipts, and feeds whose file is not there."""

    receipts: list[Receipt]
    absent: list[UnusableFeed]


def ingest_example(folder: Path, data: Path, lake_path: Path, today: dt.date) -> Intake:
    """Every feed of an example folder into a lake, which keeps the description once a row of them could be used."""
    emergency = read_emergency(folder)
    system, description = region_system(emergency.situation, folder), description_files(folder, emergency)
    lake = Lake.create(lake_path)
    intake = Intake([], [])
    for feed in emergency.feed:
        try:
            content, name = feed_bytes(feed, data)
        except UnusableFeed as why:
            intake.absent.append(why)
            continue
        intake.receipts.append(lake_ingest.ingest(lake, feed, content, name, system, today=today))
    if any(receipt.accepted for receipt in intake.receipts):
        lake.describe(description)
    return intake


def ingest_file(
    file: Path, lake_path: Path, *, feed: str | None, today: dt.date, example: Path | None = None, dry_run: bool = False
) -> Receipt:
    """One file into an existing lake, described by a feed of the lake's emergency.toml (or of `example`'s).

    feed     the feed's id; without it, the feed whose file has this name
    example  its description replaces the lake's once a row of the file could be used
    raises   UnusableFeed  when no row of the file can be used; the receipt is kept with its quarantine all the same
    """
    lake = Lake.create(lake_path) if example is not None and not dry_run else Lake.open(lake_path)
    described = example or lake.description()
    emergency = read_emergency(described)
    system = region_system(emergency.situation, described)
    description = description_files(example, emergency) if example is not None and not dry_run else None
    chosen = _feed_for(emergency, file, feed)
    content, _ = feed_bytes(chosen.model_copy(update={"file": file.name}), file.parent)
    receipt = lake_ingest.ingest(lake, chosen, content, file.name, system, today=today, dry_run=dry_run)
    if why := lake_ingest.unusable(receipt):
        raise why
    if description is not None:
        lake.describe(description)
    return receipt


def _feed_for(emergency: EmergencyFile, file: Path, feed: str | None) -> Feed:
    if feed is not None:
        found = [f for f in emergency.feed if f.id == feed]
    else:
        found = [f for f in emergency.feed if Path(f.file).name == file.name]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(f.id for f in emergency.feed)
    what = f"no feed {feed!r}" if feed is not None else f"{len(found)} feeds describe a file named {file.name!r}"
    raise BadInput(what, remedy=f"name one with --feed: {ids or 'emergency.toml describes none'}")


def undo(lake: Lake, receipt_id: str) -> Receipt | None:
    """Take a file out again; None when its receipt is damaged."""
    return lake.undo(receipt_id)


def check(lake: Lake, *, tidy: bool) -> lake_check.LakeCheck:
    """Whether the lake is whole; with `tidy`, what killed ingests left behind is deleted first."""
    if tidy:
        lake_check.remove_strays(lake)
    return lake_check.check(lake)
