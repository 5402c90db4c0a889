"""The wall from outside: what is planted in the register is in nothing that anybody without the right can reach."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from bianque.model.authority import Role
from bianque.web.app import create_app
from tests.web.test_guard import routes

from .planted import ROLES, SEES, Planted, Served, plant, served

# Who may not see a name: a stranger (None), and the roles that see nobody, or somebody masked.
BLIND: list[Role | None] = [None, *(role for role in ROLES if "name" not in SEES.get(role, ()))]
PARAMETERS = {
    "name": ("curve", "refused", "sessions", "receipts"),
    "code": ("990000", "990101"),
    "number": ("1", "7"),
    "kind": ("vienna", "ct"),
    "emergency": ("exercise",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def planted(folder: Path) -> Iterator[Planted]:
    made = plant(folder)
    yield made
    made.staff.register.close()


@pytest.fixture(scope="module")
def centre(planted: Planted, exercise_lake: Path, folder: Path) -> Iterator[Served]:
    with served(planted, exercise_lake, folder) as running:
        yield running


@pytest.fixture(scope="module")
def addresses(planted: Planted, exercise_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every route that is read, with ids of what is there in the places of its parameters."""
    app = create_app(exercise_lake, tmp_path_factory.mktemp("jobs") / "jobs", planted.staff.folder)
    found = [path for route in routes(app) if "GET" in (route.methods or ()) for path in _filled(route, planted)]
    app.state.register.close()
    return found


def _filled(route: APIRoute, planted: Planted) -> Iterator[str]:
    path = route.path.replace("{name:path}", "app.css")
    known = PARAMETERS | {"record": tuple(planted.records), "receipt": (planted.receipt,)}
    wanted = [name for name in known if "{" + name + "}" in path]
    choices = known[wanted[0]] if wanted else ("",)
    for choice in choices:
        filled = path.replace("{" + wanted[0] + "}", choice) if wanted else path
        for name in route.param_convertors:
            filled = filled.replace("{" + name + "}", choice or "0" * 32)
        yield filled


def browser(centre: Served, planted: Planted, role: Role | None) -> httpx.Client:
    cookies = planted.sessions[role].cookies if role else {}
    return httpx.Client(base_url=centre.url, timeout=30, cookies=cookies)


def read(client: httpx.Client, address: str, **headers: str) -> bytes:
    """What an address answers, its headers too; of a stream that does not end, its beginning."""
    with client.stream("GET", address, headers=headers) as answer:
        head = repr(answer.headers.multi_items()).encode()
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return head + next(answer.iter_bytes())
        return head + answer.read()


def kept(planted: Planted, centre: Served) -> dict[str, set[str]]:
    """Where in logs, databases, lake, jobs and temporary files a canary lies."""
    return planted.canaries.found_under(*centre.folders, Path(tempfile.gettempdir(), "bianque"))


def test_no_page_table_or_stream_tells_who_has_no_right_anything(
    centre: Served, planted: Planted, addresses: list[str], record_property: Callable[[str, object], None]
) -> None:
    looked, found = 0, {}
    for role in BLIND:
        allowed = {canary for record in planted.records for canary in planted.sees(role, record)}
        with browser(centre, planted, role) as client:
            for address in addresses:
                answers = [read(client, address)]
                if address.startswith("/people/"):
                    answers.append(read(client, address, Accept="application/json"))
                looked += len(answers)
                if leaked := planted.canaries.found_among(answers) - allowed:
                    found[role, address] = leaked
    assert found == {}
    assert looked > len(BLIND) * 60
    record_property("readers without the right", len(BLIND))
    record_property("addresses", len(addresses))
    record_property("answers searched", looked)
    record_property("canaries", len(planted.canaries.values))
    record_property("found without the right", len(found))


@pytest.mark.parametrize("role", ROLES)
def test_a_reader_sees_exactly_what_the_decision_shows(centre: Served, planted: Planted, role: Role) -> None:
    """Were nothing shown to anybody, the other tests could not fail."""
    for record in planted.records:
        with browser(centre, planted, role) as client:
            for address in (f"/people/{record}", f"/people/{record}.json"):
                page = read(client, address)
                assert planted.canaries.found_in(page) == planted.sees(role, record), address
                assert all(mask in page.decode() for mask in planted.masks(role, record)), address


