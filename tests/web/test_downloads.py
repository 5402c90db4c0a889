"""Each page as JSON, each table as CSV, each chart as SVG."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import httpx
import pytest

from bianque.model.situation import Situation
from bianque.services import numerals

TABLES = ("regions", "series", "forecast", "signals", "not_assessed", "change_points", "importation", "published")
TABLES += ("feeds", "receipts", "rows")


@pytest.fixture(scope="module")
def situation(reader: httpx.Client) -> Situation:
    return Situation.model_validate(reader.get("/situation.json").json())


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("table", TABLES)
def test_each_table_is_a_csv_with_the_same_columns_in_both_languages(reader: httpx.Client, table: str) -> None:
    chinese, english = (reader.get(f"/tables/{table}.csv", params={"lang": tag}) for tag in ("zh-CN", "en"))
    rows_of(chinese)
    header = english.content.decode("utf-8-sig").splitlines()[0]
    assert chinese.content.decode("utf-8-sig").splitlines()[0] == header
    assert header.isascii()


def test_the_regions_csv_has_every_region_with_plain_numbers(reader: httpx.Client, situation: Situation) -> None:
    rows = {row["code"]: row for row in rows_of(reader.get("/tables/regions.csv"))}
    assert set(rows) == {region.code for region in situation.regions}
    for region in situation.regions:
        row = rows[region.code]
        if "total" in region.hidden:
            assert row["total"] == numerals.HIDDEN
        elif region.total is None:
            assert row["total"] == ""
        else:
            assert float(row["total"]) == region.total
        if region.growth.value is not None:
            assert float(row["growth"]) == region.growth.value
            assert float(row["growth_lower"]) == region.growth.lower


@pytest.mark.parametrize(
    "path", ["/situation.json", "/wall.json", "/data.json", "/rows.json", "/definitions.json", "/regions/999012.json"]
)
def test_each_page_is_json_too(reader: httpx.Client, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()


def test_the_whole_picture_is_the_documented_file(reader: httpx.Client) -> None:
    given = reader.get("/situation.json").json()
    assert given["schema_version"] == "1.0"
    assert Situation.model_validate(given).model_dump(mode="json") == given


def test_what_the_rule_for_small_counts_hides_is_in_no_download(reader: httpx.Client, situation: Situation) -> None:
    """The rule is stated with the table, and the facts behind the figures obey it."""
    small = [r for r in situation.regions if r.hidden_dates]
    assert small, "the exercise has small places, else this test says nothing"
    for region in small:
        page = reader.get(f"/regions/{region.code}", params={"lang": "en"}).text
        assert situation.disclosure_rule.en in page
        hidden = {day.isoformat() for day in region.hidden_dates}
        series = rows_of(reader.get("/tables/series.csv", params={"region": region.code}))
        assert {row["new"] for row in series if row["date"] in hidden} == {numerals.HIDDEN}
        facts = rows_of(reader.get("/tables/rows.csv", params={"region": region.code, "measure": "confirmed"}))
        shown = {row["date"]: row["value"] for row in facts}
        for day in hidden:
            assert not shown[day].isdigit()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("chart", ["cumulative", "daily", "reproduction", "growth", "map"])
def test_each_chart_is_an_svg_with_a_title_and_no_style(reader: httpx.Client, chart: str, language: str) -> None:
    answer = reader.get(f"/charts/{chart}.svg", params={"lang": language})
    assert answer.headers["content-type"] == "image/svg+xml"
    drawing = ElementTree.fromstring(answer.text)
    assert drawing.find("{http://www.w3.org/2000/svg}title") is not None
    assert not [element for element in drawing.iter() if "style" in element.attrib or element.tag.endswith("script")]


def test_the_map_has_every_county_once(reader: httpx.Client, situation: Situation) -> None:
    shapes = reader.get("/shapes.json").json()
    codes = [feature["properties"]["code"] for feature in shapes["features"]]
    assert sorted(codes) == sorted(region.code for region in situation.regions)


def test_a_quarantine_is_downloaded_with_line_field_and_reason(reader: httpx.Client) -> None:
    receipts = reader.get("/data.json").json()["receipts"]
    assert receipts
    rows = rows_of(reader.get(f"/data/quarantine/{receipts[0]['id']}.csv"))
    assert len(rows) == receipts[0]["quarantined"]


def test_the_report_is_served_as_assess_writes_it(reader: httpx.Client) -> None:
    answer = reader.get("/report.html")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_table_can_be_had_for_one_region(reader: httpx.Client, situation: Situation) -> None:
    signalled = situation.signals[0].region
    rows = rows_of(reader.get("/tables/signals.csv", params={"region": signalled}))
    assert rows
    assert {row["code"] for row in rows} == {signalled}
    assert reader.get("/tables/signals.csv", params={"region": "nowhere"}).status_code == 404
