"""The emergency's way from draft to disposal: two persons of the right body for each step, and nothing out of turn."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bianque.model.emergency import Act, Emergency, Signature, State, Terms
from bianque.model.errors import BadInput

NOW = dt.datetime(2021, 2, 1, 8, tzinfo=dt.UTC)
TERMS: dict[str, Any] = {
    "name": {"zh": "演习", "en": "Exercise"},
    "command_body": "command",
    "executing_bodies": ["street-office"],
    "start_condition": {"zh": "四例不明原因肺炎", "en": "Four cases of pneumonia of unknown cause"},
    "legal_bases": ["cn-infectious-2013-12"],
    "purposes": ["contact_tracing", "isolation_follow_up"],
    "sources": [
        {
            "organisation": "street-office",
            "fields": ["name", "phone"],
            "purposes": ["contact_tracing"],
            "basis": "cn-infectious-2013-12",
        }
    ],
    "regions": ["91"],
    "starts": "2021-01-20",
    "review": "2021-02-20",
    "ends": "2021-03-20",
    "retention": {"identified_days": 30, "pseudonymous_days": 90, "audit_days": 1095},
    "disposal": {"zh": "关闭后删除", "en": "Erased after the close"},
    "disposal_by": "archive",
}


def drafted(**changes: Any) -> Emergency:
    return Emergency("e1", "agency", Terms.model_validate(TERMS | changes))


def signed(act: Act, who: str, body: str = "command", ends: dt.date | None = None) -> Signature:
    return Signature(act, who, body, NOW, ends)


def declared() -> Emergency:
    return drafted().signed(signed(Act.DECLARE, "li")).signed(signed(Act.DECLARE, "wang"))


def test_one_signature_declares_nothing_and_two_persons_do() -> None:
    one = drafted().signed(signed(Act.DECLARE, "li"))
    assert one.state is State.DRAFTED
    assert not one.open_on(dt.date(2021, 2, 1))
    assert one.signed(signed(Act.DECLARE, "wang")).open_on(dt.date(2021, 2, 1))


def test_the_second_person_is_another() -> None:
    with pytest.raises(BadInput, match="signed already"):
        drafted().signed(signed(Act.DECLARE, "li")).signed(signed(Act.DECLARE, "li"))


def test_a_person_of_another_body_declares_nothing() -> None:
    with pytest.raises(BadInput, match="persons of command"):
        drafted().signed(signed(Act.DECLARE, "zhao", "street-office"))


def test_terms_that_are_over_are_not_declared_and_on_their_last_day_they_are() -> None:
    """The last day ends at midnight UTC: at 07:59 of the next in Beijing it still runs."""
    last = drafted(starts="2021-01-01", review="2021-01-31", ends="2021-01-31")
    at = dt.datetime.fromisoformat("2021-02-01T07:59:59+08:00")
    assert last.signed(Signature(Act.DECLARE, "li", "command", at)).waiting(Act.DECLARE)
    with pytest.raises(BadInput, match="the last day, 2021-01-31, is over"):
        last.signed(Signature(Act.DECLARE, "li", "command", at + dt.timedelta(seconds=1)))


def test_an_extension_to_a_day_that_is_over_is_not_signed() -> None:
    late = dt.datetime(2021, 4, 21, tzinfo=dt.UTC)
    with pytest.raises(BadInput, match="the last day, 2021-04-20, is over"):
        declared().signed(Signature(Act.EXTEND, "li", "command", late, dt.date(2021, 4, 20)))


@pytest.mark.parametrize(("day", "is_open"), [("2021-01-19", False), ("2021-01-20", True), ("2021-03-21", False)])
def test_it_is_open_from_its_first_day_to_its_last(day: str, is_open: bool) -> None:
    assert declared().open_on(dt.date.fromisoformat(day)) is is_open


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2021-01-20T07:59:59+08:00", False),
        ("2021-01-20T08:00:00+08:00", True),
        ("2021-03-21T07:59:59+08:00", True),
        ("2021-03-21T08:00:00+08:00", False),
        ("2021-03-20T20:00:00-05:00", False),
    ],
)
def test_its_days_begin_and_end_at_midnight_utc_whatever_zone_a_clock_is_in(at: str, is_open: bool) -> None:
    assert declared().open_at(dt.datetime.fromisoformat(at)) is is_open


def test_an_extension_moves_the_end_when_both_signed_the_same_day() -> None:
    to = dt.date(2021, 4, 20)
    once = (
        declared()
        .signed(signed(Act.EXTEND, "li", ends=to))
        .signed(signed(Act.EXTEND, "wang", ends=dt.date(2021, 5, 1)))
    )
    assert once.terms.ends == dt.date(2021, 3, 20)
    both = once.signed(signed(Act.EXTEND, "wang", ends=to))
    assert (both.terms.ends, both.terms.review) == (to, dt.date(2021, 3, 20))


def test_a_closed_emergency_is_shut_and_its_disposal_is_signed_by_whoever_executes_it() -> None:
    closed = declared().signed(signed(Act.CLOSE, "li")).signed(signed(Act.CLOSE, "wang"))
    assert closed.state is State.CLOSED
    assert closed.closed_at == NOW
    assert not closed.open_on(dt.date(2021, 2, 1))
    with pytest.raises(BadInput, match="persons of archive"):
        closed.signed(signed(Act.DISPOSE, "li"))
    gone = closed.signed(signed(Act.DISPOSE, "qian", "archive")).signed(signed(Act.DISPOSE, "sun", "archive"))
    assert gone.state is State.DISPOSED


@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.sampled_from(["li", "wang", "qian"]), st.booleans())))
def test_no_sequence_of_one_person_changes_the_state(steps: list[tuple[Act, str, bool]]) -> None:
    """Each state was reached by two different persons."""
    now = drafted(disposal_by="command")
    for act, who, own in steps:
        before = now
        try:
            given_ = signed(act, who, "command" if own else "other", dt.date(2022, 1, 1) if act is Act.EXTEND else None)
            now = now.signed(given_)
        except BadInput:
            assert now is before
            continue
        if now.state is not before.state:
            signers = {s.account for s in now.signatures if s.act is act}
            assert len(signers) >= 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ends": "2021-01-01"}, "not in this order"),
        ({"purposes": ["isolation_follow_up"]}, "purposes outside"),
        ({"legal_bases": ["other"]}, "none of the emergency's"),
        ({"purposes": ["advertising"]}, "contact_tracing"),
        ({"retention": {"identified_days": 30, "pseudonymous_days": 90, "audit_days": 30}}, "180"),
        ({"regions": []}, "at least 1"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Terms.model_validate(TERMS | changes)
