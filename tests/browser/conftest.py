"""A headless Chromium; without one on the machine these tests are skipped, and the last line says so."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bianque.model.authority import Role
from tests.readers import LoggedIn, Staff

WEIGHT_LIMIT = 600_000  # bytes on the wire, page and all it needs, nothing cached
PAINT_LIMIT = 1000  # ms to the first contentful paint
LANGUAGES = ("zh-CN", "en")
WIDE = (1440, 900)
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="package")  # its event loop ends with these tests: others run their own
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on this machine: `make debian` as root installs it")
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that root in a container does not have; all pages are ours.
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return AXE.read_text("utf-8")


@pytest.fixture(scope="package")
def epidemiologist(staff: Staff) -> LoggedIn:
    return staff.log_in(Role.EPIDEMIOLOGIST)


@pytest.fixture
def fresh(browser: Browser, epidemiologist: LoggedIn) -> Iterator[BrowserContext]:
    """A browser of somebody logged in."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    bring(context, epidemiologist)
    yield context
    context.close()


def bring(context: BrowserContext, who: LoggedIn) -> None:
    """Give a browser the cookie of somebody's session; it goes to every port of this machine."""
    context.add_cookies(
        [{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"} for name, value in who.cookies.items()]
    )


@dataclass
class Visit:
    """One page in a fresh browser, and everything it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    bytes_received: float = 0.0

    def open(self, url: str) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._received)
        self.page.goto(url, wait_until="load")
        if self.page.locator("[data-curve], [data-map]").count():
            self.page.wait_for_selector("html[data-drawn]", state="attached")

    def _received(self, event: dict[str, float]) -> None:
        self.bytes_received += event["encodedDataLength"]


def visit(context: BrowserContext, url: str, language: str, size: tuple[int, int] = WIDE) -> Visit:
    made = Visit(context.new_page())
    made.page.set_viewport_size({"width": size[0], "height": size[1]})
    made.open(f"{url}{'&' if '?' in url else '?'}lang={language}")
    return made


def check(made: Visit, home: str, axe: str) -> None:
    """No request elsewhere, no complaint, no violation, nothing wider than the screen."""
    page = made.page
    assert {url for url in made.requests if not url.startswith((home, "data:"))} == set()
    assert made.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(axe)
    violations = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']})"
        ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' '))]))"
    )
    assert violations == []


def painted(page: Page) -> float:
    """Milliseconds to the first contentful paint. Asked again and again: to wait for it, a browser would have to
    evaluate text in the page, which the pages forbid.
    """
    ends = time.monotonic() + 10
    asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
    while (found := page.evaluate(asked)) is None:
        assert time.monotonic() < ends, "nothing was painted"
        page.wait_for_timeout(20)
    return float(found)
