"""What the public sees: the released figures and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bianque.model.authority import Role
from tests import readers
from tests.conftest import Serving
from tests.readers import Staff

from .browsing import send


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """A register of which nothing was released yet."""
    made = readers.staff(tmp_path_factory.mktemp("fresh") / "register")
    yield made
    made.register.close()


@pytest.fixture(scope="module")
def centre(exercise_lake: Path, fresh: Staff, serving_with: Serving) -> Iterator[str]:
    with serving_with(fresh.folder, exercise_lake) as url:
        yield url


def test_two_persons_let_the_figures_out_and_then_everybody_sees_them(centre: str, fresh: Staff) -> None:
    public = httpx.Client(base_url=centre, timeout=30, params={"lang": "en"})
    assert "No figures have been released yet" in public.get("/").text
    assert public.get("/index.json").json() == {"figures": None, "release": None, "releases": []}
    assert public.get("/index.csv").status_code == 404

    first, second = fresh.log_in(Role.COMMAND), fresh.log_in(Role.COMMAND)
    one = httpx.Client(base_url=centre, timeout=30, cookies=first.cookies, params={"lang": "en"})
    two = httpx.Client(base_url=centre, timeout=30, cookies=second.cookies, params={"lang": "en"})
    proposed = send(one, one.get("/approvals"), "/approvals/figures")
    assert "wait for another person" in proposed.text
    assert "another person decides" in proposed.text
    assert "No figures have been released yet" in public.get("/").text

    (waiting,) = two.get("/approvals.json").json()["figures"]
    path = f"/approvals/figures/{waiting['id']}"
    alone = one.post(path, data=first.form | {"verdict": "release"})
    assert alone.status_code == 403, "nobody releases what they proposed"
    receipt = send(two, two.get("/approvals"), path, verdict="release")
    assert f"are released ({waiting['id']})" in receipt.text
    again = two.post(path, data=second.form | {"verdict": "decline"})
    assert again.status_code == 409, "decided once"

    page = public.get("/")
    situation = one.get("/situation.json").json()
    assert situation["headline"]["en"] in page.text
    assert "Exercise command" in page.text
    given = public.get("/index.json").json()
    assert given["figures"]["whole"]["total"] == situation["whole"]["total"]
    assert given["release"]["as_of"] == situation["as_of"]
    assert first.account not in page.text + public.get("/index.json").text, "who released is a body, not a login"
    hidden = {region["code"] for region in situation["regions"] if "new_7_days" in region["hidden"]}
    assert hidden, "the exercise has small places, else this says nothing"
    table = csv.DictReader(io.StringIO(public.get("/index.csv").content.decode("utf-8-sig")))
    assert {row["code"] for row in table if row["new_7_days"] == "*"} == hidden
    assert public.get("/", params={"release": "nothing"}).status_code == 404
    assert situation["headline"]["zh"] in public.get("/", params={"lang": "zh-CN"}).text
    for client in (public, one, two):
        client.close()


@pytest.mark.parametrize("role", [Role.EPIDEMIOLOGIST, Role.DPO, Role.ADMINISTRATOR, Role.TRACER])
def test_nobody_else_proposes_figures(centre: str, fresh: Staff, role: Role) -> None:
    who = fresh.log_in(role)
    answer = httpx.post(f"{centre}/approvals/figures", data=who.form, cookies=who.cookies, timeout=30)
    assert answer.status_code == 403
    assert "duty" in answer.text
