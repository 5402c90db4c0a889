"""`bianque example new` and `bianque drill make`: from nothing to something that can be assessed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from bianque.model.emergency_file import read_emergency
from bianque.model.terms_file import read_terms

from .conftest import Run

PROVINCES = (
    "日期,省份,累计确诊\n2020-01-24,湖北省,549\n2020-01-24,广东省,53\n2020-01-25,湖北省,729\n2020-01-25,广东省,78\n"
)


def test_a_draft_is_printed_and_can_be_read_as_it_is(bianque: Run, tmp_path: Path) -> None:
    (tmp_path / "daily.csv").write_bytes(PROVINCES.encode("gb18030"))
    said = bianque("example new", tmp_path / "daily.csv")
    assert said.code == 0
    assert "CHECK" in said.out
    (tmp_path / "emergency.toml").write_text(said.out, "utf-8")
    (feed,) = read_emergency(tmp_path).feed
    assert (feed.date.column, feed.form, feed.measures) == ("日期", "cumulative", {"confirmed": "累计确诊"})
    assert feed.region is not None
    assert feed.region.column == "省份"


def test_a_draft_in_a_folder_can_be_assessed_and_is_not_written_over(bianque: Run, tmp_path: Path) -> None:
    file, folder = tmp_path / "daily.csv", tmp_path / "mine"
    file.write_text(PROVINCES, "utf-8")
    said = bianque("example new", file, "--out", folder)
    assert said.code == 0
    command = next(line for line in said.out.splitlines() if line.startswith("bianque assess"))
    text = (folder / "emergency.toml").read_bytes()
    assert bianque(command.removeprefix("bianque ").replace("--out out/", f"--out {tmp_path / 'o'}")).code == 0
    again = bianque("example new", file, "--out", folder)
    assert again.code == 2
    assert "exists already" in again.err
    assert "kept: the file as it was" in again.err
    assert (folder / "emergency.toml").read_bytes() == text


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"name,n\na,1\n", "no column holds dates"), (b"PK\x03\x04", "Excel"), (None, "No such file")],
)
def test_a_file_nothing_can_be_drafted_from_says_why(
    content: bytes | None, says: str, bianque: Run, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "f.csv").write_bytes(content)
    said = bianque("example new", tmp_path / "f.csv")
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert "what to do: " in said.err


def test_an_exercise_is_made_and_assessed_with_the_command_it_names(bianque: Run, tmp_path: Path) -> None:
    made = bianque("drill make --seed 7 --days 30 --out", tmp_path / "exercise")
    assert made.code == 0
    assert f"next: bianque assess {tmp_path / 'exercise'} --out out/" in made.out
    said = bianque("assess", tmp_path / "exercise", "--out", tmp_path / "out")
    assert said.code == 0
    situation = json.loads((tmp_path / "out" / "situation.json").read_bytes())
    assert len(situation["regions"]) == 40
    assert len(situation["dates"]) == 30


@pytest.mark.parametrize(
    ("words", "says", "remedy"),
    [
        ("--seed 7 --days 5", "an exercise of 5 days cannot be made", "from 21 to 365"),
        ("--seed -1", "seed -1 is negative", "from 0 up"),
        ("--seed 7 --start 1/2/2027", "--start '1/2/2027' is no date", "YYYY-MM-DD"),
    ],
)
def test_an_exercise_that_cannot_be_made_says_why_and_writes_nothing(
    words: str, says: str, remedy: str, bianque: Run, tmp_path: Path
) -> None:
    said = bianque("drill make", words, "--out", tmp_path / "x")
    assert said.code == 2
    assert says in said.err
    assert remedy in said.err
    assert not (tmp_path / "x").exists()


def test_the_terms_of_an_exercise_s_people_begin_today_or_on_the_day_that_is_named(
    bianque: Run, tmp_path: Path
) -> None:
    before = dt.datetime.now(dt.UTC).date()
    assert bianque("drill people --seed 11 --count 1 --out", tmp_path / "now").code == 0
    assert before <= read_terms(tmp_path / "now" / "authority.toml").starts <= dt.datetime.now(dt.UTC).date()
    assert bianque("drill people --seed 11 --count 1 --start 2021-02-03 --out", tmp_path / "then").code == 0
    assert read_terms(tmp_path / "then" / "authority.toml").starts == dt.date(2021, 2, 3)


def test_an_exercise_never_replaces_files_of_one_s_own(bianque: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    said = bianque("drill make --seed 7 --days 30 --out", tmp_path)
    assert said.code == 2
    assert "thesis.txt" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
