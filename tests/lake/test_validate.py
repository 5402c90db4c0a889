"""Rows: each becomes facts or goes to quarantine with line, field and reason."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.lake.decode import parse_table
from bianque.lake.validate import Quarantined, Validated, validate
from bianque.model.emergency_file import Feed
from bianque.model.regions import RegionSystem

from .conftest import TODAY, cases


def judged(text: str, feed: Feed, regions: RegionSystem) -> Validated:
    return validate(parse_table(text.encode(), "f.csv", feed.columns()), feed, regions, TODAY)


def only_rejection(row: str, regions: RegionSystem, **changes: object) -> Quarantined:
    found = judged(f"date,place,confirmed,dead\n2020-01-23,A1,1,0\n{row}\n", cases(**changes), regions)
    assert len(found.rows) == 1
    (rejected,) = found.quarantined
    assert rejected.line == 3
    assert rejected.text == row
    return rejected


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("2020-01-24,A1,x,0", "confirmed", "the count is no number"),
        ("2020-01-24,A1,-5,0", "confirmed", "negative"),
        ("2020-01-24,A1,1.5,0", "confirmed", "no whole number"),
        ("2020-01-24,A1,inf,0", "confirmed", "no number"),
        ("2020-01-24,A1,1e999,0", "confirmed", "no number"),
        ("2020-01-24,A1,1_000,0", "confirmed", "no number"),
        ("2020-01-24,A1,10000000001,0", "confirmed", "the count is above 10,000,000,000"),
        ("2020-01-24,A1,1e308,0", "confirmed", "the count is above 10,000,000,000"),
        ("2020-01-24,A1,1,1e15", "dead", "above 10,000,000,000"),
        ("2030-01-24,A1,5,0", "date", "in the future"),
        ("0001-01-24,A1,5,0", "date", "0001-01-24 is before 1900-01-01"),
        ("1899-12-31,A1,5,0", "date", "1899-12-31 is before 1900-01-01"),
        ("24/01/2020,A1,5,0", "date", "it fits %d/%m/%Y"),
        ("2020-02-30,A1,5,0", "date", "no date of the form"),
        (",A1,5,0", "date", "no date"),
        ("2020-01-24,Nowhere,5,0", "place", "unknown region"),
        ("2020-01-24,Same,5,0", "place", "ambiguous region 'Same': C1 同名县, C2 同名市"),
        ("2020-01-24,A1,,", "confirmed", "no value in any measure"),
        ("2020-01-24,A1,5", "line", "has 3 fields where the header has 4"),
        ("2020-01-24,A1,5,0,9", "line", "has 5 fields"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_field_and_reason(
    row: str, field: str, says: str, regions: RegionSystem
) -> None:
    rejected = only_rejection(row, regions)
    assert rejected.field == field
    assert says in rejected.reason


@pytest.mark.parametrize("count", ["2人", "-3", "2.5"])
def test_the_reason_quotes_no_count_of_persons_since_every_reader_of_the_pages_sees_it(
    count: str, regions: RegionSystem
) -> None:
    rejected = only_rejection(f"2020-01-24,A1,{count},0", regions)
    assert not any(digit in rejected.reason for digit in "235")


def test_the_reason_quotes_what_counts_no_persons(regions: RegionSystem) -> None:
    assert "'-3' is negative" in only_rejection("2020-01-24,A1,-3,0", regions, kind="search_counts").reason


def test_a_region_of_another_level_than_the_feed_declares_is_set_aside(regions: RegionSystem) -> None:
    rejected = only_rejection("2020-01-24,P,5,0", regions, region={"column": "place", "level": "county"})
    assert "unknown region 'P' at level county" in rejected.reason


def test_a_row_known_before_its_reference_date_is_set_aside(regions: RegionSystem) -> None:
    feed = cases(known_at={"column": "seen"})
    found = judged("date,place,confirmed,dead,seen\n2020-01-24,A1,5,0,2020-01-23\n", feed, regions)
    assert found.quarantined[0].field == "seen"
    assert "before its reference date" in found.quarantined[0].reason


def test_an_empty_cell_is_unknown_and_not_zero(regions: RegionSystem) -> None:
    found = judged("date,place,confirmed,dead\n2020-01-24,A1,5,\n2020-01-25,A1,NA,0\n", cases(), regions)
    assert found.rows.values == {"confirmed": [5.0, None], "deaths": [None, 0.0]}


def test_minus_zero_is_zero(regions: RegionSystem) -> None:
    found = judged("date,place,confirmed,dead\n2020-01-24,A1,-0,-0.0\n", cases(), regions)
    assert [str(column[0]) for column in found.rows.values.values()] == ["0.0", "0.0"]


def test_the_same_row_twice_is_kept_once_and_contradicting_rows_are_all_set_aside(regions: RegionSystem) -> None:
    text = (
        "date,place,confirmed,dead\n2020-01-24,A1,5,0\n2020-01-24,Alpha,5,0\n2020-01-24,B2,7,0\n2020-01-24,Beta,8,0\n"
    )
    found = judged(text, cases(), regions)
    assert found.rows.line == [2]
    assert [(q.line, q.reason) for q in found.quarantined] == [
        (3, "the same row as line 2"),
        (4, "different values for one key in lines 4, 5"),
        (5, "different values for one key in lines 4, 5"),
    ]


def test_rows_the_description_does_not_select_are_outside_and_not_quarantined(regions: RegionSystem) -> None:
    feed = cases(where={"sex": "all"})
    found = judged("date,place,confirmed,dead,sex\n2020-01-24,A1,5,0,all\n2020-01-24,A1,2,0,f\n", feed, regions)
    assert (found.lines, found.outside, len(found.rows), len(found.quarantined)) == (2, 1, 1, 0)


def test_a_flow_is_a_share_of_a_scale_or_a_volume(regions: RegionSystem) -> None:
    described = {
        "kind": "flows",
        "measures": {},
        "region": None,
        "form": "daily",
        "origin": {"value": "A1"},
        "destination": {"column": "place"},
        "volume": {"share": "percent", "scale": "scale", "unit": "index"},
    }
    text = "date,place,percent,scale\n2020-01-24,B2,25,8\n2020-01-25,B2,101,8\n2020-01-26,B2,5,\n"
    text += "2020-01-27,B2,5,1e11\n"
    found = judged(text, cases(**described), regions)
    assert (found.rows.places, found.rows.values) == ([("A1", "B2")], {"volume": [2.0]})
    assert [q.reason for q in found.quarantined] == [
        "a share of 101 is more than the whole, 100",
        "no volume",
        "'1e11' is above 10,000,000,000",
    ]


cell = st.one_of(
    st.sampled_from(["2020-01-24", "24.01.2020", "2031-01-01", "A1", "Alpha", "Same", "5", "-1", "", "0", "7.5", "x"]),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='",\ufffd'), max_size=6),
)


@given(st.lists(st.tuples(cell, cell, cell, cell), max_size=30))
def test_every_record_is_accounted_for_exactly_once(rows: list[tuple[str, str, str, str]]) -> None:
    from bianque.model.regions import Region

    system = RegionSystem({"A1": Region("A1", "甲县", "Alpha", "county")}, "one region")
    text = "date,place,confirmed,dead\n" + "".join(",".join(row) + "\n" for row in rows)
    found = judged(text, cases(), system)
    lines = found.rows.line + [q.line for q in found.quarantined]
    assert len(lines) == len(set(lines)) == found.lines - found.outside
    assert all(day <= TODAY for day in found.rows.reference_date)
    assert all(value is None or value >= 0 for values in found.rows.values.values() for value in values)
    assert all(q.reason and q.field for q in found.quarantined)


@given(st.dates(dt.date(1990, 1, 1), TODAY), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%Y年%m月%d日", "%Y%m%d"]))
def test_a_date_written_in_the_declared_form_is_read_back(day: dt.date, order: str) -> None:
    from bianque.model.regions import Region

    system = RegionSystem({"A1": Region("A1", "甲县", "Alpha", "county")}, "one region")
    feed = cases(date={"column": "date", "format": order})
    found = judged(f"date,place,confirmed,dead\n{day.strftime(order)},A1,1,0\n", feed, system)
    assert found.rows.reference_date == [day]
