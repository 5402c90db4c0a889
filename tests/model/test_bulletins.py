"""The facts that ship: the national curve of 20 January to 11 February 2020, and the bulletin of 11 February."""

from __future__ import annotations

import csv
import datetime as dt
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from bianque.model.emergency_file import read_emergency

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# National Health Commission, daily bulletins: confirmed/deaths, cumulative, 24:00 of each day.
PUBLISHED = (
    "291/6, 440/9, 571/17, 830/25, 1287/41, 1975/56, 2744/80, 4515/106, 5974/132, 7711/170, 9692/213, 11791/259, "
    "14380/304, 17205/361, 20438/425, 24324/490, 28018/563, 31161/636, 34546/722, 37198/811, 40171/908, 42638/1016, "
    "44653/1113"
)
FIRST = dt.date(2020, 1, 20)


def shipped() -> dict[dt.date, tuple[int, int]]:
    text = files("bianque.model").joinpath("bulletins", "china-2020.csv").read_text("utf-8")
    return {
        dt.date.fromisoformat(row["date"]): (int(row["confirmed"]), int(row["deaths"]))
        for row in csv.DictReader(text.splitlines())
    }


def test_the_23_days_are_the_published_ones() -> None:
    published = {
        FIRST + dt.timedelta(days=n): tuple(int(figure) for figure in pair.split("/"))
        for n, pair in enumerate(PUBLISHED.split(", "))
    }
    assert len(published) == 23
    assert shipped() == published


def test_totals_never_fall() -> None:
    for before, after in pairwise(shipped().values()):
        assert before[0] < after[0]
        assert before[1] < after[1]


def test_the_compiled_file_differs_on_three_days_by_at_most_89_confirmed_and_in_no_death(shared: Path) -> None:
    """shared/data/surveillance/cn_national_daily.csv derives the mainland of 7 to 9 February by subtraction."""
    with (shared / "surveillance" / "cn_national_daily.csv").open(encoding="utf-8") as file:
        compiled = {dt.date.fromisoformat(row["date"]): row for row in csv.DictReader(file)}
    confirmed = {day: int(float(compiled[day]["mainland_confirmed"])) - ours[0] for day, ours in shipped().items()}
    deaths = {day: int(float(compiled[day]["mainland_dead"])) - ours[1] for day, ours in shipped().items()}
    off = {day.isoformat(): difference for day, difference in confirmed.items() if difference}
    assert set(off) == {"2020-02-07", "2020-02-08", "2020-02-09"}
    assert max(abs(difference) for difference in off.values()) == 89
    assert set(deaths.values()) == {0}


@pytest.mark.parametrize("example", ["china-2020", "china-2020-bulletins"])
def test_the_bulletin_of_11_february_adds_up(example: str) -> None:
    """44,653 = 38,800 under treatment (8,204 of them severe) + 4,740 cured + 1,113 dead."""
    confirmed, deaths, suspected, contacts = read_emergency(EXAMPLES / example).situation.published
    assert [part.value for part in confirmed.parts] == [38800, 4740, 1113]
    assert sum(part.value for part in confirmed.parts) == confirmed.total == 44653
    assert [part.value for part in confirmed.of_which] == [8204]
    assert (deaths.total, suspected.total, contacts.total) == (1113, 16067, 451462)
    assert [part.value for part in contacts.of_which] == [185037]
    assert all(total.source for total in (confirmed, deaths, suspected, contacts))
    assert shipped()[confirmed.date] == (confirmed.total, deaths.total)
