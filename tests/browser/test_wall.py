"""The wall at work in a browser: a person is found; an identity is approved by two, read by one, and overseen."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bianque.lake.store import Lake
from bianque.safeguard import second_factor
from bianque.services import lakes
from bianque.services.exercise_register import ExerciseRegister, exercise_register
from tests.conftest import Serving

from .conftest import LANGUAGES, WIDE, check, visit
from .test_log_in import NARROW, give

pytestmark = pytest.mark.browser

STEP_SECONDS = 30  # RFC 6238: a code counts once, and a clock may be a step ahead


@dataclass
class Centre:
    """A served exercise, and the people who log in to it."""

    url: str
    browser: Browser
    exercise: ExerciseRegister
    used: dict[str, int] = field(default_factory=dict)

    def told(self, login: str):  # type: ignore[no-untyped-def]
        return next(one for one in self.exercise.told if one.login == login)

    def code(self, login: str) -> str:
        """A code that was not used yet."""
        step = max(int(time.time()) // STEP_SECONDS, self.used.get(login, 0) + 1)
        self.used[login] = step
        at = dt.datetime.fromtimestamp(step * STEP_SECONDS, dt.UTC)
        return second_factor.code(self.told(login).secret, at)

    def log_in(self, login: str, work_for: str = "", *, javascript: bool = True) -> Page:
        """Whoever can work for one thing only is asked for none."""
        context = self.browser.new_context(java_script_enabled=javascript)
        page = context.new_page()
        page.goto(f"{self.url}/login?lang=en")
        give(page, login=login, password=self.told(login).password)
        give(page, code=self.code(login))
        if work_for:
            page.get_by_role("button", name=work_for).click()
        return page

    def approve(self, page: Page, login: str) -> None:
        """The release that waits, with a second factor of this moment."""
        page.goto(f"{self.url}/prove?lang=en&back=/approvals")
        give(page, code=self.code(login))
        page.goto(f"{self.url}/approvals?lang=en")
        form = page.locator("#releases form").first
        form.locator("input[type=password]").fill(self.told(login).password)
        form.get_by_role("button", name="Approve").click()
        expect(page.locator(".receipt")).to_contain_text("Your approval")


@pytest.fixture(scope="module")
def centre(
    browser: Browser,
    exercise_lake: Path,
    tmp_path_factory: pytest.TempPathFactory,
    serving_with: Serving,
) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("wall") / "register"
    lake: Lake = lakes.open_lake(exercise_lake)
    made = exercise_register(folder, lake, dt.datetime.now(dt.UTC), people=300)
    with serving_with(folder, exercise_lake) as url:
        yield Centre(url, browser, made)


def test_from_the_log_in_to_the_desk(centre: Centre, axe: str) -> None:
    tracer = centre.log_in("tracer", "contact tracing", javascript=False)
    tracer.goto(f"{centre.url}/people?lang=en")
    give(tracer, value=centre.exercise.phone)
    expect(tracer.locator("h1")).to_contain_text("One person was found")
    assert centre.exercise.phone not in tracer.url
    tracer.get_by_role("link", name="Open").first.click()
    expect(tracer.locator("main table")).to_contain_text(centre.exercise.phone)

    command = centre.log_in("command", "publication", javascript=False)
    expect(command.locator("h1")).to_contain_text("2 matters")
    outreach = command.locator("#outreach form")
    outreach.locator("input[name=reason]").fill("the wording is right")
    outreach.get_by_role("button", name="Approve").click()
    expect(command.locator(".receipt")).to_contain_text("is approved")
    centre.approve(command, "command")
    tracer.goto(f"{centre.url}/releases?lang=en")
    expect(tracer.locator("main")).to_contain_text("approved by one")
    officer = centre.log_in("officer", "oversight")
    centre.approve(officer, "officer")

    tracer.goto(f"{centre.url}/releases?lang=en")
    tracer.locator("main input[type=password]").fill(centre.told("tracer").password)
    tracer.get_by_role("button", name="Read").click()
    expect(tracer.locator("main table")).to_contain_text("154")

    officer.goto(f"{centre.url}/desk?lang=en")
    expect(officer.locator("#reads")).to_contain_text("reading what a re-identification released")
    expect(officer.locator("#refused")).to_contain_text("whose follow-up is assigned to them")
    expect(officer.locator("#rights")).to_contain_text("a copy of my record")
    expect(officer.locator("#forms")).to_contain_text("household survey")
    expect(officer.locator("#notices")).to_contain_text("break-glass")
    expect(officer.locator("#releases")).not_to_contain_text("approved by one")
    attempts = officer.locator("#refused tbody a").first.get_attribute("href") or ""
    attempts = attempts.replace("lang=en&", "")
    assert attempts.startswith("/desk/refusals?account=")
    worker = centre.log_in("community-worker", javascript=False)
    expect(worker.locator("h1")).to_contain_text("12 persons are assigned to you")
    pages: tuple[tuple[Page, tuple[str, ...]], ...] = (
        (tracer, ("/people", "/releases", "/access")),
        (command, ("/approvals",)),
        (officer, ("/desk", attempts)),
        (worker, ("/people",)),
    )
    for one, paths in pages:
        with_script = centre.browser.new_context()
        with_script.add_cookies([dict(cookie) for cookie in one.context.cookies()])  # type: ignore[arg-type]
        for path in paths:
            for language in LANGUAGES:
                for size in (WIDE, NARROW):
                    check(visit(with_script, centre.url + path, language, size), centre.url, axe)
        with_script.close()
        one.context.close()
