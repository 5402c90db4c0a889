"""Logging in without JavaScript, and everything that must not work."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pyotp
import pytest

from bianque.model.authority import Role
from bianque.services import release_keys, sessions
from tests.readers import LoggedIn, Staff, now

from .browsing import form, send

OWN = "ferryman-lantern-77-quilt"


@pytest.fixture
def stranger(command_centre: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=command_centre, timeout=30, params={"lang": "en"}) as client:
        yield client


def first_log_in(client: httpx.Client, staff: Staff, role: Role, back: str = "/") -> httpx.Response:
    """The whole first log-in, in forms."""
    made = staff.hire(role)
    page = client.get("/login", params={"back": back})
    page = send(client, page, "/login", login=made.account, password=made.password)
    page = send(client, page, "/login/password", new_password=OWN)
    assert "<svg" in page.text, "the QR code"
    secret = page.text.partition('<code id="secret">')[2].partition("<")[0]
    return send(client, page, "/login/enrol", code=pyotp.TOTP(secret).now())


def test_a_first_log_in_goes_through_password_and_second_factor_to_where_the_reader_wanted_to_be(
    stranger: httpx.Client, staff: Staff
) -> None:
    asked = stranger.get("/wall", follow_redirects=True)
    assert asked.url.path == "/login"
    page = first_log_in(stranger, staff, Role.EPIDEMIOLOGIST, back=asked.url.params["back"])
    assert page.status_code == 200
    assert page.url.path == "/wall"
    assert "epidemiologist-" in page.text


def test_an_epidemiologist_begins_the_day_with_the_situation_and_the_dpo_at_the_desk(
    command_centre: str, staff: Staff
) -> None:
    for role, begins in ((Role.EPIDEMIOLOGIST, "/situation"), (Role.DPO, "/access"), (Role.ADMINISTRATOR, "/access")):
        with httpx.Client(base_url=command_centre, timeout=30) as client:
            assert first_log_in(client, staff, role, back="").url.path == begins, role


def test_the_cookie_is_for_this_server_alone_and_no_script_reads_it(stranger: httpx.Client, staff: Staff) -> None:
    first_log_in(stranger, staff, Role.EPIDEMIOLOGIST)
    (cookie,) = [one for one in stranger.cookies.jar if one.name == "bianque-session"]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert cookie.path == "/"
    assert cookie.expires is None


def test_a_wrong_login_and_a_wrong_password_are_answered_alike(stranger: httpx.Client, staff: Staff) -> None:
    made = staff.hire(Role.EPIDEMIOLOGIST)
    page = stranger.get("/login")
    answers = [
        send(stranger, page, "/login", login=login, password="not the password of anybody")
        for login in (made.account, "nobody-of-that-name")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text
    assert "not the password" not in answers[0].text


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/%5cevil.example/../..//evil.example",
        "javascript:alert(1)",
        "/login",
        "/logout",
        "\t//evil.example",
        "/" + "a" * 600,
    ],
)
def test_a_log_in_never_leads_to_another_server_or_in_a_circle(stranger: httpx.Client, back: str) -> None:
    page = stranger.get("/login", params={"back": back})
    led = form(page, "/login").fields["back"]
    assert led == "" or (led.startswith("/") and not led.startswith(("//", "/\\", "/login", "/logout")))
    assert "evil.example" not in led.partition("?")[0].partition("/")[0]


def test_a_session_that_somebody_planted_is_not_the_one_that_is_logged_in(stranger: httpx.Client, staff: Staff) -> None:
    """Session fixation: what the browser brought is never what it has after the log-in."""
    planted = "planted-by-somebody-else"
    stranger.cookies.set("bianque-session", planted)
    first_log_in(stranger, staff, Role.EPIDEMIOLOGIST)
    kept = [one.value for one in stranger.cookies.jar if one.name == "bianque-session" and one.value != planted]
    assert kept
    address = stranger.base_url.join("/situation")
    assert httpx.get(address, cookies={"bianque-session": planted}).status_code == 303


def test_logging_out_ends_the_session_for_whoever_kept_its_cookie(command_centre: str, staff: Staff) -> None:
    who = staff.log_in(Role.EPIDEMIOLOGIST)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies) as client:
        page = client.get("/situation?lang=en")
        assert send(client, page, "/logout").url.path == "/"
    assert httpx.get(f"{command_centre}/situation", cookies=who.cookies).status_code == 303


def test_a_form_that_was_not_made_for_this_session_is_refused(command_centre: str, staff: Staff) -> None:
    """Cross-site request forgery by a page that the browser takes for ours: it cannot know the session's token."""
    who, other = staff.log_in(Role.COMMAND), staff.log_in(Role.COMMAND)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies) as client:
        for data in ({}, other.form, {"form_token": ""}):
            assert client.post("/logout", data=data).status_code == 403
            assert client.post("/approvals/figures", data=data).status_code == 403
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/logout", data=who.form, headers=foreign).status_code == 403
        assert client.get("/situation").status_code == 200


