"""Nobody can compute a hidden count: not from the picture, its files, or the rows behind it."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from itertools import accumulate, combinations
from pathlib import Path

import pytest

from bianque.drill import draw_exercise, write_exercise
from bianque.lake.store import Lake
from bianque.model.disclosure import hidden_days, small_places
from bianque.model.situation import Series
from bianque.services import feeds, lakes, picture
from bianque.services.assess import forecast_table, importation_csv, signals_csv

START = dt.date(2021, 1, 1)
TODAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "exercise"
    write_exercise(draw_exercise(seed=7, days=60, start=START), folder)
    return folder


def everything_shown(lake: Lake) -> tuple[object, ...]:
    """All that leaves the house: the picture, the tables beside it, and the rows behind its figures."""
    day = picture.span(lake)[1]
    made = picture.full(lake, day)
    rows = feeds.rows(lake, as_of=day, limit=100_000)
    return (
        made.shown.model_dump(exclude={"lake_state", "feeds"}),
        signals_csv(made.signals),
        importation_csv(made.shown.importation),
        forecast_table(made.shown).to_pylist(),
        [{name: value for name, value in row.items() if name not in ("receipt", "sequence")} for row in rows],
    )


def in_a_lake(folder: Path, lake_path: Path) -> Lake:
    assert lakes.ingest_example(folder, folder, lake_path, TODAY).absent == []
    return lakes.open_lake(lake_path)


def daily(rows: list[dict[str, str]], code: str) -> Series:
    totals = [int(row["confirmed"]) for row in rows if row["code"] == code]
    return [float(now - before) for before, now in zip([0, *totals], totals, strict=False)]


@pytest.mark.slow
def test_a_case_moved_between_two_hidden_cells_of_a_day_changes_nothing_that_is_shown(
    exercise: Path, tmp_path: Path
) -> None:
    """The whole of the day stays the same, so every cell this holds for has another number nobody can tell apart."""
    with (exercise / "regions.csv").open(encoding="utf-8") as file:
        small = sorted(small_places({row["code"]: int(row["population"]) for row in csv.DictReader(file)}))
    with (exercise / "cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dates = sorted({row["date"] for row in rows})
    counts = [daily(rows, code) for code in small]
    hidden = hidden_days(counts)
    before = everything_shown(in_a_lake(exercise, tmp_path / "before"))
    tried = 0
    for day in reversed(range(len(dates))):
        for one, other in combinations(range(len(small)), 2):
            moved = [list(series) for series in counts]
            given, taken = moved[one][day], moved[other][day]
            if given is None or taken is None or not given:
                continue
            moved[one][day], moved[other][day] = given - 1, taken + 1
            if day not in hidden[one] & hidden[other] or hidden_days(moved) != hidden:
                continue
            folder = tmp_path / f"moved-{day}-{one}-{other}"
            shutil.copytree(exercise, folder)
            totals = {
                (code, date): total
                for code, series in zip(small, moved, strict=True)
                for date, total in zip(dates, accumulate(count or 0.0 for count in series), strict=True)
            }
            with (folder / "cases.csv").open("w", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                for row in rows:
                    total = totals.get((row["code"], row["date"]))
                    writer.writerow(row if total is None else {**row, "confirmed": f"{total:.0f}"})
            assert (folder / "cases.csv").read_bytes() != (exercise / "cases.csv").read_bytes()
            assert everything_shown(in_a_lake(folder, tmp_path / f"lake-{folder.name}")) == before
            tried += 1
            if tried == 2:
                return
    pytest.fail(f"only {tried} cells could be moved")
