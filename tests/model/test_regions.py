"""Which place does a text mean?"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.model.errors import BadEmergencyFile, UnknownRegion
from bianque.model.regions import Region, RegionSystem, china, contains, from_file

CHINA = china()
CODES = st.sampled_from(sorted(CHINA.regions))


@pytest.mark.parametrize(
    "text", ["420000", "湖北省", "湖北", "Hubei", "hubei", " HUBEI ", "CN-HB", "cn-hb", "４２００００", "湖北省\u3000"]
)
def test_a_province_is_known_by_code_full_short_english_and_iso_name_however_typed(text: str) -> None:
    assert CHINA.resolve(text).code == "420000"


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("武汉市", None, "420100"),
        ("武汉", "prefecture", "420100"),
        ("恩施土家族苗族自治州", None, "422800"),
        ("吉林", "province", "220000"),
        ("吉林市", "prefecture", "220200"),
        ("台湾省", "province", "710000"),
        ("香港", "province", "810000"),
    ],
)
def test_names_of_gb_t_2260_lead_to_their_code(text: str, level: str | None, code: str) -> None:
    assert CHINA.resolve(text, level=level).code == code


def test_a_name_of_two_places_is_ambiguous_until_the_level_is_given() -> None:
    """Jilin is a province and a city in it."""
    with pytest.raises(UnknownRegion, match="ambiguous region '吉林'") as error:
        CHINA.resolve("吉林")
    assert "220000 吉林省" in error.value.what
    assert "220200 吉林市" in error.value.what
    assert "give the level of the feed" in error.value.remedy
    assert CHINA.resolve("吉林", level="province").code == "220000"


@pytest.mark.parametrize(("text", "level"), [("Atlantis", None), ("", None), ("武汉市", "province"), ("4201", None)])
def test_a_text_that_names_nothing_is_unknown_and_never_guessed(text: str, level: str | None) -> None:
    with pytest.raises(UnknownRegion, match="unknown region") as error:
        CHINA.resolve(text, level=level)
    assert repr(text) in error.value.what
    assert "use the region's code" in error.value.remedy


def meant_by(text: str, level: str | None = None) -> Region | None:
    """The region a text names, or None where it names none or several."""
    try:
        return CHINA.resolve(text, level=level)
    except UnknownRegion:
        return None


@given(CODES)
def test_every_code_means_its_region_and_every_full_name_no_other_one_of_its_level(code: str) -> None:
    region = CHINA[code]
    namesakes = [r for r in CHINA.at(region.level) if region.name_zh in (r.name_zh, r.short_zh, r.name_en)]
    assert meant_by(code) == region
    assert meant_by(region.name_zh, region.level) == (region if namesakes == [region] else None)


def test_the_crosswalk_holds_together() -> None:
    """34 provinces, each with an ISO code of its own; every other region lies in one of its province's code."""
    provinces = CHINA.at("province")
    assert len(provinces) == 34
    assert len({p.iso_3166_2 for p in provinces}) == 34
    assert all(p.iso_3166_2.startswith("CN-") and p.parent == "" for p in provinces)
    assert [p.code for p in provinces if p.population is None and p.code < "710000"] == []
    for region in CHINA.regions.values():
        assert len(region.code) == 6
        assert region.code.isdigit()
        assert region.name_zh
        assert region.name_en
        if region.level != "province":
            assert region.parent in CHINA
            assert region.code[:2] == region.parent[:2]


def test_the_levels_of_the_four_municipalities_are_districts() -> None:
    assert {CHINA[code].level for code in CHINA.regions if code[:2] in ("11", "12", "31", "50")} == {
        "province", "district",
    }  # fmt: skip


