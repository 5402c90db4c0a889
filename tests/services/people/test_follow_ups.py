"""A tracer assigns; the officer sees a list, reads, notes; when the follow-up closes the person is out of sight."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from bianque.model.account import Account
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.case import Status
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.follow_up import Outcome
from bianque.registry import accounts
from bianque.registry.register import Register
from bianque.services import cases, follow_ups
from bianque.services.correct_person import correct_person
from bianque.services.find_person import find_person
from bianque.services.import_people import import_people
from bianque.services.show_person import show_person
from tests.safeguard.authorities import AT, grant
from tests.services.people.office import LI, STREET, ZHANG, at_work, events, furnish, written

DAY = AT.date() + dt.timedelta(days=14)
NOTE = "体温三十六度八，无症状"


def worker() -> Authority:
    """Sun of the street office, who follows up in isolation."""
    purpose = Purpose.ISOLATION_FOLLOW_UP
    own = replace(at_work(Role.COMMUNITY_WORKER), account="sun", purpose=purpose)
    return replace(own, grants=(grant(purpose=purpose),))


@pytest.fixture
def zhang(register: Register, tmp_path: Path) -> str:
    furnish(register)
    with register.system() as connection:
        for login, role, body in (("sun", Role.COMMUNITY_WORKER, "street"), ("wu", Role.HOSPITAL, "clinic")):
            new = Account(
                login, "cdc", body, role, created_at=AT, one_time=False, enrolled=True, made_by="administrator"
            )
            accounts.add(connection, new, "no password", AT, opened_by="administrator")
    import_people(register, at_work(), written(tmp_path, ZHANG, LI), STREET)
    (found,) = find_person(register, at_work(), "phone", "13800138000")
    return found.id


def test_a_community_worker_sees_whom_they_follow_up_and_nobody_else(register: Register, zhang: str) -> None:
    assert follow_ups.own_list(register, worker()) == []
    with pytest.raises(PolicyRefusal, match="assigned"):
        show_person(register, worker(), zhang)
    assigned = follow_ups.assign_follow_up(register, at_work(), zhang, "sun", DAY)
    (one,) = follow_ups.own_list(register, worker())
    assert (one.id, one.until, one.person.id) == (assigned, DAY, zhang)
    assert dict(one.person.view) == {
        "person.name": "张澄岚",
        "person.phone": "13800138000",
        "person.address": "落霞路七号",
    }
    follow_ups.close_follow_up(register, at_work(), assigned, Outcome.COMPLETED)
    assert follow_ups.own_list(register, worker()) == []
    with pytest.raises(PolicyRefusal, match="assigned"):
        show_person(register, worker(), zhang)
    acts = [(one["action"], one["outcome"]) for one in events(register) if one["account"] != worker().account]
    assert acts.count(("assign_follow_up", "allow")) == 2  # assigned and closed


def test_the_officer_writes_the_note_and_nothing_else_of_the_record(register: Register, zhang: str) -> None:
    assigned = follow_ups.assign_follow_up(register, at_work(), zhang, "sun", DAY)
    follow_ups.write_note(register, worker(), assigned, NOTE)
    (shown,) = follow_ups.show_follow_ups(register, at_work(), zhang)
    assert (shown.open, shown.view["follow_up.note"], shown.view["follow_up.officer"]) == (True, NOTE, "sun")
    with pytest.raises(PolicyRefusal, match="corrects phone and address"):
        correct_person(register, worker(), zhang, {"person.name": "李栖云"})
    with pytest.raises(PolicyRefusal):
        follow_ups.close_follow_up(register, worker(), assigned, Outcome.COMPLETED)
    with pytest.raises(PolicyRefusal):
        follow_ups.assign_follow_up(register, worker(), zhang, "sun", DAY)


@pytest.mark.parametrize(
    ("officer", "until", "why"),
    [("nobody", DAY, "no such account"), ("wu", DAY, "follows nobody up"), ("sun", dt.date(2020, 1, 1), "past")],
)
def test_what_is_assigned_needs_an_officer_and_a_day_to_come(
    register: Register, zhang: str, officer: str, until: dt.date, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        follow_ups.assign_follow_up(register, at_work(), zhang, officer, until)
    assert follow_ups.show_follow_ups(register, at_work(), zhang) == []


def test_a_follow_up_that_is_not_there_is_no_defect(register: Register, zhang: str) -> None:
    del zhang
    with pytest.raises(PolicyRefusal, match="not-there"):
        follow_ups.write_note(register, at_work(), "0f3c", NOTE)
    with pytest.raises(PolicyRefusal, match="not-there"):
        cases.reclassify_case(register, at_work(), "0f3c", Status.CONFIRMED)


def test_a_case_is_reported_classified_and_shown_as_far_as_the_duty_goes(register: Register, zhang: str) -> None:
    new = cases.NewCase(Status.SUSPECTED, AT.date(), AT.date() - dt.timedelta(days=3), "双肺磨玻璃影")
    case = cases.report_case(register, at_work(), zhang, new)
    cases.reclassify_case(register, at_work(), case, Status.CONFIRMED)
    (shown,) = cases.show_cases(register, at_work(), zhang)
    assert (shown.id, shown.view["case.status"], shown.view["case.note"]) == (case, "confirmed", "双肺磨玻璃影")
    follow_ups.assign_follow_up(register, at_work(), zhang, "sun", DAY)
    (to_the_worker,) = cases.show_cases(register, worker(), zhang)
    assert to_the_worker.view["case.status"] == "confirmed"
    assert to_the_worker.view.masked == {"case.note"}
    with pytest.raises(PolicyRefusal, match="corrects phone and address"):
        cases.report_case(register, worker(), zhang, new)
