"""A draft of emergency.toml from a file's header, for a person to correct."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from bianque.model.emergency_file import EmergencyFile
from bianque.model.errors import UnusableFeed
from bianque.services import example, lakes

DAYS = [dt.date(2020, 1, 20) + dt.timedelta(days=n) for n in range(6)]


def drafted(path: Path, lines: list[str]) -> tuple[EmergencyFile, str]:
    path.write_text("\n".join([*lines, ""]), "utf-8")
    text = example.draft(path)
    return EmergencyFile.model_validate(tomllib.loads(text)), text


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


@pytest.mark.parametrize(("form", "other"), [("%d/%m/%Y", "%m/%d/%Y"), ("%d.%m.%Y", "%m.%d.%Y")])
def test_dates_that_could_be_of_either_order_are_to_be_checked(tmp_path: Path, form: str, other: str) -> None:
    days = [dt.date(2020, 2, 1) + dt.timedelta(days=n) for n in range(9)]
    described, text = drafted(tmp_path / "cases.csv", ["day,cases", *(f"{day:{form}},{day.day}" for day in days)])
    assert described.feed[0].date.format == form
    assert f'format = "{form}" }} # CHECK: the dates could as well be "{other}"' in text
    _, text = drafted(tmp_path / "cases.csv", ["day,cases", *(f"{day:{form}},{day.day}" for day in DAYS)])
    assert "the dates could as well be" not in text


def test_a_month_first_date_is_not_taken_for_the_other_order_that_fits_most_rows(tmp_path: Path) -> None:
    days = [dt.date(2020, 2, 1) + dt.timedelta(days=n) for n in range(13)]
    described, text = drafted(tmp_path / "cases.csv", ["day,cases", *(f"{day:%m/%d/%Y},{day.day}" for day in days)])
    assert described.feed[0].date.format == "%m/%d/%Y"
    assert 'CHECK: the dates could as well be "%d/%m/%Y"' in text


@pytest.mark.parametrize("header", ["date,省,市,cases", "date,市,省,cases"])
def test_a_city_beside_its_province_is_the_region_and_the_province_is_named(tmp_path: Path, header: str) -> None:
    places = ["湖北省,武汉市", "湖北省,孝感市", "广东省,广州市", "北京市,北京市"]
    if header.startswith("date,市"):
        places = [",".join(reversed(place.split(","))) for place in places]
    rows = [f"{day},{place},{n}" for n, day in enumerate(DAYS) for place in places]
    described, text = drafted(
        tmp_path / "cases.csv", [header, *rows, f"{DAYS[0]},湖北省,,5" if "省,市" in header else ""]
    )
    (feed,) = described.feed
    assert feed.kind == "case_counts"
    assert feed.region is not None
    assert feed.region.column == "市"
    assert '# CHECK: not the coarser "省"' in text
    assert described.situation.level == "prefecture"


def test_travel_between_cities_with_their_provinces_is_between_the_cities(tmp_path: Path) -> None:
    rows = [f"{day},湖北省,武汉市,{to},{n}" for n, day in enumerate(DAYS) for to in ("湖南省,长沙市", "河南省,信阳市")]
    described, text = drafted(tmp_path / "t.csv", ["date,from_province,from,to_province,to,people", *rows])
    (feed,) = described.feed
    assert feed.origin is not None
    assert feed.destination is not None
    assert (feed.origin.column, feed.destination.column) == ("from", "to")
    assert '# CHECK: not swapped with the destination; not the coarser "from_province"' in text
    assert '# CHECK: not the coarser "to_province"' in text


def test_columns_of_like_names_all_keep_a_measure_of_their_own(tmp_path: Path) -> None:
    rows = [f"{day},1,2,3,4,5,6,7" for day in DAYS]
    header = "date,a b,A-B,a_b,new_confirmed,confirmed,疑似,重症"
    described, _ = drafted(tmp_path / "cases.csv", [header, *rows])
    assert described.feed[0].measures == {
        "a_b": "a b", "a_b_2": "A-B", "a_b_3": "a_b", "confirmed": "new_confirmed", "confirmed_2": "confirmed",
        "value": "疑似", "value_2": "重症",
    }  # fmt: skip


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
