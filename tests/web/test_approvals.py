"""Deciding on a page: who may, once, in time, with a second factor of this moment, in a form of one's own session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bianque.model.authority import Purpose
from bianque.model.outreach import Channel
from bianque.model.release import ReleaseState
from bianque.model.text import Text
from bianque.registry import outreach as lists
from bianque.registry import oversight, releases
from bianque.registry.register import Register, open_register
from bianque.safeguard import second_factor
from bianque.services import login, outreach, reidentify, sessions
from bianque.services.door import at_door
from bianque.services.exercise_accounts import EMERGENCY, ExerciseLogIn
from bianque.services.exercise_actors import Actors
from bianque.services.exercise_register import exercise_register
from bianque.services.login import NewSession
from bianque.services.outreach import Proposal
from tests.conftest import Serving
from tests.readers import LoggedIn, now

PURPOSES = {"tracer": Purpose.CONTACT_TRACING, "command": Purpose.PUBLICATION, "command-2": Purpose.PUBLICATION}
PURPOSES |= {"officer": Purpose.OVERSIGHT, "epidemiologist": Purpose.SITUATION_MONITORING}
ARRIVING = ("command-2", "officer", "tracer")
SAID = "the wording is right"


@dataclass
class Centre:
    """A served exercise in which calls and an identity wait for approval, and whoever works in it."""

    url: str
    register: Register
    told: dict[str, ExerciseLogIn]
    actors: Actors

    def arrive(self, account: str, at: dt.datetime) -> LoggedIn:
        """A session that began at a moment, in which nothing was chosen yet."""
        one = self.told[account]
        ticket = login.first_step(self.register, account, one.password, at)
        session = login.second_step(self.register, ticket.token, second_factor.code(one.secret, at), at)
        assert isinstance(session, NewSession)
        return LoggedIn(account, one.password, one.secret, session.token)

    def choose(self, who: LoggedIn, at: dt.datetime) -> None:
        choices = sessions.choices(self.register, who.token, at)
        chosen = next(choice for choice in choices if choice.purpose is PURPOSES[who.account])
        sessions.choose(self.register, who.token, chosen.emergency, chosen.purpose, at, basis=chosen.basis)

    def log_in(self, account: str, at: dt.datetime | None = None) -> LoggedIn:
        """A session that began at a moment, by default this one, at work for the account's purpose."""
        at = at or now()
        who = self.arrive(account, at)
        self.choose(who, at)
        return who

    def post(self, who: LoggedIn, path: str, **typed: str) -> httpx.Response:
        data = who.form | typed
        return httpx.post(self.url + path, data=data, cookies=who.cookies, params={"lang": "en"}, timeout=30)

    def refused(self, account: str) -> set[str]:
        """The rules that refused an account, as the audit has them."""
        with self.register.system() as connection:
            return {one.event.rule for one in oversight.events(connection, account=account, refused=True)}

    def propose_calls(self) -> str:
        """A list of one person to be called, proposed by the tracer."""
        at = now()
        with self.register.reading(self.actors.acting("tracer", Purpose.ISOLATION_FOLLOW_UP, at)) as connection:
            first = lists.listed(connection, self.actors.acting("tracer", Purpose.ISOLATION_FOLLOW_UP, at))[0]
            person = next(iter(lists.contacts(connection, first.id)))
        wording = Text(zh="请居家观察。", en="Please stay at home.")
        tracer = self.actors.acting("tracer", Purpose.ISOLATION_FOLLOW_UP, at)
        proposal = Proposal([person], Channel.CALL, "came back yesterday", wording)
        return outreach.propose(self.register, tracer, proposal).outreach.id

    def ask(self, at: dt.datetime) -> str:
        """The tracer asks, at some moment, for the phone of the target that the exercise asks for."""
        with self.register.system() as connection:
            first = releases.listed(connection, EMERGENCY)[-1]
        tracer = self.actors.acting("tracer", Purpose.CONTACT_TRACING, at)
        asked = reidentify.Request(first.targets, ["phone"], "to be told to stay at home", 8)
        return reidentify.request(self.register, tracer, asked).id

    def state(self, release: str) -> ReleaseState:
        with self.register.system() as connection:
            found = releases.find(connection, release)
        assert found is not None
        return found.state