def test_a_log_in_form_of_another_site_is_refused(stranger: httpx.Client) -> None:
    answer = stranger.post("/login", data={"login": "a", "password": "b"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "{{7*7}}", "' OR 1=1 --", "<img src=x onerror=alert(1)>"]
)
def test_what_a_stranger_types_is_shown_as_text_or_not_at_all(stranger: httpx.Client, typed: str) -> None:
    page = send(stranger, stranger.get("/login"), "/login", login=typed, password=typed)
    assert page.status_code == 422
    for text in (page.text, stranger.get("/login", params={"back": typed}).text):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert ">49<" not in text


def test_a_proof_puts_the_session_under_another_token_and_leads_back(command_centre: str, staff: Staff) -> None:
    who = staff.log_in(Role.EPIDEMIOLOGIST)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies) as client:
        page = client.get("/access/authenticator?lang=en", follow_redirects=True)
        assert page.url.path == "/access/authenticator", "just proved"
        proving = client.get("/prove?back=/access&lang=en")
        proved = send(client, proving, "/prove", code=who.next_code())
        assert proved.url.path == "/access"
    assert httpx.get(f"{command_centre}/access", cookies=who.cookies).status_code == 303, "under another token now"


def test_one_ends_another_session_of_ones_own(command_centre: str, staff: Staff) -> None:
    who = staff.log_in(Role.EPIDEMIOLOGIST)
    with (
        httpx.Client(base_url=command_centre, timeout=30, params={"lang": "en"}) as other,
        httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies, params={"lang": "en"}) as client,
    ):
        page = send(other, other.get("/login"), "/login", login=who.account, password=who.password)
        send(other, page, "/login/code", code=who.next_code())
        assert other.get("/situation").status_code == 200
        page = client.get("/access")
        ended = send(client, page, "/access/sessions/end")
        assert "has ended" in ended.text
        assert other.get("/situation").status_code == 303


def test_who_lacks_a_key_pair_is_told_where_the_password_is_changed(command_centre: str, staff: Staff) -> None:
    for role, lacks in ((Role.COMMAND, True), (Role.EPIDEMIOLOGIST, False)):
        who = staff.log_in(role)
        with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies, params={"lang": "en"}) as client:
            assert ("You have no key pair" in client.get("/access").text) is lacks
            assert client.get("/access.json").json()["lacks_key"] is lacks
    command = staff.log_in(Role.COMMAND)
    release_keys.make_key(staff.register, sessions.authority_of(staff.register, command.token, now()), command.password)
    page = httpx.get(f"{command_centre}/access?lang=en", cookies=command.cookies, timeout=30).text
    assert "You have no key pair" not in page


def test_everything_behind_the_log_in_is_kept_by_no_cache(reader: httpx.Client, epidemiologist: LoggedIn) -> None:
    del epidemiologist
    for path in (
        "/situation",
        "/situation.json",
        "/tables/regions.csv",
        "/access",
        "/shapes.json",
        "/fold",
        "/nowhere",
    ):
        assert reader.get(path).headers["cache-control"] == "no-store", path


def test_no_page_may_be_framed_and_no_address_holds_a_token(reader: httpx.Client, epidemiologist: LoggedIn) -> None:
    for path in ("/", "/login", "/access", "/situation"):
        answer = reader.get(path)
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert epidemiologist.token not in answer.text
