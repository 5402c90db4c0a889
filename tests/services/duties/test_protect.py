"""Protected persons: put on by one, taken off by two, and meanwhile read by nobody without their own grant."""

from __future__ import annotations

import pytest

from bianque.model.authority import Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.protection import Because
from bianque.registry.register import Register
from bianque.services import protect
from bianque.services.show_person import show_person

from .desk import grant, officer, take_in

DPO, SECOND, TRACER = officer(Role.DPO), officer(Role.DPO, "second-dpo"), officer(Role.TRACER)
REASON = "The trial is over; no threat is left"


def test_one_person_protects_and_two_take_it_off(register: Register) -> None:
    (person,) = take_in(register, 1)
    protect.protect(register, DPO, person, Because.WITNESS)
    with pytest.raises(PolicyRefusal) as refusal:
        show_person(register, TRACER, person)
    assert refusal.value.decision.rule == "protected-person"
    assert show_person(register, officer(Role.TRACER, grants=(grant(protected=True),)), person).id == person
    asked = protect.unprotect(register, DPO, person, REASON)
    assert (asked.off_asked_by, asked.off_by) == (DPO.account, "")
    with pytest.raises(PolicyRefusal) as alone:
        protect.unprotect(register, DPO, person, REASON)
    assert alone.value.decision.rule == "second-person-is-first"
    assert [one.person for one in protect.list_protected(register, DPO)] == [person]
    assert protect.unprotect(register, SECOND, person, REASON).off_by == SECOND.account
    assert protect.list_protected(register, DPO) == []
    assert show_person(register, TRACER, person).id == person


def test_where_there_is_one_officer_the_command_body_is_the_second_and_never_the_first(register: Register) -> None:
    (person,) = take_in(register, 1)
    command = officer(Role.COMMAND)
    with pytest.raises(PolicyRefusal):
        protect.protect(register, command, person, Because.WITNESS)
    protect.protect(register, DPO, person, Because.WITNESS)
    with pytest.raises(PolicyRefusal) as alone:
        protect.unprotect(register, command, person, REASON)
    assert alone.value.decision.rule == "duty"
    protect.unprotect(register, DPO, person, REASON)
    assert protect.unprotect(register, command, person, REASON).off_by == command.account
    assert protect.list_protected(register, DPO) == []


def test_a_tracer_neither_protects_nor_unprotects(register: Register) -> None:
    (person,) = take_in(register, 1)
    with pytest.raises(PolicyRefusal):
        protect.protect(register, TRACER, person, Because.SHELTER)
    protect.protect(register, DPO, person, Because.SHELTER)
    with pytest.raises(BadInput, match="protected already"):
        protect.protect(register, SECOND, person, Because.SHELTER)
    with pytest.raises(PolicyRefusal):
        protect.unprotect(register, TRACER, person, REASON)


def test_who_is_not_protected_cannot_be_unprotected(register: Register) -> None:
    (person,) = take_in(register, 1)
    with pytest.raises(BadInput, match="not protected"):
        protect.unprotect(register, DPO, person, REASON)