@pytest.fixture(scope="module")
def centre(exercise_lake: Path, tmp_path_factory: pytest.TempPathFactory, serving_with: Serving) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("approvals") / "register"
    made = exercise_register(folder, None, now(), people=300)
    register = open_register(folder)
    with at_door(folder), serving_with(folder, exercise_lake) as url:
        yield Centre(url, register, {one.login: one for one in made.told}, Actors(register))
    register.close()


@pytest.fixture(scope="module")
def people(centre: Centre) -> dict[str, LoggedIn]:
    long_ago = centre.log_in("officer", now() - dt.timedelta(minutes=10))  # a code counts after no later one
    arrived = {f"{one}, arrived": centre.arrive(one, now() - dt.timedelta(minutes=5)) for one in ARRIVING}
    return {account: centre.log_in(account) for account in PURPOSES} | {"officer, long ago": long_ago} | arrived


@pytest.mark.parametrize(
    ("account", "path", "waits"),
    [
        ("command-2", "/approvals", "2 matters wait for your decision"),
        ("officer", "/approvals", "One matter waits for your decision"),
        ("officer", "/desk", "a copy of my record"),
        ("tracer", "/releases", "waits for two approvers"),
        ("tracer", "/people", "Find one person by phone"),
    ],
)
def test_before_an_emergency_is_chosen_no_page_says_that_nothing_waits_in_it(
    centre: Centre, people: dict[str, LoggedIn], account: str, path: str, waits: str
) -> None:
    def page(who: LoggedIn, language: str) -> str:
        answer = httpx.get(centre.url + path, cookies=who.cookies, params={"lang": language}, timeout=30)
        assert answer.status_code == 200
        return answer.text

    arrived, at_work = people[f"{account}, arrived"], people[account]
    for language, first, of_the_chosen in (
        ("en", "Choose an emergency and a purpose first", "in the chosen emergency"),
        ("zh-CN", "请先选定应急事件和目的", "选定的应急事件中"),
    ):
        before = page(arrived, language)
        assert first in before
        assert f'href="/access?lang={language}#work-heading"' in before
        assert of_the_chosen not in before
        assert first not in page(at_work, language)
    assert waits not in page(arrived, "en")
    assert waits in page(at_work, "en")
    if path != "/people":
        told = [httpx.get(f"{centre.url}{path}.json", cookies=one.cookies).json() for one in (arrived, at_work)]
        assert [one["emergency"] for one in told] == [None, EMERGENCY]


def test_a_list_is_approved_by_the_command_body_and_by_nobody_else(centre: Centre, people: dict[str, LoggedIn]) -> None:
    path = f"/approvals/outreach/{centre.propose_calls()}"
    for account in ("tracer", "officer", "epidemiologist"):
        answer = centre.post(people[account], path, verdict="approve", reason=SAID)
        assert answer.status_code == 403, account
        assert centre.refused(account)
    approved = centre.post(people["command"], path, verdict="approve", reason=SAID)
    assert approved.status_code == 200
    assert "is approved" in approved.text
    assert 'href="/approvals?lang=zh-CN"' in approved.text, "the page in the other language, not the form again"
    for account in ("command", "command-2"):
        again = centre.post(people[account], path, verdict="refuse", reason="second thoughts")
        assert again.status_code == 409, "decided once"


def test_a_list_is_refused_with_a_reason(centre: Centre, people: dict[str, LoggedIn]) -> None:
    path = f"/approvals/outreach/{centre.propose_calls()}"
    assert centre.post(people["command"], path, verdict="refuse", reason=" ").status_code == 409
    assert centre.post(people["command"], path, verdict="perhaps", reason=SAID).status_code == 422
    refused = centre.post(people["command-2"], path, verdict="refuse", reason="not by phone")
    assert "is refused" in refused.text
    assert centre.post(people["command"], path, verdict="approve", reason=SAID).status_code == 409
    assert centre.post(people["command"], "/approvals/outreach/none", verdict="approve", reason=SAID).status_code == 403


