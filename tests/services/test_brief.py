"""What changed since yesterday, and what needs a decision."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.lake.store import Lake
from bianque.model.situation import ChangePoint, RegionPicture, Situation
from bianque.services import brief, numerals, picture
from tests.readers import OPERATOR


@pytest.fixture(scope="module")
def yesterday(province: Lake, today: Situation) -> Situation:
    return picture.read(OPERATOR, province, today.as_of - dt.timedelta(days=1))


def kinds(found: list[brief.Change] | list[brief.Decision]) -> list[str]:
    return [item.kind for item in found]


def changed(situation: Situation, code: str, **changes: object) -> Situation:
    """The picture with one region otherwise."""
    regions = [r.model_copy(update=changes) if r.code == code else r for r in situation.regions]
    return situation.model_copy(update={"regions": regions})


def region(situation: Situation, code: str) -> RegionPicture:
    return next(r for r in situation.regions if r.code == code)


def test_it_begins_with_the_new_cases_and_the_new_total(today: Situation, yesterday: Situation) -> None:
    first = brief.changes(today, yesterday)[0]
    assert first.kind == "totals"
    new = (today.whole.total or 0) - (yesterday.whole.total or 0)
    assert f"+{numerals.number(new)}, now {numerals.number(today.whole.total)}" in first.text.en
    assert f"累计{numerals.number(today.whole.total)}" in first.text.zh


def test_without_yesterday_there_is_nothing_to_compare(today: Situation) -> None:
    assert brief.changes(today, None) == []


def test_a_day_without_new_data_says_so(today: Situation) -> None:
    (only,) = brief.changes(today, today)
    assert only.text.en.startswith("No new day of case counts")


def test_a_region_with_its_first_cases_is_named(today: Situation, yesterday: Situation) -> None:
    affected = changed(today, "D", total=3.0)
    (found,) = (c for c in brief.changes(affected, yesterday) if c.kind == "newly_affected")
    assert found.regions == ("D",)
    assert "Delta" in found.text.en
    assert found.behind.path == "/regions/D"


def test_a_turn_of_the_trend_is_named_and_its_absence_is_not(today: Situation, yesterday: Situation) -> None:
    before = changed(changed(yesterday, "A", trend="steady"), "C", trend="shrinking")
    now = changed(changed(today, "A", trend="growing"), "C", trend="shrinking")
    found = brief.changes(now, before)
    assert [c.regions for c in found if c.kind == "now_growing"] == [("A",)]
    assert "now_shrinking" not in kinds(found)


def test_a_corrected_past_total_is_named(today: Situation, yesterday: Situation) -> None:
    corrected = region(today, "A").cumulative.copy()
    corrected[5] = (corrected[5] or 0.0) - 1
    found = brief.changes(changed(today, "A", cumulative=corrected), yesterday)
    assert [c.regions for c in found if c.kind == "corrected"] == [("A",)]
    assert "corrected" not in kinds(brief.changes(today, yesterday))


def test_a_feed_that_has_become_late_is_named_once(today: Situation, yesterday: Situation) -> None:
    late = [feed.model_copy(update={"late": feed.id == "travel"}) for feed in today.feeds]
    now = today.model_copy(update={"feeds": late})
    assert kinds(brief.changes(now, yesterday)).count("late") == 1
    assert "late" not in kinds(brief.changes(now, now))


def test_more_than_a_few_regions_are_counted_and_not_listed(today: Situation, yesterday: Situation) -> None:
    many = [region(today, "D").model_copy(update={"code": f"D{n}", "total": 5.0}) for n in range(9)]
    none = [region(yesterday, "D").model_copy(update={"code": f"D{n}"}) for n in range(9)]
    now, before = (s.model_copy(update={"regions": r}) for s, r in ((today, many), (yesterday, none)))
    (found,) = (c for c in brief.changes(now, before) if c.kind == "newly_affected")
    assert len(found.regions) == 9
    assert found.text.en.count("Delta") == brief.NAMED
    assert f"{9 - brief.NAMED} more" in found.text.en


def test_what_the_rule_hides_is_not_said(today: Situation, yesterday: Situation) -> None:
    """Beta has 2 cases on two days and 50,000 residents."""
    texts = [c.text.en for c in brief.changes(today, yesterday)] + [d.why.en for d in brief.decisions(today)]
    assert not any("Beta" in text and any(figure in text for figure in (" 2 ", "+2", "(2")) for text in texts)


def test_decisions_come_in_the_order_in_which_they_should_be_taken(today: Situation) -> None:
    order = ["change_point", "published", "growing", "signalled", "importation", "late", "absent", "quarantine"]
    found = kinds(brief.decisions(today))
    assert {"published", "growing", "importation"} <= set(found)
    assert found == sorted(found, key=order.index)


def test_the_fastest_growing_region_is_asked_about_with_its_figures(today: Situation) -> None:
    decision = next(d for d in brief.decisions(today) if d.kind == "growing")
    alpha = region(today, "A")
    assert decision.text.en == "Alpha: strengthen measures?"
    assert numerals.estimate(alpha.growth, "percent") in decision.why.en
    assert numerals.estimate(alpha.reproduction, "ratio") in decision.why.en
    assert decision.behind.path == "/regions/A"


def test_a_destination_without_cases_is_to_be_warned(today: Situation) -> None:
    decision = next(d for d in brief.decisions(today) if d.kind == "importation")
    assert "Delta" in decision.text.en
    assert "Gamma" not in decision.text.en


def test_a_jump_nobody_announced_is_to_be_confirmed_and_an_announced_one_is_not(today: Situation) -> None:
    alpha = region(today, "A")

    def with_change(kind: str, date: dt.date) -> list[str]:
        change = ChangePoint(
            date=date, region="A", name=alpha.name, observed=900.0, expected=50.0, upper=200.0,
            kind=kind, reason=alpha.name, source="a test",  # type: ignore[arg-type]
        )  # fmt: skip
        return kinds(brief.decisions(today.model_copy(update={"change_points": [change]})))

    assert "change_point" in with_change("detected", today.last_date)
    assert "change_point" not in with_change("declared", today.last_date)
    assert "change_point" not in with_change("detected", today.dates[0])


def test_late_absent_and_quarantined_feeds_are_asked_for(today: Situation) -> None:
    cases, travel = today.feeds
    feeds = [
        cases.model_copy(update={"late": True, "quarantined": 7}),
        travel.model_copy(update={"late": True, "last_receipt": None}),
    ]
    found = {d.kind: d for d in brief.decisions(today.model_copy(update={"feeds": feeds}))}
    assert found["late"].text.en == f"Ask the provider: {cases.name.en}"
    assert found["absent"].behind.path == "/data#feed-travel"
    assert "7" in found["quarantine"].text.en


def test_a_quiet_day_needs_no_decision(today: Situation) -> None:
    quiet = today.model_copy(update={"signals": [], "published": [], "importation": [], "change_points": []})
    quiet = changed(quiet, "A", trend="steady")
    assert brief.decisions(quiet) == []


def test_many_late_feeds_are_asked_for_in_one_line(today: Situation) -> None:
    feeds = [today.feeds[0].model_copy(update={"id": f"f{n}", "late": True}) for n in range(4)]
    (found,) = (d for d in brief.decisions(today.model_copy(update={"feeds": feeds})) if d.kind == "late")
    assert found.text.en.startswith("4 feeds are late")
    assert found.why.zh.count(today.feeds[0].name.zh) == 4
