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
from tests.readers import OPERATOR

REGIONS = """code,parent,level,name_zh,name_en,population
N,,province,北省,North,900000
A,N,county,甲县,Alpha,50000
B,N,county,乙县,Beta,60000
C,N,county,丙县,Gamma,700000
S,,province,南省,South,800000
D,S,county,丁县,Delta,40000
E,S,county,戊县,Epsilon,750000
"""
EMERGENCY = """
[situation]
id = "small"
name = { zh = "小省", en = "Small" }
disease = { zh = "某病", en = "a disease" }
start = 2025-03-01
regions = "regions.csv"
level = "county"
whole = { code = "P", name = { zh = "全部", en = "All" } }
serial_interval = { mean = 5.0, sd = 2.0, source = "a test" }
"""
FEED = """
[[feed]]
id = "%(name)s"
kind = "case_counts"
file = "%(name)s.csv"
name = { zh = "病例", en = "Cases" }
source = "a test"
form = "%(form)s"
date = { column = "date" }
region = { column = "place" }
measures = { confirmed = "confirmed" }
"""
MARCH = [dt.date(2025, 3, day) for day in range(1, 32)]
Counts = dict[str, list[int | None]]

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
    rows = feeds.rows(OPERATOR, lake, as_of=day, limit=100_000)
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


def lake_of(folder: Path, *, start: dt.date = MARCH[0], **feeds_given: Counts) -> Lake:
    """A lake with feeds `daily` and `totals`, their rows by place from 1 March on; None is no row."""
    folder.mkdir()
    (folder / "regions.csv").write_text(REGIONS, "utf-8")
    feed_parts = [FEED % {"name": name, "form": "daily" if name == "daily" else "cumulative"} for name in feeds_given]
    (folder / "emergency.toml").write_text(
        EMERGENCY.replace("start = 2025-03-01", f"start = {start}") + "".join(feed_parts), "utf-8"
    )
    for name, counts in feeds_given.items():
        lines = [f"{day},{place},{count}" for place, column in counts.items()
                 for day, count in zip(MARCH, column, strict=False) if count is not None]  # fmt: skip
        (folder / f"{name}.csv").write_text("\n".join(["date,place,confirmed", *lines, ""]), "utf-8")
    return in_a_lake(folder, folder.with_name(f"lake-{folder.name}"))


def shown_rows(lake: Lake, feed: str, place: str) -> list[float | None]:
    """What the rows page gives of a place, day by day."""
    rows = feeds.rows(OPERATOR, lake, as_of=picture.span(lake)[1], feed=feed, region=place)
    return [row["value"] for row in rows]


def test_the_totals_of_one_feed_less_the_days_of_another_give_no_small_count(tmp_path: Path) -> None:
    """The third day has no row in `daily`, and the totals jump over it: 16 − 5 − 9 = 2."""
    lake = lake_of(
        tmp_path / "two",
        daily={"A": [5, 9, None], "B": [6, 6, None], "D": [0, 0, 0]},
        totals={"A": [5, None, 16], "B": [6, None, 15], "C": [0, 0, 0], "D": [0, 0, 0], "E": [7, 8, 9]},
    )
    assert shown_rows(lake, "daily", "A") == [5, 9]
    assert shown_rows(lake, "totals", "A") == [5, None]
    assert shown_rows(lake, "totals", "B") == [6, None]


def test_a_day_hidden_in_one_feed_is_hidden_in_the_totals_of_another(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path / "two",
        daily={"A": [5, 2, 9], "B": [6, 3, 9]},
        totals={"A": [None, None, 16], "B": [None, None, 18], "E": [7, 8, 9]},
    )
    assert shown_rows(lake, "daily", "A") == [5, None, 9]
    assert shown_rows(lake, "totals", "A") == [None]
    made = {region.code: region for region in picture.read(OPERATOR, lake).regions}
    assert (made["A"].total, made["A"].new) == (None, [5, None, 9])


def test_places_of_two_feeds_make_up_the_whole_together(tmp_path: Path) -> None:
    """The whole less Beta and Gamma of the other feed is Alpha's 2: Alpha's neighbours are hidden with it."""
    lake = lake_of(
        tmp_path / "two",
        daily={"A": [5, 2], "P": [20, 20]},
        totals={"B": [6, 15], "C": [9, 18], "D": [0, 0], "E": [0, 0]},
    )
    assert shown_rows(lake, "daily", "A") == [5, None]
    assert shown_rows(lake, "totals", "B") == [6, None]


def test_a_case_before_the_first_day_of_the_picture_is_not_its_first_total_less_the_rows_before(tmp_path: Path) -> None:
    """48 on 1 March, 50 on 2 March, the first day of the picture: two cases that the rows hide."""
    lake = lake_of(
        tmp_path / "late",
        start=MARCH[1],
        totals={"A": [48, 50, 57], "B": [30, 33, 40], "C": [9, 9, 9], "D": [0, 0, 0], "E": [0, 0, 0]},
    )
    assert shown_rows(lake, "totals", "A") == [48, None, None]
    made = {region.code: region for region in picture.read(OPERATOR, lake).regions}
    assert made["A"].cumulative == [None, None]
    assert (made["A"].new, made["A"].total) == ([None, 7], None)
    assert made["C"].cumulative == [9, 9]


def test_a_daily_feed_older_than_the_picture_keeps_the_totals_that_hold_no_day_before(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path / "late",
        start=MARCH[1],
        daily={"A": [2, 5, 6], "B": [3, 0, 7], "C": [1, 1, 1], "D": [0, 0, 0], "E": [0, 0, 0]},
    )
    made = {region.code: region for region in picture.read(OPERATOR, lake).regions}
    assert made["A"].cumulative == [5, 11]


def test_a_province_less_its_shown_counties_gives_no_hidden_county(tmp_path: Path) -> None:
    """Two hidden counties cover each other in the whole, and not in their provinces: N less C is A."""
    lake = lake_of(tmp_path / "levels", daily={"A": [2], "C": [20], "B": [0], "N": [22], "D": [3], "E": [7], "S": [10]})
    assert [shown_rows(lake, "daily", place) for place in "ABCNDES"] == [
        [None], [None], [20], [22], [None], [None], [10],
    ]  # fmt: skip
    made = {region.code: region.new for region in picture.read(OPERATOR, lake).regions}
    assert made == {"A": [None], "B": [None], "C": [20], "D": [None], "E": [None]}


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
