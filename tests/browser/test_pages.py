"""What a reader's browser makes of the pages: fast, quiet, at home, open to everybody.

The exercise for the lake's own shapes, China for the vendored map.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bianque.services import lakes
from tests.readers import LoggedIn

from .conftest import LANGUAGES, PAINT_LIMIT, WEIGHT_LIMIT, WIDE, bring, check, painted, visit

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAGES = ("/situation", "/wall", "/regions/999012", "/data", "/rows?region=999012", "/fold", "/definitions")
NARROW = (390, 844)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bulletins_centre(
    tmp_path_factory: pytest.TempPathFactory, serving: Callable[[Path], AbstractContextManager[str]]
) -> Iterator[str]:
    """A command centre over the curve that ships, with the vendored map of China."""
    path = tmp_path_factory.mktemp("bulletins-lake") / "lake"
    lakes.ingest_example(EXAMPLES / "china-2020-bulletins", EXAMPLES, path, dt.date(2026, 1, 1))
    with serving(path) as url:
        yield url


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_at_home_quiet_and_accessible(
    fresh: BrowserContext, command_centre: str, axe: str, path: str, language: str, size: tuple[int, int]
) -> None:
    check(visit(fresh, command_centre + path, language, size), command_centre, axe)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/situation", "/wall"])
def test_the_map_of_china_is_at_home_quiet_and_accessible(
    fresh: BrowserContext, bulletins_centre: str, axe: str, path: str, language: str
) -> None:
    check(visit(fresh, bulletins_centre + path, language), bulletins_centre, axe)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "china:/situation", "china:/wall"])
def test_each_page_is_light_and_painted_within_a_second(
    browser: Browser,
    command_centre: str,
    bulletins_centre: str,
    epidemiologist: LoggedIn,
    path: str,
    language: str,
) -> None:
    """At most five visits, each with an empty cache: the machine that tests does other things too."""
    paints, weights = [], []
    while len(paints) < 5 and min(paints, default=PAINT_LIMIT) >= PAINT_LIMIT:
        context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
        bring(context, epidemiologist)
        url = bulletins_centre + path.removeprefix("china:") if path.startswith("china:") else command_centre + path
        made = visit(context, url, language)
        expect(made.page.locator("h1")).to_be_visible()
        paints.append(painted(made.page))
        weights.append(made.bytes_received)
        context.close()
    print(f"{path} {language}: first contentful paint {min(paints):.0f} ms, {max(weights) / 1000:.0f} kB")
    assert min(paints) < PAINT_LIMIT
    assert max(weights) < WEIGHT_LIMIT


def test_every_curve_and_the_map_are_drawn(fresh: BrowserContext, command_centre: str) -> None:
    page = visit(fresh, command_centre + "/situation", "en").page
    places = page.locator("[data-curve], [data-map]").count()
    assert places == 4
    assert page.locator("[data-curve] canvas, [data-map] canvas").count() == places
    inked = page.evaluate(
        """[...document.querySelectorAll('[data-curve] canvas, [data-map] canvas')].map((canvas) => {
             const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
             return new Set(new Uint32Array(data.buffer)).size;
           })"""
    )
    assert all(colours > 10 for colours in inked)


def test_a_switch_changes_the_map_the_address_and_the_links_without_a_new_page(
    fresh: BrowserContext, command_centre: str
) -> None:
    made = visit(fresh, command_centre + "/situation", "en")
    page = made.page
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Incidence").first.click()
    page.wait_for_url("**metric=incidence**")
    expect(page.locator(".switch [aria-current]").first).to_have_text("Incidence")
    assert page.evaluate("window.same")
    assert "metric=incidence" in str(page.get_by_role("link", name="中文").get_attribute("href"))
    expect(page.locator("[data-map] canvas")).to_have_count(1)
    page.go_back()
    expect(page.locator(".switch [aria-current]").first).to_have_text("Growth")
    assert made.complaints == []


def test_a_region_on_the_map_leads_to_its_page(fresh: BrowserContext, command_centre: str) -> None:
    page = visit(fresh, command_centre + "/situation", "en").page
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".tip b")
    name = page.locator(".tip b").first.inner_text()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/regions/**")
    assert name in page.title()


def test_an_open_page_shows_a_feed_that_comes_in(
    fresh: BrowserContext, exercise_lake: Path, exercise_folder: Path, serving, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    lake, late = tmp_path / "lake", tmp_path / "cases.csv"
    shutil.copytree(exercise_lake, lake)
    lines = (exercise_folder / "cases.csv").read_text("utf-8").splitlines()
    corrected = lines[-1].split(",")
    corrected[2] = str(int(corrected[2]) + 1000)
    late.write_text("\n".join([lines[0], ",".join(corrected)]) + "\n", "utf-8")
    with serving(lake) as url:
        made = visit(fresh, url + "/situation", "en")
        page = made.page
        page.wait_for_selector("#live.on")
        before = json.loads(page.request.get(url + "/situation.json").text())["whole"]["total"]
        page.locator("summary").first.click()
        bianque = str(Path(sys.executable).with_name("bianque"))
        command = [bianque, "ingest", str(late), "--lake", str(lake), "--known-at", "2021-03-03"]
        subprocess.run(command, check=True, capture_output=True)
        expect(page.locator(".tile .value").first).to_have_text(f"{before + 1000:,.0f}", timeout=15_000)
        expect(page.locator("#live")).to_contain_text("New data")
        assert page.locator("details").first.get_attribute("open") is not None
        expect(page.locator("[data-curve] canvas")).to_have_count(3)
        assert made.complaints == []


def test_without_javascript_the_charts_are_pictures_and_the_forms_work(
    browser: Browser, command_centre: str, epidemiologist: LoggedIn
) -> None:
    context = browser.new_context(java_script_enabled=False)
    bring(context, epidemiologist)
    page = context.new_page()
    page.goto(command_centre + "/situation?lang=en")
    assert page.locator("noscript img").count() == 4
    page.fill("#as-of", "2021-02-01")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**as_of=2021-02-01**")
    assert "1 Feb 2021" in page.locator(".meta").first.inner_text()
    context.close()


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(
    fresh: BrowserContext, command_centre: str
) -> None:
    page = visit(fresh, command_centre + "/situation", "en").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#page"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_wall_fits_one_screen(fresh: BrowserContext, command_centre: str) -> None:
    page = visit(fresh, command_centre + "/wall", "en", (1920, 1080)).page
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    sections = "[...document.querySelectorAll('.wall > section')]"
    cut = page.evaluate(f"{sections}.filter(s => s.scrollHeight > s.clientHeight + 1).map(s => s.className)")
    assert cut == []
