"""emergency.toml: what it may say, and what it is told when it says something else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bianque.model.emergency import Emergency, read_emergency, region_system
from bianque.model.errors import BadEmergencyFile

SITUATION = """
[situation]
id = "test"
name = { zh = "测试", en = "Test" }
disease = { zh = "病", en = "disease" }
start = 2020-01-20
level = "province"

[situation.whole]
code = "CN"
name = { zh = "全国", en = "China" }

[situation.serial_interval]
mean = 7.5
sd = 3.4
source = "a publication"
"""
CASES = """
[[feed]]
id = "cases"
kind = "case_counts"
file = "cases.csv"
name = { zh = "病例", en = "Cases" }
source = "a test"
date = { column = "date" }
region = { column = "place" }
measures = { confirmed = "n" }
"""
FLOWS = """
[[feed]]
id = "flows"
kind = "flows"
file = "flows.csv"
name = { zh = "流动", en = "Flows" }
source = "a test"
date = { column = "date" }
origin = { value = "420100" }
destination = { column = "to" }
volume = { share = "percent", scale = "index", unit = "index" }
where = { day = "1" }
known_at = { column = "seen" }
"""
WHOLE = SITUATION + CASES + FLOWS
EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*/emergency.toml"))

Read = Callable[[str], Emergency]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def from_text(text: str) -> Emergency:
        (tmp_path / "emergency.toml").write_text(text, "utf-8")
        return read_emergency(tmp_path)

    return from_text


def test_a_description_is_read_with_its_defaults(read: Read) -> None:
    emergency = read(WHOLE)
    assert (emergency.situation.regions, emergency.situation.start) == ("cn", dt.date(2020, 1, 20))
    cases, flows = emergency.feed
    assert (cases.form, cases.known_at.delay_days, cases.before_first, cases.late_after_days) == (
        "daily", 0, "unknown", 2,
    )  # fmt: skip
    assert cases.columns() == ["date", "n", "place"]
    assert flows.columns() == ["date", "seen", "day", "to", "percent", "index"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_worked_examples_can_be_read(path: Path) -> None:
    emergency = read_emergency(path.parent)
    assert emergency.feed
    system = region_system(emergency.situation, path.parent)
    assert system.at(emergency.situation.level)
    assert emergency.situation.whole.code in system


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[situation]", "[situation"), "Expected ']'"),
        (("level =", "levels ="), "situation.levels: Extra inputs are not permitted"),
        (('id = "test"', 'id = "A Test"'), "situation.id: String should match pattern"),
        (("start = 2020-01-20", 'start = "yesterday"'), "situation.start: Input should be a valid date"),
        (('en = "disease"', 'fr = "maladie"'), "situation.disease.fr"),
        (("mean = 7.5", "mean = 0.9"), "situation.serial_interval.mean: Input should be greater than 1"),
        (("sd = 3.4", "distribution = [0, 0.5, 0.5]"), "give mean and sd, or distribution, not both"),
        (("mean = 7.5\nsd = 3.4", "distribution = [0.1, 0.9]"), "whose weight must be 0"),
        (("mean = 7.5\nsd = 3.4", "distribution = [0, 0.5]"), "distribution must sum to 1"),
        (("mean = 7.5\nsd = 3.4", "distribution = []"), "situation.serial_interval"),
        (("start = 2020-01-20", "start = 2020-01-20\nend = 2020-01-19"), "situation: Value error, end is before start"),
        (("start = 2020-01-20", 'start = 2020-01-20\nshapes = "../map.json"'), "situation.shapes"),
        (('kind = "case_counts"', 'kind = "cases"'), "feed.0.kind: Input should be 'case_counts', 'flows'"),
        (('file = "cases.csv"', 'file = "/etc/passwd"'), "must lie inside the data folder"),
        (('file = "cases.csv"', 'file = "a/../../b.csv"'), "must lie inside the data folder"),
        (('file = "cases.csv"', 'file = "bulletins:../regions_cn"'), "must lie inside the tables that ship"),
        (('file = "cases.csv"', 'file = "bulletins:/etc/passwd"'), "must lie inside the tables that ship"),
        (('date = { column = "date" }\nregion', "date = {}\nregion"), "feed.0.date: Value error, give column or value"),
        (
            ('region = { column = "place" }', 'region = { column = "place", value = "CN" }'),
            "feed.0.region: Value error",
        ),
        (('region = { column = "place" }\n', ""), "a case_counts feed needs region and measures"),
        (('measures = { confirmed = "n" }', "measures = {}"), "a case_counts feed needs region and measures"),
        (('measures = { confirmed = "n" }', 'measures = { confirmed = "n" }\nbefore_first = "zero"'), "region.level"),
        (('measures = { confirmed = "n" }', 'measures = { confirmed = "n" }\norigin = { value = "CN" }'), "no origin"),
        (('scale = "index", ', ""), "give column, or share and scale"),
        (('destination = { column = "to" }\n', ""), "a flows feed needs origin, destination and volume"),
        (('where = { day = "1" }', 'where = { day = "1" }\nmeasures = { n = "n" }'), "no region and no measures"),
        (('id = "flows"', 'id = "cases"'), "feed id given twice: cases"),
        (('known_at = { column = "seen" }', "known_at = { delay_days = -1 }"), "feed.1.known_at.delay_days"),
    ],
)
def test_a_mistake_is_told_with_its_file_key_and_remedy(change: tuple[str, str], says: str, read: Read) -> None:
    assert change[0] in WHOLE
    with pytest.raises(BadEmergencyFile) as error:
        read(WHOLE.replace(*change, 1))
    assert "emergency.toml: " in error.value.what
    assert says in error.value.what
    assert error.value.remedy


def test_several_mistakes_are_told_at_once(read: Read) -> None:
    with pytest.raises(BadEmergencyFile) as error:
        read(WHOLE.replace("mean = 7.5", "mean = 0").replace('kind = "flows"', 'kind = "rivers"'))
    assert "situation.serial_interval.mean" in error.value.what
    assert "feed.1.kind" in error.value.what


def test_a_file_that_is_no_utf_8_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "emergency.toml").write_bytes(WHOLE.encode("gb18030"))
    with pytest.raises(BadEmergencyFile) as error:
        read_emergency(tmp_path)
    assert error.value.remedy == "write valid TOML in UTF-8"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('level = "province"', 'level = "planet"'), "situation.level: no region of GB/T 2260 has the level 'planet'"),
        (('level = "province"', 'level = "province"\noutside = ["99"]'), "situation.outside: '99' is no code"),
        (('level = "province"', 'level = "province"\nregions = "mine.csv"'), "mine.csv"),
    ],
)
def test_a_region_system_that_does_not_fit_is_told(
    change: tuple[str, str], says: str, read: Read, tmp_path: Path
) -> None:
    emergency = read(WHOLE.replace(*change, 1))
    with pytest.raises(BadEmergencyFile) as error:
        region_system(emergency.situation, tmp_path)
    assert says in error.value.what