@pytest.mark.parametrize("kind", ["outreach", "releases"])
def test_a_form_of_another_session_or_of_another_site_decides_nothing(
    centre: Centre, people: dict[str, LoggedIn], kind: str
) -> None:
    id_ = centre.propose_calls() if kind == "outreach" else centre.ask(now())
    command, other = people["command"], people["command-2"]
    typed = {"verdict": "approve", "reason": SAID, "password": command.password}
    url = f"{centre.url}/approvals/{kind}/{id_}"
    for form in (other.form, {}, {"form_token": "é" * 32}):
        forged = httpx.post(url, data=form | typed, cookies=command.cookies, timeout=30)
        assert forged.status_code == 403
    elsewhere = {"Origin": "https://elsewhere.example"}
    foreign = httpx.post(url, data=command.form | typed, cookies=command.cookies, headers=elsewhere, timeout=30)
    assert foreign.status_code == 403
    assert httpx.post(url, data=command.form | typed, timeout=30).status_code == 401, "no session"
    waiting = httpx.get(f"{centre.url}/approvals.json", cookies=command.cookies, timeout=30).json()[kind]
    assert id_ in {one["id"] for one in waiting}


def test_an_identity_needs_two_of_different_bodies_and_neither_is_the_asker(
    centre: Centre, people: dict[str, LoggedIn]
) -> None:
    release = centre.ask(now())
    path = f"/approvals/releases/{release}"

    def approves(account: str, password: str = "") -> httpx.Response:
        who = people[account]
        return centre.post(who, path, verdict="approve", password=password or who.password)

    for account in ("tracer", "epidemiologist"):
        assert approves(account).status_code == 403
        assert centre.refused(account)
    wrong = approves("command", "not-the-password")
    assert wrong.status_code == 409
    assert "password" in wrong.text
    assert "not-the-password" not in wrong.text
    assert centre.state(release) is ReleaseState.REQUESTED
    first = approves("command")
    assert first.status_code == 200
    assert "Your approval" in first.text
    assert centre.state(release) is ReleaseState.APPROVED_ONCE
    assert approves("command").status_code == 403, "not twice"
    assert approves("command-2").status_code == 403, "not two of one body"
    assert centre.state(release) is ReleaseState.APPROVED_ONCE
    assert approves("officer").status_code == 200
    assert centre.state(release) is ReleaseState.RELEASED
    late = centre.post(people["officer"], path, verdict="refuse", reason="second thoughts")
    assert late.status_code == 403
    assert centre.state(release) is ReleaseState.RELEASED


def test_one_refusal_with_a_reason_ends_a_request(centre: Centre, people: dict[str, LoggedIn]) -> None:
    path = f"/approvals/releases/{(release := centre.ask(now()))}"
    assert centre.post(people["officer"], path, verdict="refuse", reason=" ").status_code == 409
    assert centre.post(people["officer"], path, verdict="perhaps", reason=SAID).status_code == 422
    assert (
        centre.post(people["officer"], path, verdict="refuse", reason="the target is known already").status_code == 200
    )
    assert centre.state(release) is ReleaseState.REFUSED
    command = people["command"]
    assert centre.post(command, path, verdict="approve", password=command.password).status_code == 409


def test_a_request_that_nobody_decided_in_time_is_over(centre: Centre, people: dict[str, LoggedIn]) -> None:
    release, command = centre.ask(now() - dt.timedelta(days=2)), people["command"]
    path = f"/approvals/releases/{release}"
    assert centre.post(command, path, verdict="approve", password=command.password).status_code == 409
    assert centre.state(release) is ReleaseState.LAPSED


def test_an_old_proof_leads_to_the_second_factor_and_decides_nothing(
    centre: Centre, people: dict[str, LoggedIn]
) -> None:
    long_ago, release = people["officer, long ago"], centre.ask(now())
    path = f"/approvals/releases/{release}"
    answer = centre.post(long_ago, path, verdict="approve", password=long_ago.password)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/prove")
    assert centre.state(release) is ReleaseState.REQUESTED
