"""`bianque assess`: the files it writes, what it says, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import BULLETINS, Run

WRITTEN = {"situation.json", "forecast.parquet", "signals.csv", "importation.csv", "receipt.json", "report.html"}


def test_assess_needs_a_folder_and_nothing_else(bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = bianque("assess", BULLETINS)
    assert said.code == 0
    assert said.err == ""
    assert "as of 2020-02-11" in said.out
    assert "Mainland China: 44,653 confirmed, 1,113 deaths" in said.out
    assert "look at it: bianque serve --lake out/lake --register REGISTER" in said.out
    assert "bianque register create" in said.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == WRITTEN | {"lake"}


def test_the_lake_lies_where_it_is_told_and_an_earlier_day_knows_less(bianque: Run, tmp_path: Path) -> None:
    said = bianque(
        "assess", BULLETINS, "--out", tmp_path / "o", "--lake", tmp_path / "l", "--as-of 2020-01-24"
    )  # fmt: skip
    assert said.code == 0
    assert "1,287 confirmed, 41 deaths" in said.out
    assert not (tmp_path / "o" / "lake").exists()
    situation = json.loads((tmp_path / "o" / "situation.json").read_bytes())
    assert (situation["as_of"], situation["dates"][-1]) == ("2020-01-24", "2020-01-24")


def test_assessing_twice_changes_nothing(bianque: Run, tmp_path: Path) -> None:
    first = bianque("assess", BULLETINS, "--out", tmp_path / "o")
    before = {name: (tmp_path / "o" / name).read_bytes() for name in WRITTEN}
    assert bianque("assess", BULLETINS, "--out", tmp_path / "o") == first
    assert {name: (tmp_path / "o" / name).read_bytes() for name in WRITTEN} == before


def test_a_feed_whose_file_is_not_there_is_named_and_the_rest_is_used(
    bianque: Run, example: Path, tmp_path: Path
) -> None:
    toml = (example / "emergency.toml").read_text("utf-8")
    second = toml[toml.index("[[feed]]") :].replace("nhc-bulletins", "second").replace("curve.csv", "absent.csv")
    (example / "emergency.toml").write_text(toml + second, "utf-8")
    said = bianque("assess", example, "--out", tmp_path / "o")
    assert said.code == 0
    assert "absent.csv: feed 'second' cannot be read" in said.err
    assert "--data" in said.err


@pytest.mark.parametrize(
    ("day", "says", "remedy"),
    [
        ("24.01.2020", "--as-of '24.01.2020' is no date", "YYYY-MM-DD"),
        ("2020-02-30", "--as-of '2020-02-30' is no date", "YYYY-MM-DD"),
        ("20200124", "--as-of '20200124' is no date", "YYYY-MM-DD"),
        ("9999-12-31", "--as-of 9999-12-31 is in the future: today is", "give a day up to"),
        ("2019-12-31", "as of 2019-12-31", "later --as-of"),
    ],
)
def test_a_day_that_is_none_too_early_or_has_not_come_is_bad_input(
    day: str, says: str, remedy: str, bianque: Run, tmp_path: Path
) -> None:
    said = bianque("assess", BULLETINS, "--out", tmp_path / "o", "--as-of", day)
    assert said.code == 2
    assert says in said.err
    assert remedy in said.err
    assert not (tmp_path / "o" / "situation.json").exists()


def test_nothing_usable_is_exit_code_2_with_the_first_reason_and_where_the_rows_are(
    bianque: Run, example: Path, tmp_path: Path
) -> None:
    (example / "curve.csv").write_text("date,confirmed,deaths\n24/01/2020,5,0\n25/01/2020,9,0\n", "utf-8")
    said = bianque("assess", example, "--out", tmp_path / "o")
    assert said.code == 2
    assert "curve.csv: '24/01/2020' is no date of the form %Y-%m-%d; it fits %d/%m/%Y (line 2)" in said.err
    assert "kept: every rejected row, with its reason, in the lake's quarantine" in said.err
    assert "what to do: correct emergency.toml or the files" in said.err
    (kept,) = (tmp_path / "o" / "lake" / "quarantine").glob("*.csv")
    assert kept.read_text("utf-8").count("curve.csv") == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[situation]", "[situation"), "emergency.toml"),
        (('id = "china', 'iid = "china'), "situation.iid: Extra inputs are not permitted"),
        (("disease =", "diseases ="), "situation.disease: Field required"),
        (('measures = { confirmed = "confirmed", deaths = "deaths" }', ""), "needs region and measures"),
        (('confirmed = "confirmed"', 'confirmed = "cases"'), "no column 'cases'; the header has 'date', 'confirmed'"),
        (('regions = "cn"', 'regions = "fips.csv"'), "fips.csv"),
        (('level = "province"', 'level = "planet"'), "levels: district, prefecture, province"),
        (("start = 2020-01-20", 'start = "soon"'), "situation.start"),
        (("mean = 7.5", "mean = 0.5"), "situation.serial_interval.mean"),
        (("mean = 7.5", "mean = 1e9"), "situation.serial_interval.mean"),
        (
            ("start = 2020-01-20", "start = 1900-01-01"),
            "situation.start: a picture from 1900-01-01 would have 43,871",
        ),
        (('level = "province"', 'level = "province"\nshapes = "curve.csv"'), "situation.shapes: "),
        (('level = "province"', 'level = "province"\nshapes = "map.json"'), "situation.shapes: "),
        (('file = "curve.csv"', 'file = "curve\\u0000.csv"'), "holds a NUL character"),
    ],
)
def test_a_mistake_in_emergency_toml_names_the_file_the_field_and_what_to_do(
    change: tuple[str, str], says: str, bianque: Run, example: Path, tmp_path: Path
) -> None:
    toml = (example / "emergency.toml").read_text("utf-8")
    assert change[0] in toml
    (example / "emergency.toml").write_text(toml.replace(*change, 1), "utf-8")
    said = bianque("assess", example, "--out", tmp_path / "o")
    assert said.code == 2
    assert says in said.err
    assert "what to do: " in said.err
    assert "Traceback" not in said.err


def test_a_folder_without_an_emergency_toml_is_named(bianque: Run, tmp_path: Path) -> None:
    said = bianque("assess", tmp_path, "--out", tmp_path / "o")
    assert said.code == 2
    assert f"{tmp_path / 'emergency.toml'}: there is no such file" in said.err


def test_an_out_folder_that_is_a_file_is_said_so(bianque: Run, tmp_path: Path) -> None:
    (tmp_path / "o").write_text("mine")
    said = bianque("assess", BULLETINS, "--out", tmp_path / "o")
    assert said.code == 2
    assert str(tmp_path / "o") in said.err
    assert (tmp_path / "o").read_text() == "mine"
