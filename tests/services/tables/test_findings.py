"""Signals, what was not assessed, change points, importation, published figures."""

from __future__ import annotations

import csv
import io

import pytest

from bianque.model.emergency_file import PublishedPart
from bianque.model.situation import ChangePoint, NotAssessed, PublishedCheck, Situation
from bianque.model.text import Text
from bianque.services import numerals
from bianque.services.tables import findings


def test_a_signal_says_what_was_observed_expected_and_by_how_much(today: Situation) -> None:
    table = findings.signals(today, "en")
    shown = [s for s in today.signals if s.observed is not None]
    assert shown
    for signal, row in zip(today.signals, csv.DictReader(io.StringIO(table.csv())), strict=True):
        assert row["date"] == signal.date.isoformat()
        if signal.observed is not None:
            assert float(row["excess"]) == signal.excess
            assert float(row["threshold"]) < float(row["observed"])


def test_a_signal_of_a_small_place_is_listed_without_its_figures(today: Situation) -> None:
    table = findings.signals(today, "en")
    row = next(row for row in csv.DictReader(io.StringIO(table.csv())) if row["code"] == "C")
    assert {row[key] for key in ("observed", "expected", "threshold", "excess")} == {numerals.HIDDEN}
    assert table.rule == today.disclosure_rule


def test_what_was_not_assessed_names_a_few_regions_and_counts_the_others(today: Situation) -> None:
    codes = [r.code for r in today.regions]
    unknown = NotAssessed(
        date=today.last_date, regions=codes, feed="cases", measure="confirmed", method="ears_c2", reason="count_unknown"
    )
    (row,) = findings.not_assessed(today, "en", found=[unknown], named=1).rows
    assert row[0].text == "the count of the day is unknown"
    assert row[1].text == "Alpha and 3 more"
    assert row[1].value == "A B C D"
    (row,) = findings.not_assessed(today, "zh-CN", found=[unknown]).rows
    assert row[1].text.endswith("丁县")


def change(situation: Situation, **changes: object) -> ChangePoint:
    given: dict[str, object] = {
        "date": situation.last_date, "region": "A", "name": Text(zh="甲县", en="Alpha"), "observed": 900.0,
        "expected": 50.5, "upper": 200.0, "kind": "detected", "reason": Text(zh="跳升", en="a jump"),
        "source": "changepoint",
    }  # fmt: skip
    return ChangePoint.model_validate({**given, **changes})


def test_a_change_point_says_what_transmission_explains_and_whether_it_was_announced(today: Situation) -> None:
    found = [change(today), change(today, kind="declared", source="Bulletin 5")]
    detected, declared = findings.change_points(today, "en", found=found).rows
    assert [cell.text for cell in detected[2:6]] == ["900", "50.5", "200.0", "detected, to be confirmed"]
    assert (detected[7].text, declared[7].text) == ("one-day jump test", "Bulletin 5")


def test_a_hidden_change_point_is_marked_and_an_unknown_expectation_is_not(today: Situation) -> None:
    hidden = change(today, region="B", observed=None, expected=None, upper=None)
    unknown = change(today, expected=None, upper=None)
    first, second = findings.change_points(today, "en", found=[hidden, unknown]).rows
    assert [cell.text for cell in first[2:5]] == [numerals.HIDDEN] * 3
    assert [cell.text for cell in second[2:5]] == ["900", numerals.UNKNOWN, numerals.UNKNOWN]


def test_destinations_are_ranked_with_interval_share_and_source(today: Situation) -> None:
    table = findings.importation(today, "en")
    assert [cell.value for cell in table.column("rank")] == [1, 2, 3]
    assert table.column("destination")[0].text == "Delta"
    expected = [cell.value for cell in table.column("expected_arrivals")]
    assert expected == sorted(expected, key=lambda value: -float(str(value)))
    assert table.column("expected_arrivals")[0].bar == 1.0
    assert table.column("origin")[0].text == "Alpha"


def test_the_interval_of_an_index_has_the_digits_it_needs_and_that_of_persons_whole_persons(today: Situation) -> None:
    row = today.importation[0].model_copy(update={"expected": 0.0154, "lower": 0.0004, "upper": 0.03})
    index = row.model_copy(update={"unit": "index"})
    notes = [cell.note for cell in findings.importation(today, "en", found=[row, index]).column("expected_arrivals")]
    assert notes == ["0–0", "0.0004–0.03"]


def test_the_bars_of_two_travel_feeds_have_their_own_scales(today: Situation) -> None:
    small = [row.model_copy(update={"feed": "index", "expected": row.expected / 1e4}) for row in today.importation]
    table = findings.importation(today, "en", found=[*today.importation, *small])
    bars = [cell.bar for cell in table.column("expected_arrivals")]
    assert bars[: len(small)] == pytest.approx(bars[len(small) :])


def test_a_published_figure_shows_its_parts_and_three_verdicts(today: Situation) -> None:
    """National Health Commission bulletin of 12 February 2020."""
    check = PublishedCheck(
        name=Text(zh="累计确诊", en="Confirmed"), date=today.last_date, total=44653,
        parts=[PublishedPart(name=Text(zh=en, en=en), value=value)
               for en, value in (("under treatment", 38800), ("cured", 4740), ("dead", 1113))],
        parts_sum=44653, adds_up=True, of_which=[PublishedPart(name=Text(zh="重症", en="severe"), value=8204)],
        in_data=44730.0, agrees=False, note=None, source="NHC",
    )  # fmt: skip
    alone = check.model_copy(update={"parts": [], "of_which": [], "adds_up": None, "in_data": None, "agrees": None})
    (row, bare) = findings.published(today, "en", found=[check, alone]).rows
    assert row[3].text == "38,800 under treatment + 4,740 cured + 1,113 dead"
    assert row[3].note == "of which: 8,204 severe"
    assert [row[4].state, row[6].state] == ["yes", "no"]
    assert [bare[4].text, bare[5].text, bare[6].text] == ["cannot be checked", numerals.UNKNOWN, "cannot be checked"]
