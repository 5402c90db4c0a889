"""Regions today, a region day by day, and the days to come."""

from __future__ import annotations

import csv
import io

import pytest

from bianque.model.situation import Situation
from bianque.services import numerals
from bianque.services.tables import regions
from bianque.services.tables.table import Cell, Table


def cells(table: Table, first: str) -> dict[str, Cell]:
    """The cells of the row that begins with a text, by column."""
    row = next(row for row in table.rows if row[0].text == first)
    return {column.key: cell for column, cell in zip(table.columns, row, strict=True)}


def test_a_region_has_its_figures_with_intervals_and_leads_to_its_page(today: Situation) -> None:
    alpha = cells(regions.regions(today, "en"), "Alpha")
    picture = today.regions[0]
    assert alpha["total"].value == picture.total
    assert (alpha["growth"].lower, alpha["growth"].upper) == (picture.growth.lower, picture.growth.upper)
    assert alpha["growth"].note == numerals.interval(picture.growth.lower, picture.growth.upper, "percent")
    assert alpha["region"].behind is not None
    assert alpha["region"].behind.path == "/regions/A"


def test_what_was_not_assessed_says_why_in_the_readers_language(today: Situation) -> None:
    assert cells(regions.regions(today, "en"), "Delta")["reproduction"].note == "too few cases"
    assert cells(regions.regions(today, "zh-CN"), "丁县")["reproduction"].note == "病例太少"


def test_the_longest_bar_is_the_highest_incidence_and_none_is_drawn_where_it_is_hidden(today: Situation) -> None:
    table = regions.regions(today, "en")
    bars = {row[0].text: cell.bar for row, cell in zip(table.rows, table.column("incidence"), strict=True)}
    known = [bar for bar in bars.values() if bar is not None]
    assert max(known) == 1.0
    assert all(0 <= bar <= 1 for bar in known)
    assert bars["Gamma"] is None


def test_growing_sorts_above_unclear_above_shrinking_and_not_assessed_is_last(today: Situation) -> None:
    trends = ("shrinking", "unknown", "growing", "steady")
    mixed = [r.model_copy(update={"trend": trend}) for r, trend in zip(today.regions, trends, strict=True)]
    table = regions.regions(today.model_copy(update={"regions": mixed}), "en").sorted_by("trend", descending=True)
    assert [cell.state for cell in table.column("trend")] == ["growing", "steady", "shrinking", "unknown"]
    downloaded = csv.DictReader(io.StringIO(table.csv()))
    assert [row["trend"] for row in downloaded] == ["growing", "steady", "shrinking", ""]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_figure_of_a_hidden_sum_is_in_the_download_and_the_rule_goes_with_the_table(
    today: Situation, language: str
) -> None:
    table = regions.regions(today, language)
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(table.csv()))}
    for code in ("B", "C"):
        assert rows[code]["total"] == rows[code]["new_7_days"] == rows[code]["incidence"] == numerals.HIDDEN
    assert rows["D"]["total"] == "0"
    assert table.rule == today.disclosure_rule


def test_the_days_of_a_region_are_listed_newest_first_and_a_hidden_day_is_marked(today: Situation) -> None:
    small = today.regions[2]
    table = regions.series(today, small, "en")
    dates = [cell.value for cell in table.column("date")]
    assert dates == today.dates[::-1]
    marked = {date for date, cell in zip(dates, table.column("new"), strict=True) if cell.hidden and cell.value is None}
    assert marked == set(small.hidden_dates)
    assert table.rule == today.disclosure_rule


def test_the_forecast_table_has_every_model_and_day_with_three_intervals(today: Situation) -> None:
    table = regions.forecast(today.whole, "en")
    assert len(table.rows) == 2 * 14
    for narrow, wide in (("interval_50", "interval_80"), ("interval_80", "interval_95")):
        for inner, outer in zip(table.column(narrow), table.column(wide), strict=True):
            assert outer.lower is not None
            assert inner.lower is not None
            assert outer.lower <= inner.lower
