"""The officer's desk: what is overdue comes first, and what was refused many times is one line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bianque.model.authority import Authority, Role
from bianque.model.rights import IdentityCheck, Right
from bianque.services import paper_forms, rights, sessions
from bianque.services.paper_forms import FormIssue
from tests.conftest import Serving
from tests.contract.planted import Planted, plant
from tests.readers import LoggedIn, now


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    made = plant(tmp_path_factory.mktemp("desk"))
    yield made
    made.staff.register.close()


@pytest.fixture(scope="module")
def centre(planted: Planted, exercise_lake: Path, serving_with: Serving) -> Iterator[str]:
    with serving_with(planted.staff.folder, exercise_lake) as url:
        yield url


@pytest.fixture
def officer(centre: str, planted: Planted) -> Iterator[httpx.Client]:
    cookies = planted.sessions[Role.DPO].cookies
    with httpx.Client(base_url=centre, timeout=30, cookies=cookies, params={"lang": "en"}) as client:
        yield client


def days_ago(planted: Planted, role: Role, days: int) -> Authority:
    """Somebody at work some days before today."""
    who: LoggedIn = planted.sessions[role]
    return replace(sessions.authority_of(planted.staff.register, who.token, now()), at=now() - dt.timedelta(days=days))


def test_the_desk_begins_with_the_requests_and_forms_that_are_overdue(officer: httpx.Client, planted: Planted) -> None:
    assert "No data subject has asked for anything" in officer.get("/desk").text
    assert "Overdue" not in officer.get("/desk").text
    register, first = planted.staff.register, next(iter(planted.records))
    for days, right in ((2, Right.CORRECTION), (20, Right.COPY)):
        asked = rights.NewRequest(first, right, IdentityCheck.ID_CARD, "as is my right")
        rights.receive(register, days_ago(planted, Role.DPO, days), asked)
    for days, form in ((0, "visit sheet"), (5, "household register")):
        worker = days_ago(planted, Role.COMMUNITY_WORKER, days)
        issue = FormIssue(form, 101, 50, worker.account, "tablet 7", worker.at.date() + dt.timedelta(days=2))
        batch = paper_forms.issue_forms(register, worker, issue)
        paper_forms.book_back(register, worker, batch.id, returned=40, destroyed=3)

    page, tables = officer.get("/desk").text, officer.get("/desk.json").json()
    assert "Overdue requests of data subjects: 1." in page
    assert "Overdue batches of paper forms: 1." in page
    assert [(one["rights_right"], one["rights_state"]) for one in tables["rights"]] == [
        ("copy", "overdue"),
        ("correction", "open"),
    ]
    assert [(one["forms_form"], one["forms_open"], one["forms_state"]) for one in tables["forms"]] == [
        ("household register", 7, "overdue"),
        ("visit sheet", 7, "open"),
    ]
    assert "Personal Information Protection Law" in page
    assert first not in page, "a request names nobody"
    rows = list(csv.DictReader(io.StringIO(officer.get("/desk/forms.csv").text.lstrip("\ufeff"))))
    assert [(one["forms_issued"], one["forms_open"]) for one in rows] == [("50", "7"), ("50", "7")]
    assert "已逾期的数据主体请求：1件" in officer.get("/desk", params={"lang": "zh-CN"}).text


def test_forty_refusals_of_one_kind_are_one_line_that_leads_to_each(
    centre: str, officer: httpx.Client, planted: Planted
) -> None:
    tracer = planted.sessions[Role.TRACER]
    with httpx.Client(base_url=centre, timeout=30, cookies=tracer.cookies) as curious:
        for _ in range(40):
            assert curious.get("/desk").status_code == 403
        assert curious.get("/metrics").status_code == 403
    lines = [one for one in officer.get("/desk.json").json()["refused"] if one["event_account"] == tracer.account]
    assert [(one["event_action"], one["refused_count"]) for one in lines] == [("read_metrics", 1), ("read_audit", 40)]
    assert lines[1]["refused_first"] < lines[1]["refused_last"]
    desk = officer.get("/desk").text
    assert "This is no duty of the role tracer: reading the audit." in desk
    named = {"account": tracer.account, "action": "read_audit", "rule": "duty"}
    page = officer.get("/desk/refusals", params=named)
    assert f"{tracer.account}, reading the audit (40)" in page.text
    listed = officer.get("/desk/refusals.json", params=named).json()["refusals"]
    assert len(listed) == 40
    assert f"/desk/events/{listed[0]['event_number']}?" in page.text
    assert officer.get("/desk/refusals.csv", params=named).text.count("\n") == 41
    nothing = officer.get("/desk/refusals", params=named | {"rule": "13800138000"})
    assert nothing.status_code == 404
    assert "No such attempt was refused" in nothing.text


def test_a_wrong_password_is_said_in_words(centre: str, officer: httpx.Client) -> None:
    typed = {"login": "nobody-of-that-name", "password": "what was typed here"}
    httpx.post(f"{centre}/login", data=typed, timeout=30)
    desk = officer.get("/desk", params={"lang": "zh-CN"}).text
    assert "没有这个登录名" in desk
    assert "unknown-login" not in desk.replace("rule=unknown-login", "")
    assert "nobody-of-that-name" not in desk


def test_an_event_is_explained_in_words_beside_its_codes(officer: httpx.Client, planted: Planted) -> None:
    tracer = planted.sessions[Role.TRACER]
    first = next(iter(planted.records))
    httpx.get(f"{officer.base_url}/people/{first}", cookies=tracer.cookies, timeout=30)
    (read, *_) = officer.get("/desk.json").json()["reads"]
    page = officer.get(f"/desk/events/{read['event_number']}").text
    assert "reading a person&#39;s record" in page
    assert "<code>read_person</code>" in page
    assert "art. 39" in page
    assert "Date of birth" in page
    assert "Date of birth" in officer.get("/desk").text
