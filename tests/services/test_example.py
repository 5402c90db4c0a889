"""A draft of emergency.toml from a file's header, for a person to correct."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from bianque.model.emergency import Emergency
from bianque.model.errors import UnusableFeed
from bianque.services import example, lakes

DAYS = [dt.date(2020, 1, 20) + dt.timedelta(days=n) for n in range(6)]


def drafted(path: Path, lines: list[str]) -> tuple[Emergency, str]:
    path.write_text("\n".join([*lines, ""]), "utf-8")
    text = example.draft(path)
    return Emergency.model_validate(tomllib.loads(text)), text


def test_a_table_of_cases_by_province_is_described_and_can_be_taken_in_at_once(tmp_path: Path) -> None:
    rows = [f"{day},{name},{10 * n},{n}" for n, day in enumerate(DAYS) for name in ("湖北省", "广东省")]
    described, text = drafted(tmp_path / "cases.csv", ["date,province,confirmed,dead", *rows])
    (feed,) = described.feed
    assert (feed.kind, feed.form) == ("case_counts", "cumulative")
    assert feed.region is not None
    assert feed.region.column == "province"
    assert feed.measures == {"confirmed": "confirmed", "deaths": "dead"}
    assert "CHECK" in text
    (tmp_path / "emergency.toml").write_text(text, "utf-8")
    (receipt,) = lakes.ingest_example(tmp_path, tmp_path, tmp_path / "lake", dt.date(2020, 2, 1)).receipts
    assert (receipt.accepted, receipt.quarantined) == (12, 0)


def test_numbers_that_fall_are_daily_counts(tmp_path: Path) -> None:
    rows = [f"{day},{count}" for day, count in zip(DAYS, (5, 9, 2, 4, 8, 1), strict=True)]
    described, _ = drafted(tmp_path / "cases.csv", ["日期,确诊", *rows])
    assert described.feed[0].form == "daily"
    assert described.feed[0].measures == {"confirmed": "确诊"}


def test_the_order_of_day_and_month_is_found_from_the_rows(tmp_path: Path) -> None:
    rows = [f"{day:%d/%m/%Y},{n}" for n, day in enumerate(DAYS)]
    described, _ = drafted(tmp_path / "cases.csv", ["day,cases", *rows])
    assert described.feed[0].date.format == "%d/%m/%Y"


def test_two_columns_of_places_are_travel_between_them(tmp_path: Path) -> None:
    rows = [f"{day},武汉市,{to},{100 * n}" for n, day in enumerate(DAYS) for to in ("孝感市", "黄冈市")]
    described, _ = drafted(tmp_path / "travel.csv", ["date,from_city,to_city,people", *rows])
    (feed,) = described.feed
    assert feed.kind == "flows"
    assert feed.origin is not None
    assert feed.destination is not None
    assert (feed.origin.column, feed.destination.column) == ("from_city", "to_city")
    assert feed.volume is not None
    assert feed.volume.column == "people"


def test_a_name_beside_its_code_is_one_place_and_not_travel(tmp_path: Path) -> None:
    rows = [f"{day},420000,湖北省,{n}" for n, day in enumerate(DAYS)]
    described, _ = drafted(tmp_path / "cases.csv", ["date,code,province,cases", *rows])
    assert described.feed[0].kind == "case_counts"
    assert described.feed[0].region is not None
    assert described.feed[0].region.column == "code"


@pytest.mark.parametrize(("name", "kind"), [("baidu_search_index.csv", "search_counts"), ("发热门诊.csv", "visits")])
def test_searches_and_visits_are_told_from_the_name(tmp_path: Path, name: str, kind: str) -> None:
    rows = [f"{day},湖北省,{50 - n}" for n, day in enumerate(DAYS)]
    described, _ = drafted(tmp_path / name, ["date,province,count", *rows])
    assert described.feed[0].kind == kind


def test_a_file_without_dates_is_refused_with_what_its_header_has(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("province,cases\n湖北省,5\n", "utf-8")
    with pytest.raises(UnusableFeed) as error:
        example.draft(tmp_path / "a.csv")
    assert "'province', 'cases'" in error.value.what
