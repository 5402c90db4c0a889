"""Follow-ups and cases: assigned, noted, closed; sealed with the person's own key."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.model.case import Status
from bianque.model.errors import BadInput
from bianque.registry import cases, follow_ups, people
from bianque.registry.register import Register
from tests.registry.sample import ZHANG, emergency, take_in, tracer

DAY = dt.date(2021, 2, 14)


@pytest.fixture
def zhang(register: Register) -> str:
    take_in(register, ZHANG)
    return people.find(register, tracer(), "phone", ZHANG["phone"])[0]


def assigned(register: Register, record: str, account: str) -> str:
    (header,) = people.headers(register, tracer(account=account), [record])
    return header.assigned


def test_a_person_is_the_officers_until_the_follow_up_closes(register: Register, zhang: str) -> None:
    assert assigned(register, zhang, "sun") == ""
    visit = follow_ups.accept(register, tracer(), zhang, "sun", DAY)
    assert assigned(register, zhang, "sun") == "sun"
    assert [one.person for one in follow_ups.assigned_to(register, tracer(), "sun")] == [zhang]
    follow_ups.close(register, tracer(), visit, "completed")
    assert assigned(register, zhang, "sun") == ""
    assert follow_ups.assigned_to(register, tracer(), "sun") == []
    (closed,) = follow_ups.of_person(register, tracer(), zhang)
    assert (closed.outcome, closed.until) == ("completed", DAY)


def test_of_two_officers_each_is_told_that_the_person_is_theirs(register: Register, zhang: str) -> None:
    for officer in ("sun", "qian"):
        follow_ups.accept(register, tracer(), zhang, officer, DAY)
    assert [assigned(register, zhang, officer) for officer in ("sun", "qian")] == ["sun", "qian"]
    assert assigned(register, zhang, "zhou") in ("sun", "qian")


def test_nobody_follows_a_person_up_twice_at_a_time(register: Register, zhang: str) -> None:
    visit = follow_ups.accept(register, tracer(), zhang, "sun", DAY)
    with pytest.raises(BadInput, match="already"):
        follow_ups.accept(register, tracer(), zhang, "sun", DAY)
    follow_ups.close(register, tracer(), visit, "moved")
    follow_ups.accept(register, tracer(), zhang, "sun", DAY)


def test_a_note_reads_back_and_a_closed_follow_up_takes_none(register: Register, zhang: str) -> None:
    visit = follow_ups.accept(register, tracer(), zhang, "sun", DAY)
    assert follow_ups.note_of(register, tracer(), visit) == ""
    for text in ("体温三十七度二", "体温正常"):
        follow_ups.write(register, tracer(), visit, text)
        assert follow_ups.note_of(register, tracer(), visit) == text
    follow_ups.close(register, tracer(), visit, "completed")
    with pytest.raises(BadInput, match="no open follow-up"):
        follow_ups.write(register, tracer(), visit, "再访")
    with pytest.raises(BadInput, match="no open follow-up"):
        follow_ups.close(register, tracer(), visit, "completed")


def test_another_emergency_sees_neither_follow_ups_nor_cases(register: Register, zhang: str) -> None:
    visit = follow_ups.accept(register, tracer(), zhang, "sun", DAY)
    case = cases.report(register, tracer(), zhang, Status.PROBABLE, reported=DAY)
    other = tracer(emergency=emergency("e2"))
    assert follow_ups.of_person(register, other, zhang) == []
    assert cases.of_person(register, other, zhang) == []
    for refused in (
        lambda: follow_ups.note_of(register, other, visit),
        lambda: cases.note_of(register, other, case),
        lambda: cases.reclassify(register, other, case, Status.CONFIRMED),
        lambda: follow_ups.accept(register, other, zhang, "sun", DAY),
    ):
        with pytest.raises(BadInput, match="there is no"):
            refused()


def test_a_case_is_reported_and_reclassified(register: Register, zhang: str) -> None:
    onset = dt.date(2021, 1, 28)
    case = cases.report(register, tracer(), zhang, Status.SUSPECTED, reported=DAY, onset=onset, note="双肺磨玻璃影")
    cases.report(register, tracer(), zhang, Status.SUSPECTED, reported=DAY + dt.timedelta(1))
    cases.reclassify(register, tracer(), case, Status.CONFIRMED)
    first, second = cases.of_person(register, tracer(), zhang)
    assert (first.status, first.onset, first.reported) == (Status.CONFIRMED, onset, DAY)
    assert (second.status, second.onset) == (Status.SUSPECTED, None)
    assert cases.note_of(register, tracer(), case) == "双肺磨玻璃影"
    with pytest.raises(BadInput, match="after the report"):
        cases.report(register, tracer(), zhang, Status.SUSPECTED, reported=onset, onset=DAY)
