"""Order, choice of columns, CSV and JSON of any table."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from bianque.services import numerals
from bianque.services.tables.table import Cell, Column, Table


@pytest.fixture
def table() -> Table:
    columns = [
        Column("region", sortable=True),
        Column("date"),
        Column("total", "number", sortable=True),
        Column("growth", "number", ends=True, sortable=True),
    ]
    day = dt.date(2020, 2, 11)
    rows = [
        [Cell("B", "B"), Cell(day, "11 Feb 2020"), Cell(44653.0, "44,653"), Cell(-0.084, "−8.4%", -0.129, -0.039)],
        [Cell("A", "A"), Cell(day, "11 Feb 2020"), Cell(None, numerals.HIDDEN, hidden=True), Cell(None, "–")],
        [Cell("D", "D"), Cell(day, "11 Feb 2020"), Cell(0.0, "0"), Cell(0.2, "+20.0%", -0.1, 0.5)],
        [Cell("C", "C"), Cell(day, "11 Feb 2020"), Cell(None, numerals.UNKNOWN), Cell(0.0, "0.0%", -0.3, 0.3)],
    ]
    return Table("regions", "Regions", columns, rows)


def order(table: Table) -> list[object]:
    return [row[0].value for row in table.rows]


def test_unknown_and_hidden_come_last_whichever_way_the_table_is_sorted(table: Table) -> None:
    assert order(table.sorted_by("total", descending=True)) == ["B", "D", "A", "C"]
    assert order(table.sorted_by("total", descending=False)) == ["D", "B", "A", "C"]
    assert order(table.sorted_by("growth", descending=True)) == ["D", "C", "B", "A"]


def test_names_sort_as_text_and_an_unsortable_column_changes_nothing(table: Table) -> None:
    assert order(table.sorted_by("region", descending=False)) == ["A", "B", "C", "D"]
    assert table.sorted_by("date", descending=True) is table
    assert table.sorted_by("no such column", descending=True) is table


def test_csv_has_plain_numbers_iso_dates_both_ends_a_mark_where_hidden_and_nothing_where_unknown(table: Table) -> None:
    rows = list(csv.DictReader(io.StringIO(table.csv())))
    assert list(rows[0]) == ["region", "date", "total", "growth", "growth_lower", "growth_upper"]
    assert list(rows[0].values()) == ["B", "2020-02-11", "44653", "-0.084", "-0.129", "-0.039"]
    assert [row["total"] for row in rows] == ["44653", numerals.HIDDEN, "0", ""]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil.example")', "+1", "-2+3", "@SUM(A1)", "\t=1", "＝1"])
def test_a_name_that_a_spreadsheet_would_run_as_a_formula_is_text_and_numbers_stay_numbers(name: str) -> None:
    table = Table("t", "T", [Column("region"), Column("growth")], [[Cell(name, name), Cell(-0.084, "−8.4%")]])
    (row,) = csv.DictReader(io.StringIO(table.csv(), newline=""))
    assert row == {"region": f"'{name}", "growth": "-0.084"}


def test_json_says_the_same_as_csv(table: Table) -> None:
    assert table.records()[0] == {
        "region": "B",
        "date": dt.date(2020, 2, 11),
        "total": 44653.0,
        "growth": -0.084,
        "growth_lower": -0.129,
        "growth_upper": -0.039,
    }
    assert [record["total"] for record in table.records()] == [44653.0, numerals.HIDDEN, 0.0, None]


def test_a_narrower_table_has_the_same_rows_with_the_columns_asked_for(table: Table) -> None:
    narrow = table.only("growth", "region")
    assert [column.key for column in narrow.columns] == ["growth", "region"]
    assert [[cell.text for cell in row] for row in narrow.first(2).rows] == [["−8.4%", "B"], ["–", "A"]]
    assert [cell.value for cell in table.column("region")] == order(table)
