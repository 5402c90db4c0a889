"""Break-glass: an hour of reading without a grant, told to the data-protection officer, reviewed afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bianque.model.authority import Action, BreakGlass, Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.notice import NoticeKind
from bianque.registry import break_glass as leaves
from bianque.registry import notices, people
from bianque.registry.register import Register
from bianque.services import break_glass, gate

from .desk import CLOSED, after, officer, take_in

REASON = "Unconscious patient, family must be found"
NURSE, DPO = officer(Role.HOSPITAL), officer(Role.DPO)
EXERCISE = "exercise"


def leave_in_force(register: Register, account: str, at: dt.datetime, emergency: str) -> BreakGlass | None:
    """The leave that a session of the account would have."""
    with register.system() as connection:
        return leaves.in_force(connection, account, emergency, at)


def test_a_leave_lasts_an_hour_and_is_told_at_once(register: Register) -> None:
    leave = break_glass.open_glass(register, NURSE, REASON)
    assert leave_in_force(register, NURSE.account, after(NURSE, minutes=59).at, EXERCISE) == leave
    assert leave_in_force(register, NURSE.account, after(NURSE, minutes=60).at, EXERCISE) is None
    with register.reading(DPO) as connection:
        (told,) = notices.unseen(connection, DPO)
    assert (told.kind, told.about, told.account) == (NoticeKind.GLASS_BROKEN, leave.id, NURSE.account)


def test_a_leave_counts_for_nobody_else_and_in_no_other_emergency(register: Register) -> None:
    break_glass.open_glass(register, NURSE, REASON)
    assert leave_in_force(register, "another", NURSE.at, EXERCISE) is None
    assert leave_in_force(register, NURSE.account, NURSE.at, "other") is None


def test_with_a_leave_a_named_person_is_read_who_is_not_assigned(register: Register) -> None:
    (person,) = take_in(register, 1)
    worker = officer(Role.COMMUNITY_WORKER)
    (header,) = people.headers(register, worker, [person])
    with pytest.raises(PolicyRefusal):
        gate.permit(register, worker, Action.READ_PERSON, header.resource(("person.phone",)))
    leave = break_glass.open_glass(register, worker, REASON)
    widened = replace(worker, glass=leave)
    assert gate.permit(register, widened, Action.READ_PERSON, header.resource(("person.phone",))).allowed


def test_a_leave_can_be_ended_early_and_is_over_then(register: Register) -> None:
    break_glass.open_glass(register, NURSE, REASON)
    with pytest.raises(BadInput, match="in force"):
        break_glass.open_glass(register, NURSE, REASON)
    later = after(NURSE, minutes=5)
    break_glass.end_glass(register, later)
    assert leave_in_force(register, NURSE.account, later.at, EXERCISE) is None
    with pytest.raises(BadInput, match="no break-glass"):
        break_glass.end_glass(register, later)


def test_outside_a_declared_emergency_no_glass_is_broken(register: Register) -> None:
    with pytest.raises(PolicyRefusal) as refusal:
        break_glass.open_glass(register, officer(Role.HOSPITAL, emergency=CLOSED), REASON)
    assert refusal.value.decision.rule == "emergency-not-open"
    with pytest.raises(PolicyRefusal):
        break_glass.open_glass(register, replace(NURSE, emergency=None), REASON)
    assert break_glass.list_glass(register, DPO) == []


@pytest.mark.parametrize("role", [Role.EPIDEMIOLOGIST, Role.ADMINISTRATOR, Role.LABORATORY, Role.DPO])
def test_whoever_sees_nobody_breaks_no_glass(register: Register, role: Role) -> None:
    with pytest.raises(PolicyRefusal):
        break_glass.open_glass(register, officer(role), REASON)


def test_the_data_protection_officer_reviews_when_it_is_over_and_once(register: Register) -> None:
    leave = break_glass.open_glass(register, NURSE, REASON)
    finding = "The patient was treated; nothing else was read"
    with pytest.raises(BadInput, match="runs until"):
        break_glass.review_glass(register, DPO, leave.id, justified=True, finding=finding)
    later = after(DPO, hours=2)
    reviewed = break_glass.review_glass(register, later, leave.id, justified=True, finding=finding)
    assert (reviewed.reviewed_by, reviewed.justified, reviewed.account) == (DPO.account, True, NURSE.account)
    with register.reading(DPO) as connection:
        assert notices.unseen(connection, DPO) == []
    with pytest.raises(BadInput, match="reviewed already"):
        break_glass.review_glass(register, later, leave.id, justified=False, finding=finding)


def test_nobody_else_reviews(register: Register) -> None:
    leave = break_glass.open_glass(register, NURSE, REASON)
    with pytest.raises(PolicyRefusal):
        break_glass.review_glass(register, after(NURSE, hours=2), leave.id, justified=True, finding="It was all right")


def test_a_reason_that_names_somebody_is_not_taken(register: Register) -> None:
    with pytest.raises(BadInput, match="phone or ID number"):
        break_glass.open_glass(register, NURSE, "holder of 11010519491231002X must be found")
