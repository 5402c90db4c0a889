"""The folder of an exercise: written whole or not at all, and never over a file that is not its own."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bianque.drill import description, tables, truth
from bianque.drill.exercise import Exercise
from bianque.model.errors import BadInput

MARKER = "drill.json"
FORMAT = "bianque-drill-1"


def files(exercise: Exercise) -> dict[str, str]:
    """Path in the folder → content, the marker last. The marker lists the files, so that no other is ever replaced."""
    feeds = exercise.feeds
    content = {
        "emergency.toml": description.emergency_toml(exercise),
        "regions.csv": tables.regions_csv(exercise.province.regions),
        "regions.geojson": tables.regions_geojson(exercise),
        "cases.csv": tables.county_days(exercise, {"confirmed": feeds.confirmed, "deaths": feeds.deaths}),
        "flows.csv": tables.flows_csv(exercise),
        "searches.csv": tables.county_days(exercise, feeds.searches),
        "visits.csv": tables.county_days(exercise, {"fever_clinic": feeds.visits}),
        "truth/truth.json": truth.truth_json(exercise),
        "truth/counties.csv": truth.counties_csv(exercise),
        "truth/province.csv": truth.province_csv(exercise),
    }
    marker = {
        "format": FORMAT,
        "seed": exercise.seed,
        "days": exercise.calendar.days,
        "start": exercise.calendar.start.isoformat(),
        "files": [*content, MARKER],
    }
    return {**content, MARKER: json.dumps(marker, indent=1) + "\n"}


def write_exercise(exercise: Exercise, folder: Path) -> list[Path]:
    """Writes the exercise into a folder that is new, empty, or an exercise already, which is replaced.

    returns  the files written
    raises   BadInput  when the folder holds a file that no exercise wrote, or cannot be written
    """
    return write_folder(files(exercise), folder)


def write_folder(content: Mapping[str, str], folder: Path) -> list[Path]:
    """Writes files, whose marker lists them, into a folder that is new, empty, or was written so before.

    returns  the files written
    raises   BadInput  when the folder holds a file that no marker lists, or cannot be written
    """
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(content, beside / "new")
            _swap(folder, beside / "new", beside / "old")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as cause:
        raise BadInput(f"{folder}: cannot be written: {cause}", remedy="give a folder you may write to") from cause
    return [folder / name for name in content]


def _write(content: Mapping[str, str], folder: Path) -> None:
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Puts the new folder in the place of the one there, which comes back when that fails."""
    there = folder.exists()
    if there:
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if there:
            old.rename(folder)
        raise


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadInput(f"{folder}: is a file, not a folder", remedy="give another folder")
    own = _own_files(folder)
    # Without a marker everything is foreign, and naming the first level is enough.
    paths = (path for path in folder.rglob("*") if not path.is_dir()) if own else folder.iterdir()
    found = {path.relative_to(folder).as_posix() for path in paths}
    foreign = sorted(found - own)
    if foreign:
        shown = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
        raise BadInput(
            f"{folder}: holds files that no exercise wrote: {shown}",
            kept="the folder is as it was",
            remedy="give a new or empty folder, or take these files out of it",
        )


def _own_files(folder: Path) -> set[str]:
    """What the marker lists; nothing when there is no readable marker."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return set()
    written = marker.get("files") if isinstance(marker, dict) and marker.get("format") == FORMAT else None
    return {str(name) for name in written} if isinstance(written, list) else set()