def test_the_files_of_early_2020_name_only_known_provinces_and_cities(shared: Path) -> None:
    """shared/data/surveillance: GB/T 2260 codes of 34 provinces and 296 cities."""
    with gzip.open(shared / "surveillance" / "cn_covid_province_daily.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert CHINA.resolve(row["province"], level="province").code == row["provinceCode"]
    name = "cn_city_panel_outflow_search_to_20200205.csv.gz"
    with gzip.open(shared / "surveillance" / name, "rt", encoding="utf-8") as file:
        unknown = {row["city_cn"] for row in csv.DictReader(file) if row["city_code"] not in CHINA}
    assert unknown == {"昌都"}  # the file has no code for it: -1


def test_a_region_has_a_name_for_each_language_the_short_one_in_chinese() -> None:
    assert (CHINA["420000"].name("zh-CN"), CHINA["420000"].name("en")) == ("湖北", "Hubei")
    assert Region("X", "甲县", "Alpha", "county").name("zh-CN") == "甲县"


def test_a_code_means_its_region_even_where_another_place_is_called_so() -> None:
    mine = RegionSystem({r.code: r for r in (Region("7", "七", "7th", "ward"), Region("X", "甲", "7", "ward"))}, "mine")
    assert mine.resolve(" 7 ", level="ward").code == "7"
    assert mine.resolve("7th").code == "7"
    with pytest.raises(UnknownRegion):
        mine.resolve("7", level="county")


def test_a_system_with_one_more_region_leaves_the_first_as_it_was() -> None:
    more = CHINA.with_regions([Region("CN", "全国", "Mainland China", "whole")])
    assert more.resolve("Mainland China").code == "CN"
    assert "CN" not in CHINA


def test_regions_of_one_s_own_come_from_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(
        b"\xef\xbb\xbfcode,level,name_zh,name_en,population\nA1,county,\xe7\x94\xb2,Alpha,5000\nB2,county,,Beta,\n"
    )
    system = from_file(file)
    assert (system["A1"].population, system["B2"].population) == (5000, None)
    assert system.source == "mine.csv"
    assert [region.code for region in system.at("county")] == ["A1", "B2"]


@pytest.mark.parametrize(
    ("content", "says", "remedy"),
    [
        (b"code,name_zh,name_en\nA,a,a\n", "missing column level", "code, parent, level"),
        (b"code,level,name_zh,name_en\nA,c,a,a\n\nA,c,b,b\n", "line 4: code 'A' is given twice", "codes unique"),
        (b"code,level,name_zh,name_en\n,c,a,a\n", "line 2: the code is empty", "one line per region"),
        (b"code,level,name_zh,name_en\nA\n", "line 2: region 'A' has no level", "with a code and a level"),
        (b"code,level,name_zh,name_en\nA,c,a,a,b\n", "line 2: there are more fields than the header", "one line"),
        (b"code,level,name_zh,name_en\nA/1,c,a,a\n", "line 2: code 'A/1' cannot be part of a page's address", "one"),
        (b"code,level,name_zh,name_en\nA#1,c,a,a\n", "line 2: code 'A#1' cannot be part of a page's address", "one"),
        (b"code,level,name_zh,name_en\nA.json,c,a,a\n", "line 2: code 'A.json' cannot be part of a page's", "one"),
        (b"code,level,name_zh,name_en\nA,c," + b"a" * (17 << 20), "after line 1: field larger than", "quotation mark"),
        (b"code,level,name_zh,name_en,population\nA,c,a,a,many\n", "population 'many' of 'A' is no whole", "one line"),
        ("code,level,name_zh,name_en,population\nA,c,a,a,²\n".encode(), "population '²' of 'A' is no whole", "one"),
        (b"code,level,name_zh,name_en,population\nA,c,a,a," + b"9" * 5000, "of 'A' is no whole number", "one line"),
        (b"code,level,name_zh,name_en\nA,c,\xff\xfe,a\n", "cannot be read", "UTF-8"),
        (None, "cannot be read", "UTF-8"),
    ],
)
def test_a_region_file_that_cannot_be_used_is_named_with_line_and_remedy(
    content: bytes | None, says: str, remedy: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(BadEmergencyFile) as error:
        from_file(tmp_path / "mine.csv")
    assert "mine.csv" in error.value.what
    assert says in error.value.what
    assert remedy in error.value.remedy


@given(st.text(max_size=8), st.sampled_from([None, "province", "prefecture", "district"]))
def test_no_text_whatever_gives_anything_but_a_region_of_the_level_or_a_reason(text: str, level: str | None) -> None:
    region = meant_by(text, level)
    assert region is None or level in (None, region.level)


def test_a_system_without_regions_knows_none() -> None:
    with pytest.raises(UnknownRegion):
        RegionSystem({}, "nothing").resolve("A")


@pytest.mark.parametrize(
    ("whole", "code", "lies_in"),
    [
        ("420000", "420100", True),
        ("420000", "420000", True),
        ("421000", "421002", True),
        ("421000", "421100", False),
        ("421000", "420000", False),
        ("420000", "430100", False),
        ("DE", "DE212", True),
        ("DE212", "DE", False),
    ],
)
def test_a_region_lies_in_another_by_its_code(whole: str, code: str, lies_in: bool) -> None:
    """GB/T 2260: two digits each for province, prefecture and county; NUTS: longer codes are parts."""
    assert contains(whole, code) is lies_in
