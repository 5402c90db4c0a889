"""Calls that schemathesis makes up from the application's own description: no server error, no log-in ignored."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from bianque.model.authority import Role
from bianque.web.app import create_app
from tests.readers import LoggedIn, Staff
from tests.web.test_guard import FOR_EVERYBODY

QUERY = ("lang", "as_of", "metric", "curve", "model", "sort", "order", "feed", "region", "measure", "from", "to")
FIELDS = ("login", "password", "code", "sequence", "span", "kind", "value", "purpose", "emergency", "reason", "as_of")
STREAMS = ("/events", "/fold/{identity}/events")  # they end when the reader leaves
ROLES = [role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR)]


def described(lake: Path, jobs: Path, register: Path) -> dict[str, Any]:
    """The description of every route, with the parameters and fields that the pages read from the request itself."""
    schema = create_app(lake, jobs, register).openapi()
    texts = {"type": "string", "maxLength": 200}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            asked = [{"name": name, "in": "query", "required": False, "schema": texts} for name in QUERY]
            operation["parameters"] = [*operation.get("parameters", []), *asked]
            if verb == "post":
                form = {"type": "object", "properties": dict.fromkeys(FIELDS, texts)}
                media = "application/json" if "passkey" in path else "application/x-www-form-urlencoded"
                operation["requestBody"] = {"content": {media: {"schema": form}}}
    return schema


class Caller:
    """Sends a made-up call as somebody, with or without the token of their session's forms, and judges the answer."""

    def __init__(self, url: str, people: dict[str, LoggedIn | None]) -> None:
        self.people, self.counted = people, Counter[str]()
        self.clients = {
            name: httpx.Client(base_url=url, timeout=60, cookies=who.cookies if who else None)
            for name, who in people.items()
        }

    def call(self, case: Any, name: str, *, token: bool) -> None:
        who, client = self.people[name], self.clients[name]
        sent = case.as_transport_kwargs(base_url=str(client.base_url))
        body = sent.get("data")
        form = dict(body) if isinstance(body, dict) else {}
        if who and token and case.path != "/logout":
            form |= who.form
        headers = {key: value for key, value in (sent.get("headers") or {}).items() if key.lower() != "content-type"}
        answer = client.request(
            case.method,
            sent["url"],
            params=sent.get("params"),
            headers={k: v.encode("utf-8", "replace") for k, v in headers.items()},
            json=sent.get("json"),
            data=form or None,
        )
        self.counted[f"{answer.status_code // 100}xx"] += 1
        said = f"{name} {case.method} {sent['url']}: {answer.status_code}"
        assert answer.status_code < 500, said
        if who is None and case.path not in FOR_EVERYBODY:
            leads_to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            assert leads_to_login or 400 <= answer.status_code < 500, said


@pytest.fixture(scope="module")
def caller(command_centre: str, staff: Staff) -> Iterator[Caller]:
    """Somebody of every role, and a stranger."""
    people: dict[str, LoggedIn | None] = {role: staff.log_in(role) for role in ROLES}
    made = Caller(command_centre, people | {"stranger": None})
    yield made
    for client in made.clients.values():
        client.close()


@pytest.fixture(scope="module")
def operations(exercise_lake: Path, staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    schema = described(exercise_lake, tmp_path_factory.mktemp("described") / "jobs", staff.folder)
    found = [one.ok() for one in schemathesis.openapi.from_dict(schema).get_all_operations()]
    assert len(found) > 60
    return [one for one in found if one.path not in STREAMS]


def made_up(operations: list[Any], caller: Caller, examples: int) -> None:
    """So many calls of each operation, each as somebody."""
    for operation in operations:

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(), st.sampled_from(sorted(caller.people)), st.booleans())
        def called(case: Any, name: str, token: bool) -> None:
            caller.call(case, name, token=token)

        called()


def test_no_made_up_call_breaks_the_server_or_passes_the_log_in(caller: Caller, operations: list[Any]) -> None:
    made_up(operations, caller, 6)
    assert sum(caller.counted.values()) >= 300
    assert caller.counted["2xx"] > 20
    assert caller.counted["4xx"] > 20


@pytest.mark.full
def test_five_thousand_made_up_calls(
    caller: Caller, operations: list[Any], record_property: Callable[[str, object], None]
) -> None:
    made_up(operations, caller, 90)
    called = sum(caller.counted.values())
    assert called >= 5_000
    record_property("calls", called)
    record_property("readers", len(caller.people))
    for kind in sorted(caller.counted):
        record_property(f"answered {kind}", caller.counted[kind])


def test_every_route_answers_every_role_or_refuses_it(caller: Caller, operations: list[Any]) -> None:
    """Each GET of each page as each role: an answer, or a refusal with its rule; never the log-in page, never 500."""
    refused = 0
    for operation, name in itertools.product(operations, sorted(caller.people)):
        if operation.method.upper() != "GET" or "{" in operation.path or caller.people[name] is None:
            continue
        answer = caller.clients[name].get(operation.path)
        assert answer.status_code in (200, 303, 403, 404, 422), (name, operation.path, answer.status_code)
        refused += answer.status_code == 403
    assert refused > 20
