"""The folder: an example folder for `bianque assess`, the same bytes from the same seed, never over other files."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import time
from pathlib import Path

import pytest

from bianque.drill import Exercise, draw_exercise, write_exercise
from bianque.model.emergency_file import read_emergency, region_system
from bianque.model.errors import BadInput

from .conftest import START

FROZEN = Path(__file__).with_name("seed-7.sha256")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text("utf-8").splitlines()))


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_exercise(draw_exercise(seed=7, days=60, start=START), tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def test_seed_7_gives_the_bytes_it_gave_before(folder: Path) -> None:
    """Frozen on purpose: teams share seeds. After a change that is meant, write the new hashes with sha256sum."""
    lines = [line.split("  ") for line in FROZEN.read_text("utf-8").splitlines()]
    frozen = {name: digest for digest, name in lines}
    assert {name: hashlib.sha256(text).hexdigest() for name, text in contents(folder).items()} == frozen


def test_another_seed_gives_another_province(exercise: Exercise) -> None:
    other = draw_exercise(seed=8, days=60, start=START)
    assert other.province.population.tolist() != exercise.province.population.tolist()
    assert other.feeds.confirmed.tolist() != exercise.feeds.confirmed.tolist()


def test_a_longer_exercise_begins_with_the_shorter_one(folder: Path, tmp_path: Path) -> None:
    write_exercise(draw_exercise(seed=7, days=45, start=START), tmp_path / "short")
    short, long = contents(tmp_path / "short"), contents(folder)
    for name in ("regions.csv", "regions.geojson", "emergency.toml"):
        assert short[name] == long[name]
    for name in short:
        if name.endswith(".csv"):
            assert long[name].startswith(short[name]), name


def test_assess_can_read_the_folder(folder: Path) -> None:
    emergency = read_emergency(folder)
    system = region_system(emergency.situation, folder)
    assert len(system.at("county")) == 40
    assert system[emergency.situation.whole.code].population == 12_000_000
    assert emergency.situation.start == START
    assert emergency.situation.shapes is not None
    assert (folder / emergency.situation.shapes).is_file()
    for feed in emergency.feed:
        table = rows(folder, feed.file)
        assert set(feed.columns()) <= set(table[0])
        assert {row["date"] for row in table} == {(START + dt.timedelta(days=d)).isoformat() for d in range(60)}
        for place in (feed.region, feed.origin, feed.destination):
            if place and place.column:
                assert {system.resolve(row[place.column]).level for row in table} == {"county"}


def test_every_county_has_a_row_every_day(folder: Path) -> None:
    for name in ("cases.csv", "searches.csv", "visits.csv", "truth/counties.csv"):
        keys = [(row["date"], row["code"]) for row in rows(folder, name)]
        assert len(keys) == len(set(keys)) == 60 * 40
        assert keys == sorted(keys)


def test_the_flows_feed_is_small_and_tells_where_the_capital_travels(folder: Path) -> None:
    assert (folder / "flows.csv").stat().st_size < 2_000_000
    table = rows(folder, "flows.csv")
    assert all(int(row["persons"]) >= 0 for row in table)
    from_capital = {row["destination"] for row in table if row["origin"] == "999001"}
    assert len(from_capital) >= 35


def test_it_says_in_both_languages_that_it_is_synthetic(folder: Path) -> None:
    situation = read_emergency(folder).situation
    assert "合成" in situation.name.zh
    assert "synthetic" in situation.name.en
    assert any("合成数据" in note.zh and "synthetic" in note.en for note in situation.note)


def test_the_definition_change_is_in_the_truth_and_not_declared(folder: Path) -> None:
    assert read_emergency(folder).situation.definition_change == ()
    change = json.loads((folder / "truth" / "truth.json").read_text("utf-8"))["definition_change"]
    assert change["date"] == "2021-02-10"
    assert change["cases"] == sum(change["by_county"].values())


def test_the_truth_agrees_with_its_tables(folder: Path) -> None:
    truth = json.loads((folder / "truth" / "truth.json").read_text("utf-8"))
    counties, province = rows(folder, "truth/counties.csv"), rows(folder, "truth/province.csv")
    assert truth["totals"]["infections"] == sum(int(row["infections"]) for row in counties)
    assert truth["totals"]["infections"] == sum(int(row["infections"]) for row in province)
    last = [row for row in rows(folder, "cases.csv") if row["date"] == province[-1]["date"]]
    assert truth["totals"]["confirmed"] == sum(int(row["confirmed"]) for row in last)
    for code, day in truth["seeded"].items():
        infected = [row["date"] for row in counties if row["code"] == code and row["infections"] != "0"]
        assert day == (infected[0] if infected else None)


def test_sixty_days_take_less_than_five_seconds(tmp_path: Path) -> None:
    began = time.perf_counter()
    write_exercise(draw_exercise(seed=11, days=60, start=START), tmp_path / "exercise")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("days", [-1, 0, 20, 366])
def test_a_number_of_days_out_of_range_is_refused(days: int) -> None:
    with pytest.raises(BadInput, match="days") as refusal:
        draw_exercise(seed=7, days=days, start=START)
    assert "21 to 365" in refusal.value.remedy


def test_a_negative_seed_and_a_start_at_the_end_of_time_are_refused() -> None:
    with pytest.raises(BadInput, match="seed -1"):
        draw_exercise(seed=-1, days=60, start=START)
    with pytest.raises(BadInput, match="calendar"):
        draw_exercise(seed=7, days=60, start=dt.date(9999, 12, 1))


def test_an_exercise_replaces_an_exercise(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "exercise"
    write_exercise(draw_exercise(seed=1, days=21, start=START), out)
    write_exercise(draw_exercise(seed=7, days=60, start=START), out)
    assert contents(out) == contents(folder)
    assert [path.name for path in out.parent.iterdir()] == ["exercise"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    written = write_exercise(draw_exercise(seed=1, days=21, start=START), tmp_path)
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize("beside_an_exercise", [True, False])
def test_a_folder_with_other_files_is_left_as_it_was(tmp_path: Path, beside_an_exercise: bool) -> None:
    out, exercise = tmp_path / "work", draw_exercise(seed=1, days=21, start=START)
    if beside_an_exercise:
        write_exercise(exercise, out)
    (out / "results").mkdir(parents=True)
    (out / "results" / "mine.txt").write_text("two days of work", "utf-8")
    before = contents(out)
    with pytest.raises(BadInput, match="no exercise wrote: results") as refusal:
        write_exercise(exercise, out)
    assert "new or empty folder" in refusal.value.remedy
    assert contents(out) == before


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    with pytest.raises(BadInput, match="is a file"):
        write_exercise(draw_exercise(seed=1, days=21, start=START), tmp_path / "out")
    with pytest.raises(BadInput, match="cannot be written"):
        write_exercise(draw_exercise(seed=1, days=21, start=START), tmp_path / "out" / "exercise")
