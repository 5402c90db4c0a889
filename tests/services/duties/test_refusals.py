"""Who does not cooperate is on record; help of the police is asked for by one and decided by another."""

from __future__ import annotations

import pytest

from bianque.model.authority import Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.notice import NoticeKind
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry import notices, organisations, outreach
from bianque.registry.register import Register
from bianque.services import refusals

from .desk import AGENCY, audited, officer, take_in

TRACER, COMMAND = officer(Role.TRACER), officer(Role.COMMAND)
REASON = "Left isolation twice; a talk did not help"


@pytest.fixture
def refusal(register: Register) -> str:
    names = Text(zh="甲", en="A")
    with register.system() as transaction:
        organisations.add_agency(transaction, Agency(AGENCY, names))
        organisations.add(transaction, Organisation("cdc", AGENCY, HolderKind.POLICE, names))  # one the emergency names
        organisations.add(transaction, Organisation("far-police", AGENCY, HolderKind.POLICE, names))
        organisations.add(transaction, Organisation("clinic", AGENCY, HolderKind.HOSPITAL, names))
    (person,) = take_in(register, 1)
    return refusals.record_refusal(register, TRACER, person, "isolation").id


def test_a_refusal_is_recorded_and_asks_nobody_for_anything(register: Register, refusal: str) -> None:
    assert audited(register)[-1] == (TRACER.account, "record_refusal", "allow")
    assert refusals.list_assistance(register, COMMAND) == []
    with register.reading(TRACER) as connection:
        assert outreach.find_refusal(connection, TRACER, refusal).what == "isolation"


def test_help_is_decided_by_another_person_and_the_officer_is_told_at_once(register: Register, refusal: str) -> None:
    asked = refusals.ask_assistance(register, TRACER, refusal, "cdc", REASON)
    with register.reading(TRACER) as connection:
        (told,) = notices.unseen(connection, TRACER)
    assert (told.kind, told.about, told.account) == (NoticeKind.ASSISTANCE_ASKED, asked.id, TRACER.account)
    decided = refusals.decide_assistance(register, COMMAND, asked.id, grant=True, reason="Nothing milder is left")
    assert decided.verdict is not None
    assert decided.verdict.granted
    with pytest.raises(BadInput, match="decided already"):
        refusals.decide_assistance(
            register, officer(Role.COMMAND, "other"), asked.id, grant=False, reason="Too harsh now"
        )


def test_who_asks_does_not_decide(register: Register, refusal: str) -> None:
    asked = refusals.ask_assistance(register, COMMAND, refusal, "cdc", REASON)
    with pytest.raises(PolicyRefusal) as error:
        refusals.decide_assistance(register, COMMAND, asked.id, grant=True, reason="Nothing milder is left")
    assert error.value.decision.rule == "second-person-is-first"
    assert refusals.list_assistance(register, COMMAND)[0].verdict is None


def test_only_police_that_the_emergency_names_are_asked(register: Register, refusal: str) -> None:
    with pytest.raises(BadInput, match="no police"):
        refusals.ask_assistance(register, TRACER, refusal, "clinic", REASON)
    with pytest.raises(PolicyRefusal) as error:
        refusals.ask_assistance(register, TRACER, refusal, "far-police", REASON)
    assert error.value.decision.rule == "recipient-not-named"


def test_what_nobody_can_refuse_is_not_recorded(register: Register, refusal: str) -> None:
    with pytest.raises(BadInput, match="no measure"):
        refusals.record_refusal(register, TRACER, refusal, "party")
