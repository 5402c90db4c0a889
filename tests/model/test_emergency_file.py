"""emergency.toml: what it may say, and what it is told when it says something else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bianque.model.emergency_file import EmergencyFile, read_emergency, region_system
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

Read = Callable[[str], EmergencyFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def from_text(text: str) -> EmergencyFile:
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
        (("start = 2020-01-20", "start = 0001-01-01"), "situation.start: Input should be greater than or equal to 18"),
        (("mean = 7.5", "mean = 1e9"), "situation.serial_interval.mean: Input should be less than or equal to 365"),
        (("mean = 7.5", "mean = inf"), "situation.serial_interval.mean: Input should be a finite number"),
        (("sd = 3.4", "sd = nan"), "situation.serial_interval.sd: Input should be a finite number"),
        (("sd = 3.4", "sd = 1e9"), "situation.serial_interval.sd: Input should be less than or equal to 365"),
        (('en = "China" }', 'en = "China" }\npopulation = -5'), "situation.whole.population: Input should be greater"),
        (('code = "CN"', 'code = "CN/1"'), "situation.whole.code: Value error, code 'CN/1' cannot be part of a page's"),
        (('known_at = { column = "seen" }', "known_at = { delay_days = 9999999999 }"), "feed.1.known_at.delay_days"),
        (('unit = "index" }', 'unit = "index", days = 9999999999 }'), "feed.1.volume.days: Input should be less than"),
        (('unit = "index" }', 'unit = "index", share_of = 0 }'), "feed.1.volume.share_of: Input should be greater"),
        (('unit = "index" }', 'unit = "index", share_of = nan }'), "feed.1.volume.share_of: Input should be a finite"),
        (('scale = "index"', "scale = -1"), "feed.1.volume.scale: Value error, a number here is above 0"),
        (('scale = "index"', "scale = 0"), "feed.1.volume.scale: Value error, a number here is above 0"),
        (('scale = "index"', "scale = nan"), "feed.1.volume.scale: Value error, a number here is above 0"),
        (('scale = "index"', "scale = inf"), "feed.1.volume.scale: Value error, a number here is above 0"),
        (('file = "cases.csv"', 'file = "a\\u0000.csv"'), "feed.0: Value error, file 'a\\x00.csv'"),
        (('{ column = "date" }', "{ value = 9999-12-31 }"), "feed.0.date.value: Input should be less than or equal"),
        (('{ column = "seen" }', '{ column = "seen", format = "%Q" }'), "feed.1.known_at.format: Value error, '%Q' is"),
    ],
)
def test_a_mistake_is_told_with_its_file_key_and_remedy(change: tuple[str, str], says: str, read: Read) -> None:
    assert change[0] in WHOLE
    with pytest.raises(BadEmergencyFile) as error:
        read(WHOLE.replace(*change, 1))
    assert "emergency.toml: " in error.value.what
    assert says in error.value.what
    assert error.value.remedy


@pytest.mark.parametrize(
    ("form", "good"),
    [
        ("%d.%m.%y", True), ("%Y年%m月%d日", True), ("%Y-%m-%dT%H:%M:%S%z", True), ("%b %d, %Y", True), ("%Y%j", True),
        ("%Q", False), ("%", False), ("%Y %Y", False), ("%d/%m", False), ("", False), ("YYYY-MM-DD", False),
    ],
)  # fmt: skip
def test_a_date_format_has_to_say_a_whole_date(form: str, good: bool, read: Read) -> None:
    text = WHOLE.replace('{ column = "date" }', f'{{ column = "date", format = "{form}" }}', 1)
    if good:
        assert read(text).feed[0].date.format == form
        return
    with pytest.raises(BadEmergencyFile) as error:
        read(text)
    assert f"feed.0.date.format: Value error, {form!r} is no format of a date" in error.value.what


PREVALENCE = """
[[situation.prevalence]]
region = "420100"
date = 2020-01-18
known_at = 2020-01-22
population = 19_000_000
infected = 4000
lower = 1000
upper = 9700
source = "a publication"
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("infected = 4000", "infected = nan"), "infected: Input should be a finite number"),
        (("upper = 9700", "upper = inf"), "upper: Input should be a finite number"),
        (("lower = 1000", "lower = -1"), "lower: Input should be greater than or equal to 0"),
        (("infected = 4000", "infected = 999"), "there must hold: lower ≤ infected ≤ upper ≤ population"),
        (("upper = 9700", "upper = 20_000_000"), "there must hold: lower ≤ infected ≤ upper ≤ population"),
        (("population = 19_000_000", "population = 5000"), "there must hold: lower ≤ infected ≤ upper ≤ population"),
    ],
)
def test_a_prevalence_that_cannot_be_is_refused(change: tuple[str, str], says: str, read: Read) -> None:
    with pytest.raises(BadEmergencyFile) as error:
        read(SITUATION + PREVALENCE.replace(*change) + CASES)
    assert "situation.prevalence.0" in error.value.what
    assert says in error.value.what


def test_a_description_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    (tmp_path / "emergency.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert len(read_emergency(tmp_path).feed) == 2


@pytest.mark.parametrize("text", [f"a = {'9' * 5000}", f"a = {'[' * 5000}{']' * 5000}"])
def test_a_file_no_reader_can_take_in_is_told_and_is_no_defect(text: str, read: Read) -> None:
    with pytest.raises(BadEmergencyFile) as error:
        read(text)
    assert "emergency.toml: " in error.value.what


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
