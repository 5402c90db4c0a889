"""Logging in with a real browser: a passkey of a virtual authenticator, and forms alone without JavaScript."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bianque.model.authority import Role
from tests.readers import LoggedIn, Staff

from .conftest import LANGUAGES, WIDE, bring, check, visit

NARROW = (360, 740)
OWN = "ferryman-lantern-77-quilt"

pytestmark = pytest.mark.browser


def virtual_authenticator(page: Page) -> None:
    """A key that verifies its user, as a phone or a laptop has one (WebAuthn, 11: user agent automation)."""
    network = page.context.new_cdp_session(page)
    network.send("WebAuthn.enable")
    network.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def give(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.fill(f"#{name}", value)
    page.locator("form.asking button[type=submit]").click()


def test_a_passkey_is_made_at_the_first_log_in_and_is_the_second_factor_of_the_next(
    browser: Browser, command_centre: str, staff: Staff
) -> None:
    home = command_centre.replace("127.0.0.1", "localhost")
    made = staff.hire(Role.EPIDEMIOLOGIST)
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    virtual_authenticator(page)
    page.goto(f"{home}/login?lang=en&back=/wall")
    give(page, login=made.account, password=made.password)
    give(page, new_password=OWN)
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/wall")
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{home}/login?lang=en&back=/wall")
    give(page, login=made.account, password=OWN)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/wall")
    page.goto(f"{home}/prove?lang=en&back=/access")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/access")
    assert complaints == []
    context.close()


def test_without_javascript_one_logs_in_chooses_and_logs_out_with_forms(
    browser: Browser, command_centre: str, staff: Staff
) -> None:
    made = staff.hire(Role.DPO)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{command_centre}/desk?lang=en")
    give(page, login=made.account, password=made.password)
    give(page, new_password=OWN)
    give(page, code=pyotp.TOTP(page.locator("#secret").inner_text()).now())
    expect(page.locator("h1")).to_contain_text("attempts were refused")
    page.goto(f"{command_centre}/access?lang=en")
    page.get_by_role("button", name="Work for this exercise oversight").click()
    page.wait_for_url("**/desk**")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    context.close()


@pytest.fixture(scope="module")
def people(staff: Staff) -> dict[Role, LoggedIn]:
    return {role: staff.log_in(role) for role in (Role.COMMAND, Role.DPO, Role.TRACER)}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_of_the_safeguards_is_at_home_quiet_and_accessible(
    browser: Browser,
    command_centre: str,
    axe: str,
    people: dict[Role, LoggedIn],
    language: str,
    size: tuple[int, int],
) -> None:
    pages: list[tuple[Role | None, str]] = [
        (None, "/"),
        (None, "/login"),
        (Role.COMMAND, "/approvals"),
        (Role.DPO, "/desk"),
        (Role.DPO, "/desk/events/1"),
        (Role.TRACER, "/access"),
        (Role.TRACER, "/people"),
        (Role.TRACER, "/prove"),
    ]
    for role, path in pages:
        context: BrowserContext = browser.new_context()
        if role is not None:
            bring(context, people[role])
        check(visit(context, command_centre + path, language, size), command_centre, axe)
        context.close()