@pytest.mark.parametrize("role", BLIND)
def test_a_search_by_number_tells_who_has_no_right_nothing(centre: Served, planted: Planted, role: Role | None) -> None:
    with browser(centre, planted, role) as client:
        form = planted.sessions[role].form if role else {}
        for one in planted.records.values():
            for kind in ("phone", "id_number"):
                answer = client.post("/people", data=form | {"kind": kind, "value": one[kind]})
                assert answer.status_code in {200, 401, 403}
                assert planted.canaries.found_in(answer.content) == set()


@pytest.mark.parametrize("role", [None, Role.EPIDEMIOLOGIST])
def test_what_a_reader_types_in_the_wrong_place_is_no_defect_and_is_repeated_nowhere(
    centre: Served, planted: Planted, role: Role | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in a sentence, a form, a link or a header. That it is not kept either is asked below, of every file."""
    looked, repeated = 0, dict[str, set[str]]()
    form = planted.sessions[role].form if role else {}
    with browser(centre, planted, role) as client:
        for typed in next(iter(planted.records.values())).values():
            paths: tuple[str, ...] = (
                "/regions/{}",
                "/regions/{}.json",
                "/people/{}",
                "/people/{}.json",
                "/desk/events/{}",
                "/{}",
            )
            paths += ("/tables/{}.csv", "/charts/{}.svg", "/data/quarantine/{}.csv", "/fold/{}", "/access/{}.csv")
            asked = [client.get(path.format(typed)) for path in paths]
            query = {"lang": typed, "region": typed, "as_of": typed, "page": typed, "before": typed, "account": typed}
            query |= {"feed": typed, "measure": typed, "back": f"/people/{typed}", "release": typed, "rule": typed}
            pages = (
                "/rows",
                "/rows.json",
                "/situation.json",
                "/desk",
                "/desk/refusals",
                "/fold",
                "/people",
                "/login",
                "/",
            )
            asked += [client.get(path, params=query) for path in (*pages, "/")]
            asked += [client.get(path, params={**query, "lang": "en", "as_of": ""}) for path in (*pages, "/")]
            for path in ("/people", "/login", "/login/code", "/prove", "/access/choose", "/fold", "/approvals/figures"):
                bad = {
                    "kind": typed,
                    "value": typed,
                    "login": typed,
                    "password": typed,
                    "code": typed,
                    "sequence": typed,
                }
                asked += [client.post(path, data=form | bad), client.post(path, data=bad)]
                asked.append(client.post(path, json={"value": typed}))
            looked += len(asked)
            for answer in asked:
                assert answer.status_code < 500, answer.request.url
                head = repr(answer.headers.multi_items()).encode()
                if leaked := planted.canaries.found_in(head + answer.content):
                    where = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
                    repeated[where] = {name.partition(".")[2] for name in leaked}
    with capsys.disabled():
        print(f"\n{looked} answers to what was typed in the wrong place by {role or 'a stranger'} searched")
    assert repeated == {}


def test_metrics_name_nobody(centre: Served, planted: Planted) -> None:
    with browser(centre, planted, Role.ADMINISTRATOR) as client:
        answer = client.get("/metrics")
    assert "bianque_requests_total" in answer.text
    assert planted.canaries.found_in(answer.content) == set()


def test_nothing_of_it_is_kept_in_logs_databases_lake_jobs_or_temporary_files(
    centre: Served, planted: Planted, record_property: Callable[[str, object], None]
) -> None:
    """After everything above: the audit is among the raw bytes of the register."""
    files = [path for one in centre.folders for path in one.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    found = kept(planted, centre)
    assert b'"status"' in (centre.folders[0] / "stderr").read_bytes()
    assert found == {}
    record_property("files searched", len(files))
    record_property("megabytes", round(size / 1e6, 1))
    record_property("canaries", len(planted.canaries.values))
    record_property("found", len(found))
