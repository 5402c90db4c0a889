"""The exercise's register: everybody has been at work, something waits for each, and the wall has held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from bianque.model.authority import Purpose
from bianque.model.notice import NoticeKind
from bianque.model.release import ReleaseState
from bianque.registry import follow_ups
from bianque.registry.register import Register, open_register
from bianque.services import approvals, oversight, people_lists, reidentify, rights
from bianque.services.door import at_door
from bianque.services.exercise_actors import Actors
from bianque.services.exercise_register import ExerciseRegister, exercise_register
from bianque.services.find_person import find_person
from bianque.services.paper_forms import list_forms
from bianque.services.reidentify import FIELD

AT = dt.datetime.now(dt.UTC)
PEOPLE = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ExerciseRegister, list[str]]:
    folder, steps = tmp_path_factory.mktemp("exercise-register") / "register", list[str]()
    return folder, exercise_register(folder, None, AT, people=PEOPLE, say=steps.append), steps


@pytest.fixture(scope="module")
def register(made: tuple[Path, ExerciseRegister, list[str]]) -> Iterator[Register]:
    opened = open_register(made[0])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def actors(register: Register) -> Actors:
    return Actors(register)


def test_every_synthetic_person_is_taken_in_from_a_source_that_may_give_them(
    register: Register, actors: Actors
) -> None:
    receipts = people_lists.receipts(register, actors.acting("tracer", Purpose.CONTACT_TRACING, AT))
    assert {one.organisation for one in receipts} == {"community", "rail-police", "hospital"}
    assert sum(one.read for one in receipts) == sum(one.accepted for one in receipts) == PEOPLE


def test_each_attempt_was_refused_by_the_rule_that_is_told_and_stands_on_the_desk(
    made: tuple[Path, ExerciseRegister, list[str]], register: Register, actors: Actors
) -> None:
    refused = [(one.login, one.rule) for one in made[1].refused]
    assert refused == [
        ("epidemiologist", "duty"),
        ("administrator", "duty"),
        ("community-worker", "not-assigned"),
        ("tracer", "protected-person"),
        ("tracer", "not-locked"),
        ("hospital", "purpose-not-of-source"),
        ("command", "duty"),
    ]
    desk = oversight.desk(register, actors.acting("officer", Purpose.OVERSIGHT, AT))
    assert set(refused) <= {(one.last.event.account, one.last.event.rule) for one in desk.refused}


def test_the_officers_desk_has_notices_protections_an_ending_grant_and_a_request(
    register: Register, actors: Actors
) -> None:
    desk = oversight.desk(register, actors.acting("officer", Purpose.OVERSIGHT, AT))
    assert NoticeKind.GLASS_BROKEN in {notice.kind for notice in desk.notices}
    assert desk.protections
    assert [given.account for given in desk.expiring] == ["laboratory"]
    assert [one.state for one in desk.releases] == [ReleaseState.REQUESTED]
    (asked,) = rights.list_requests(register, actors.acting("officer", Purpose.DATA_SUBJECT_RIGHTS, AT))
    assert dt.timedelta(0) < asked.due - AT.date() <= dt.timedelta(days=3)


def test_the_command_body_has_calls_and_an_identity_to_decide_on_and_forms_are_out(
    register: Register, actors: Actors
) -> None:
    waiting = approvals.matters(register, actors.acting("command", Purpose.SITUATION_MONITORING, AT))
    assert (len(waiting.outreach), len(waiting.releases)) == (1, 1)
    worker = actors.acting("community-worker", Purpose.ISOLATION_FOLLOW_UP, AT)
    assert len(follow_ups.assigned_to(register, worker, "community-worker")) == 12
    assert [batch.issued for batch in list_forms(register, worker)] == [50]


def test_the_tracer_finds_somebody_and_reads_an_identity_that_two_organisations_opened(
    made: tuple[Path, ExerciseRegister, list[str]], register: Register, actors: Actors
) -> None:
    folder, exercise, _ = made
    passwords = {one.login: one.password for one in exercise.told}
    tracer = actors.acting("tracer", Purpose.CONTACT_TRACING, AT)
    assert find_person(register, tracer, "phone", exercise.phone)
    (asked,) = reidentify.listed(register, tracer)
    with at_door(folder) as door:
        for login, purpose in (("command", Purpose.SITUATION_MONITORING), ("officer", Purpose.OVERSIGHT)):
            reidentify.approve(register, door, actors.acting(login, purpose, AT), asked.id, passwords[login])
    (opened,) = reidentify.read(register, tracer, asked.id, passwords["tracer"])
    assert opened.values["phone"][FIELD].startswith("154")


def test_each_step_is_told_and_tells_nobody(made: tuple[Path, ExerciseRegister, list[str]]) -> None:
    said = "\n".join(made[2])
    assert "declared by two" in said
    assert "re-identification" in said
    assert made[1].phone not in said
