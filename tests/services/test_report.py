"""One file that needs nothing else, in both languages, with the figures of the picture and nothing that is hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from bianque import __version__
from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.situation import Situation
from bianque.services import definitions, numerals, picture, report
from tests.readers import OPERATOR

LANGUAGES = ("zh-CN", "en")


@dataclass
class Read:
    """What a reader of one language finds: tables by caption, headings, figures, the whole text."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[int, str]] = field(default_factory=list)
    svg_titles: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    """Splits a report into what each language says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.of: dict[str, Read] = {}
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.tags: list[str] = []
        self.unscoped = 0
        self._language: str | None = None
        self._caption = ""
        self._cell: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.hrefs += [value for key, value in given.items() if key in ("href", "src", "xlink:href")]
        if tag == "article":
            self._language = given["lang"]
            self.of[self._language] = Read()
        if tag == "th" and "scope" not in given:
            self.unscoped += 1
        if tag == "tr" and self._language:
            self.of[self._language].tables[self._caption].append([])
        if tag in ("td", "th", "caption", "h1", "h2", "h3", "title"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._cell).strip()
        if self._language:
            read = self.of[self._language]
            if tag == "caption":
                self._caption = text
                read.tables[text] = []
            elif tag in ("td", "th"):
                read.tables[self._caption][-1].append(text)
            elif tag == "table":
                read.after[self._caption] = ""
            elif tag in ("h1", "h2", "h3"):
                read.headings.append((int(tag[1]), text))
            elif tag == "title":
                read.svg_titles.append(text)
            elif tag == "section":
                self._caption = ""
            elif tag == "article":
                self._language = None

    def handle_data(self, data: str) -> None:
        self._cell.append(data)
        if self._language:
            read = self.of[self._language]
            read.text += data
            if self._caption in read.after:
                read.after[self._caption] += data


@pytest.fixture(scope="module")
def html(province: Lake, today: Situation) -> str:
    return report.render(today, picture.shapes(province))


@pytest.fixture(scope="module")
def read(html: str) -> _Reader:
    return _Reader(html)


def rows(read: _Reader, language: str, title: str) -> dict[str, list[str]]:
    """The rows of a table by what stands first in them."""
    caption = catalogue.text(f"table_{title}", language)
    found = next(rows for name, rows in read.of[language].tables.items() if name.startswith(caption))
    return {row[0]: row for row in found}


def test_the_page_needs_no_script_and_fetches_nothing(html: str, read: _Reader) -> None:
    assert html.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & set(read.tags)
    assert all(target.startswith("#") for target in read.hrefs)
    assert "url(" not in html
    assert "@import" not in html
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_every_link_leads_somewhere_on_the_page_and_ids_are_unique(read: _Reader) -> None:
    assert len(read.ids) == len(set(read.ids))
    assert {target[1:] for target in read.hrefs} <= set(read.ids)


def test_both_languages_are_in_the_file_chinese_shown_first(html: str, read: _Reader, today: Situation) -> None:
    assert list(read.of) == ["zh-CN", "en"]
    for language in LANGUAGES:
        assert today.headline.in_language(language) in read.of[language].text
        assert today.headline.in_language("en" if language == "zh-CN" else "zh-CN") not in read.of[language].text
    checked = [line for line in html.splitlines() if "checked" in line and "<input" in line]
    assert len(checked) == 1
    assert "language-zh-CN" in checked[0]


def test_both_languages_have_the_same_sections_figures_and_rows(read: _Reader) -> None:
    chinese, english = read.of["zh-CN"], read.of["en"]
    assert [level for level, _ in chinese.headings] == [level for level, _ in english.headings]
    assert [len(rows) for rows in chinese.tables.values()] == [len(rows) for rows in english.tables.values()]
    assert len(chinese.svg_titles) == len(english.svg_titles)


def test_headings_go_down_one_level_at_a_time(read: _Reader) -> None:
    levels = [level for level, _ in read.of["en"].headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(now - before <= 1 for before, now in pairwise(levels))


def test_every_table_has_a_caption_and_scoped_headers(read: _Reader) -> None:
    assert read.unscoped == 0
    assert read.tags.count("table") == read.tags.count("caption")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_from_a_file_is_text_and_never_markup(html: str, read: _Reader, language: str) -> None:
    name = "Beta<script>alert(1)</script>" if language == "en" else "乙县<script>alert(1)</script>"
    assert name in rows(read, language, "regions")
    assert any(title.startswith(f"{name}: ") for title in read.of[language].svg_titles)
    assert any(
        cell.startswith("Cases <b>" if language == "en" else "病例<b>") for cell in rows(read, language, "feeds")
    )
    assert "<script" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_are_those_of_the_picture(read: _Reader, today: Situation, language: str) -> None:
    whole = today.whole
    text = read.of[language].text
    for value in (numerals.number(whole.total), numerals.number(whole.new_7_days), numerals.number(whole.deaths_total)):
        assert value in text
    assert numerals.number(whole.reproduction.value, "ratio") in text
    alpha = today.regions[0]
    row = rows(read, language, "regions")[alpha.name.in_language(language)]
    assert numerals.number(alpha.total) in row
    assert numerals.number(alpha.deaths_total) in row
    shown = numerals.number(alpha.growth.value, "percent")
    assert shown + numerals.interval(alpha.growth.lower, alpha.growth.upper, "percent") in row


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_counts_are_hidden_and_the_rule_stands_under_every_table_it_touches(
    read: _Reader, today: Situation, language: str
) -> None:
    name = today.regions[1].name.in_language(language)
    row = rows(read, language, "regions")[name]
    assert row.count(numerals.HIDDEN) >= 3  # total, 7 days, incidence
    rule = today.disclosure_rule.in_language(language)
    for title in ("regions", "signals", "series"):
        caption = catalogue.text(f"table_{title}", language, region=today.whole.name.in_language(language))
        assert rule in read.of[language].after[caption], title


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_was_expected_of_travel_what_is_defined_how_and_with_which_software(
    read: _Reader, today: Situation, language: str
) -> None:
    text = read.of[language].text
    for figure in definitions.OF_PICTURE:
        assert definitions.name(figure).in_language(language) in text
        assert definitions.parts(figure)["formula"].in_language(language) in text
    assert numerals.day(today.as_of, language) in text
    assert today.serial_interval.in_language(language) in text
    assert __version__ in text
    assert catalogue.text("method_rt_cori", language) in text
    ranked = rows(read, language, "importation")
    assert [row[1] for row in list(ranked.values())[1:]] == [
        arrival.name.in_language(language) for arrival in today.importation
    ]


def test_a_published_figure_that_does_not_agree_is_shown_as_such_and_asked_about(read: _Reader) -> None:
    table = read.of["en"].tables[catalogue.text("table_published", "en")]
    assert catalogue.text("verdict_no", "en") in table[1]
    assert "Check the published figure: Confirmed, 20 Mar 2025" in read.of["en"].text


def test_without_regions_or_shapes_it_says_that_there_is_no_map(bulletins: Lake) -> None:
    read = _Reader(report.render(picture.read(OPERATOR, bulletins), None))
    assert catalogue.text("report_map_none", "en") in read.of["en"].text
    assert catalogue.text("importation_none", "zh-CN") in read.of["zh-CN"].text


def test_china_weighs_less_than_600_kb_and_a_long_ranking_names_its_first_30_and_the_file_with_all(
    china_24_january: Situation,
) -> None:
    html = report.render(china_24_january, None)
    assert len(html.encode()) < 600_000
    read = _Reader(html)
    cities, provinces = (
        rows
        for name, rows in read.of["en"].tables.items()
        if name.startswith(catalogue.text("table_importation", "en"))
    )
    assert len(cities) == len(provinces) == 31
    of_cities = [row for row in china_24_january.importation if row.feed == "wuhan-outflow-cities"]
    assert f"First 30 of {len(of_cities)} rows. All of them are in importation.csv." in read.of["en"].text
    # The volumes of the provinces are an index: no number of persons is given for them.
    assert catalogue.text("col_expected_arrivals", "en") not in provinces[0]
    assert catalogue.text("report_index", "en") in read.of["en"].text
