"""The states of a release: who must have said what."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput
from bianque.model.release import Release, ReleaseState, Verdict
from bianque.safeguard.release import judged, readable, requested, standing

NOW = dt.datetime(2028, 2, 1, 9, tzinfo=dt.UTC)
ASKED = Release(
    id="r1",
    emergency="e1",
    requester="li",
    organisation="street-office",
    purpose=Purpose.CONTACT_TRACING,
    reason="rode in the same carriage",
    fields=("phone",),
    targets=("00" * 16,),
    asked=NOW,
    hours=8,
    officer_key=bytes(32),
)


def says(account: str, organisation: str, approves: bool = True, hours: float = 1) -> Verdict:
    return Verdict(account, organisation, approves, NOW + dt.timedelta(hours=hours))


def test_two_persons_of_two_organisations_release_it_for_hours() -> None:
    once = judged(ASKED, says("wang", "health-commission"))
    assert once.state is ReleaseState.APPROVED_ONCE
    assert not readable(once, "li")
    twice = judged(once, says("zhao", "police", hours=2))
    assert twice.state is ReleaseState.RELEASED
    assert readable(twice, "li")
    assert not readable(twice, "wang")
    assert twice.until == NOW + dt.timedelta(hours=10)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (says("li", "street-office"), "does not approve"),
        (says("wang", "health-commission"), "approved already"),
        (says("wu", "health-commission"), "through another person"),
        (says("zhao", "police", hours=24), "lapsed"),
    ],
)
def test_the_second_approver_is_another_person_of_another_organisation_in_time(second: Verdict, why: str) -> None:
    once = judged(ASKED, says("wang", "health-commission"))
    with pytest.raises(BadInput, match=why):
        judged(once, second)


def test_the_requester_is_not_the_first_approver_either() -> None:
    with pytest.raises(BadInput, match="does not approve"):
        judged(ASKED, says("li", "police"))


def test_one_refusal_ends_it() -> None:
    refused = judged(judged(ASKED, says("wang", "health-commission")), says("zhao", "police", approves=False))
    assert refused.state is ReleaseState.REFUSED
    with pytest.raises(BadInput, match="refused"):
        judged(refused, says("sun", "education-bureau"))


def test_it_lapses_expires_and_closes_and_never_comes_back() -> None:
    released = judged(judged(ASKED, says("wang", "health-commission")), says("zhao", "police"))
    later = NOW + dt.timedelta(hours=24)
    lapsed = standing(ASKED, later, emergency_open=True)
    expired = standing(released, later, emergency_open=True)
    closed = standing(released, NOW, emergency_open=False)
    assert [r.state for r in (lapsed, expired, closed)] == [
        ReleaseState.LAPSED,
        ReleaseState.EXPIRED,
        ReleaseState.CLOSED,
    ]
    for ended in (lapsed, expired, closed):
        assert not readable(ended, "li")
        assert standing(ended, NOW, emergency_open=True) is ended


def test_an_approval_is_for_this_request_and_no_other() -> None:
    others = [
        replace(ASKED, id="r2"),
        replace(ASKED, targets=("11" * 16,)),
        replace(ASKED, fields=("phone", "id_number")),
        replace(ASKED, requester="wu"),
        replace(ASKED, hours=9),
        replace(ASKED, officer_key=bytes(31) + b"\1"),
    ]
    assert ASKED.digest() not in {other.digest() for other in others}
    assert ASKED.digest() == judged(ASKED, says("wang", "health-commission")).digest()


@pytest.mark.parametrize("wrong", [{"targets": ()}, {"fields": ()}, {"reason": " "}, {"hours": 0}, {"hours": 73}])
def test_a_request_without_target_field_reason_or_end_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        requested(replace(ASKED, **wrong))  # type: ignore[arg-type]
