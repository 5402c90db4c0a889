"""A data subject's rights: a receipt with a deadline, and answers on record."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import select

from bianque.model.authority import Action, Role
from bianque.model.errors import BadInput, PolicyRefusal
from bianque.model.rights import Answer, IdentityCheck, Right, RightsRequest
from bianque.registry import erasure, people, rotation
from bianque.registry.register import Register
from bianque.registry.tables.rights import rights_request
from bianque.safeguard.deadlines import deadline, deadlines, earliest
from bianque.services import gate, rights
from bianque.services.rights import NewRequest
from bianque.services.show_person import show_person

from .desk import CLOSED, after, audited, officer, take_in

DPO, TRACER = officer(Role.DPO), officer(Role.TRACER)
STATEMENT = "My phone number is 13800138000, not the one of my neighbour."


@pytest.fixture
def person(register: Register) -> str:
    return take_in(register, 1)[0]


def received(register: Register, person: str, right: Right, event: int = 0) -> RightsRequest:
    return rights.receive(register, TRACER, NewRequest(person, right, IdentityCheck.ID_CARD, STATEMENT, event))


def test_a_receipt_names_the_last_day_and_the_law_and_nobody(register: Register, person: str) -> None:
    receipt = rights.receipt(received(register, person, Right.COPY))
    assert (receipt["due"], receipt["law"], receipt["identity"]) == ("2027-02-16", "pipl-45-50", "id_card")
    assert person not in json.dumps(receipt)
    assert "2027-02-16" in receipt["words"]["zh-CN"]  # type: ignore[index]
    assert "45, 46, 50" in receipt["words"]["en"]  # type: ignore[index]


def test_who_read_my_record_lists_bodies_purposes_and_fields_and_no_officer(register: Register, person: str) -> None:
    show_person(register, TRACER, person, ["person.name", "person.phone"])
    with pytest.raises(PolicyRefusal):
        show_person(register, officer(Role.COMMUNITY_WORKER, "another"), person)
    request = received(register, person, Right.ACCESS_LOG)
    log = rights.access_log(register, DPO, request.id)
    read, refused = log[0], log[1]
    assert (read.organisation, read.purpose, read.outcome) == ("cdc", "contact_tracing", "allow")
    assert set(read.fields) == {"person.name", "person.phone"}
    assert (refused.organisation, refused.outcome) == ("street", "deny")
    assert TRACER.account not in repr(log)


def test_a_copy_holds_the_whole_record_and_where_it_came_from(register: Register, person: str) -> None:
    request = received(register, person, Right.COPY)
    copy = rights.copy_of_record(register, DPO, request.id)
    assert copy["provided_by"] == "street"
    assert copy["record"] == people.read(register, DPO, person, [*people.FIELDS, *people.PLAIN])
    json.dumps(copy)
    with pytest.raises(BadInput, match="was answered"):
        rights.copy_of_record(register, DPO, request.id)


def test_a_correction_puts_the_right_value_in_and_a_wrong_one_is_refused(register: Register, person: str) -> None:
    request = received(register, person, Right.CORRECTION)
    assert rights.statement(register, DPO, request.id) == STATEMENT
    with pytest.raises(BadInput, match="cannot be corrected"):
        rights.correct(register, DPO, request.id, {"person.phone": "123"})
    rights.correct(register, DPO, request.id, {"person.phone": "13800138000"})
    assert people.read(register, DPO, person, ["person.phone"]) == {"person.phone": "13800138000"}
    assert rights.list_requests(register, DPO)[0].answered is not None


def test_a_contested_decision_is_reconsidered_by_another_than_who_took_it(register: Register, person: str) -> None:
    (header,) = people.headers(register, DPO, [person])
    taker = officer(Role.DPO, "first-dpo")
    gate.permit(register, taker, Action.PROTECT_PERSON, header.resource(()))
    number = len(audited(register))
    request = received(register, person, Right.CONTEST, number)
    assert request.first == taker.account
    with pytest.raises(PolicyRefusal) as refusal:
        rights.reconsider(register, taker, request.id, change=False, reason="It was right the first time")
    assert refusal.value.decision.rule == "second-person-is-first"
    decided = rights.reconsider(register, DPO, request.id, change=True, reason="There was no ground for it")
    assert decided.answered is not None
    assert (decided.answered.answer, decided.answered.account) == (Answer.CHANGED, DPO.account)


def test_only_a_decision_about_oneself_is_contested(register: Register, person: str) -> None:
    take_in(register, 1, seed=8)
    with pytest.raises(BadInput, match="no decision about this record"):
        received(register, person, Right.CONTEST, 1_000)


def test_a_refusal_has_a_reason_and_a_request_is_answered_once(register: Register, person: str) -> None:
    request = received(register, person, Right.COPY)
    with pytest.raises(BadInput, match="says nothing"):
        rights.refuse(register, DPO, request.id, "no")
    refused = rights.refuse(register, DPO, request.id, "The asker is not the data subject")
    assert "court" in rights.receipt(refused)["words"]["en"]  # type: ignore[index]
    with pytest.raises(BadInput, match="was answered"):
        rights.refuse(register, DPO, request.id, "The asker is not the data subject")


def test_what_was_not_answered_in_time_is_listed(register: Register, person: str) -> None:
    late, answered = received(register, person, Right.COPY), received(register, person, Right.ACCESS_LOG)
    rights.access_log(register, DPO, answered.id)
    assert rights.list_overdue(register, after(DPO, days=15)) == []
    assert [one.id for one in rights.list_overdue(register, after(DPO, days=16))] == [late.id]


def test_data_subjects_are_answered_after_the_close_too(register: Register, person: str) -> None:
    request = received(register, person, Right.ACCESS_LOG)
    assert rights.access_log(register, officer(Role.DPO, emergency=CLOSED), request.id)


@pytest.mark.parametrize("role", [Role.TRACER, Role.COMMAND, Role.ADMINISTRATOR, Role.EPIDEMIOLOGIST])
def test_nobody_but_the_data_protection_officer_answers(register: Register, person: str, role: Role) -> None:
    request = received(register, person, Right.COPY)
    with pytest.raises(PolicyRefusal):
        rights.copy_of_record(register, officer(role), request.id)


def test_what_was_said_stays_readable_when_keys_rotate_and_goes_with_the_person(
    register: Register, person: str
) -> None:
    request = received(register, person, Right.CORRECTION)
    rotation.rotate_data_keys(register, DPO, [person])
    assert rights.statement(register, DPO, request.id) == STATEMENT
    erasure.erase(register, DPO, [person])
    assert rights.statement(register, DPO, request.id) == ""
    with register.reading(DPO) as connection:
        assert connection.execute(select(rights_request.c.note)).scalar_one() is None


def test_deadlines_follow_the_laws() -> None:
    """Regulation (EEC, Euratom) No 1182/71, art. 3(2)(c): a month that ends on no day ends on its last."""
    by_id = {one.id: one for one in deadlines()}
    assert by_id["gdpr-12-3"].due(dt.date(2027, 1, 31)) == dt.date(2027, 2, 28)
    assert by_id["gdpr-12-3"].due(dt.date(2027, 12, 15)) == dt.date(2028, 1, 15)
    assert by_id["gb-t-35273-8-7"].due(dt.date(2027, 2, 1)) == dt.date(2027, 3, 3)
    due, law = earliest(dt.date(2027, 2, 1))
    assert (due, law.configured) == (dt.date(2027, 2, 16), True)


def test_a_law_that_was_taken_out_of_the_file_is_named() -> None:
    with pytest.raises(BadInput, match="no deadline is called pipl-2021"):
        deadline("pipl-2021")
