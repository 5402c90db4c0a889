"""Every route asks who the reader is, but for those that are for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from bianque.model.authority import Role
from bianque.registry import oversight
from bianque.web.app import create_app
from bianque.web.guard import Guard, LoggedIn
from tests.readers import Staff

FOR_EVERYBODY = {
    "/",
    "/index.json",
    "/index.csv",  # the table of `/`
    "/definitions",  # what the figures of `/` mean
    "/definitions.json",
    "/static/{name:path}",
    "/login",
    "/login/code",
    "/login/password",
    "/login/enrol",
    "/login/code/passkey",
    "/login/code/passkey/options",
    "/login/enrol/passkey",
    "/login/enrol/passkey/options",
}


@pytest.fixture(scope="module")
def app(exercise_lake: Path, staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(exercise_lake, tmp_path_factory.mktemp("jobs") / "jobs", staff.folder)


def routes(app: FastAPI) -> list[APIRoute]:
    """Every route, also those of included routers."""
    found: list[APIRoute] = []
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        waiting += getattr(getattr(route, "original_router", None), "routes", [])
    return found


def guards(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        if isinstance(one.call, Guard | LoggedIn):
            yield one.call
        yield from guards(one)


def test_every_route_but_those_for_everybody_is_guarded(app: FastAPI) -> None:
    found = routes(app)
    assert len(found) > 40
    unguarded = {route.path for route in found if not list(guards(route.dependant))}
    assert unguarded <= FOR_EVERYBODY | {"/logout"}, unguarded - FOR_EVERYBODY
    assert {"/situation", "/desk", "/metrics", "/events"} <= {route.path for route in found} - unguarded


def test_a_stranger_is_led_to_the_log_in_from_a_page_and_refused_at_everything_else(
    app: FastAPI, command_centre: str
) -> None:
    with httpx.Client(base_url=command_centre, timeout=30) as client:
        for route in routes(app):
            if route.path in FOR_EVERYBODY:
                continue
            path = route.path.replace("{name:path}", "x")
            for part in ("code", "name", "receipt", "identity", "kind", "number", "publication", "emergency"):
                path = path.replace("{" + part + "}", "1")
            for verb in route.methods or ():
                answer = client.request(verb, path)
                page = verb == "GET" and "." not in path.rpartition("/")[2]
                expected = {303} if page else {401, 403}  # 403: a form without the token of a session
                assert answer.status_code in expected, (verb, path)
                if page:
                    assert answer.headers["location"].startswith("/login"), path


@pytest.mark.parametrize(
    ("role", "path", "rule"),
    [
        (Role.EPIDEMIOLOGIST, "/desk", "duty"),
        (Role.TRACER, "/rows", "duty"),
        (Role.TRACER, "/fold", "duty"),
        (Role.COMMAND, "/metrics", "duty"),
        (Role.ADMINISTRATOR, "/rows", "duty"),
        (Role.HOSPITAL, "/desk/events/1", "duty"),
    ],
)
def test_a_role_without_the_duty_is_refused_with_the_rule_and_it_is_on_record(
    command_centre: str, staff: Staff, role: Role, path: str, rule: str
) -> None:
    who = staff.log_in(role)
    with httpx.Client(base_url=command_centre, timeout=30, cookies=who.cookies) as client:
        for language in ("zh-CN", "en"):
            answer = client.get(path, params={"lang": language})
            assert answer.status_code == 403
            assert rule in answer.text
        assert client.get(path, headers={"Accept": "application/json"}).json()["error"]["what"]["zh"]
    with staff.register.system() as connection:
        refused = oversight.events(connection, account=who.account, refused=True)
    assert len(refused) == 3
    assert {one.event.rule for one in refused} == {rule}


def test_the_dpo_sees_who_was_refused_and_why(command_centre: str, staff: Staff) -> None:
    curious, officer = staff.log_in(Role.LABORATORY), staff.log_in(Role.DPO)
    assert httpx.get(f"{command_centre}/desk", cookies=curious.cookies).status_code == 403
    with httpx.Client(base_url=command_centre, timeout=30, cookies=officer.cookies, params={"lang": "en"}) as client:
        desk = client.get("/desk")
        assert desk.status_code == 200
        assert curious.account in desk.text
        listed = client.get("/desk.json").json()["refused"]
        (line,) = [one for one in listed if one["event_account"] == curious.account]
        named = {"account": curious.account, "action": line["event_action"], "rule": line["event_rule"]}
        (attempt,) = client.get("/desk/refusals.json", params=named).json()["refusals"]
        number = attempt["event_number"]
        event = client.get(f"/desk/events/{number}")
        assert "no duty of the role laboratory" in event.text
        assert client.get(f"/desk/events/{number}.json").json()["outcome"] == "deny"
        assert curious.account in client.get("/desk/refused.csv").text
        for wrong in ("0", "x", "99999999999999999999999"):
            assert client.get(f"/desk/events/{wrong}").status_code == 404


def test_metrics_count_requests_and_refusals_and_name_nobody(command_centre: str, staff: Staff) -> None:
    who, curious = staff.log_in(Role.ADMINISTRATOR), staff.log_in(Role.LABORATORY)
    httpx.get(f"{command_centre}/desk", cookies=curious.cookies)
    httpx.get(f"{command_centre}/regions/13800138000", cookies=curious.cookies)
    text = httpx.get(f"{command_centre}/metrics", cookies=who.cookies).text
    assert 'bianque_requests_total{route="/desk",status="403",verb="GET"}' in text
    assert 'bianque_decisions_total{action="read_audit",outcome="deny"}' in text
    assert 'bianque_refusals_total{reason="not_permitted"}' in text
    assert "13800138000" not in text
    assert curious.account not in text
