"""Reaching out: an analysis alone contacts nobody; a refusal to cooperate starts nothing by itself."""

from __future__ import annotations

import pytest

from bianque.model.authority import Purpose, Role
from bianque.model.errors import BadInput, NeedsSecondPerson, PolicyRefusal
from bianque.model.outreach import Channel, Contact, Outreach
from bianque.model.text import Text
from bianque.registry.register import Register
from bianque.services import outreach
from bianque.services.outreach import Proposal
from tests.safeguard.authorities import ELSEWHERE

from .desk import CLOSED, after, audited, grant, officer, take_in

TRACER = officer(Role.TRACER)
COMMAND = officer(Role.COMMAND)
WORDING = Text(
    zh="您好，我们是疾控中心，请您核对近期行程。", en="This is the health authority; please check your travel with us."
)


def proposal(persons: list[str], **changes: object) -> Proposal:
    values = {"channel": Channel.CALL, "reason": "On the train of a confirmed case", "wording": WORDING, **changes}
    return Proposal(persons, **values)  # type: ignore[arg-type]


@pytest.fixture
def persons(register: Register) -> list[str]:
    return take_in(register, 5)


@pytest.fixture
def proposed(register: Register, persons: list[str]) -> Outreach:
    return outreach.propose(register, TRACER, proposal(persons)).outreach


def test_nobody_can_be_marked_as_reached_before_the_list_is_approved(
    register: Register, persons: list[str], proposed: Outreach
) -> None:
    with pytest.raises(BadInput, match="not approved"):
        outreach.record_contact(register, TRACER, proposed.id, persons[0], Contact.REACHED)
    (status,) = outreach.list_outreach(register, TRACER)
    assert status.contacts == {Contact.WAITING: 5}


def test_who_proposes_does_not_approve(register: Register, persons: list[str]) -> None:
    tracing = officer(Role.COMMAND, purpose=Purpose.CONTACT_TRACING, grants=(grant(),))
    own = outreach.propose(register, tracing, proposal(persons)).outreach
    with pytest.raises(PolicyRefusal) as refusal:
        outreach.decide(register, COMMAND, own.id, approve=True, reason="The list was looked at")
    assert refusal.value.decision.rule == "second-person-is-first"
    assert not isinstance(refusal.value, NeedsSecondPerson)
    assert audited(register)[-1] == (COMMAND.account, "approve_outreach", "deny")


def test_a_tracer_does_not_approve_at_all(register: Register, proposed: Outreach) -> None:
    with pytest.raises(PolicyRefusal):
        outreach.decide(register, officer(Role.TRACER, "another"), proposed.id, approve=True, reason="Looked at it all")


def test_after_approval_each_contact_is_recorded_and_the_list_adds_up(
    register: Register, persons: list[str], proposed: Outreach
) -> None:
    decided = outreach.decide(register, COMMAND, proposed.id, approve=True, reason="The list was looked at")
    assert decided.verdict is not None
    assert decided.verdict.account == COMMAND.account
    for person, contact in zip(persons, [Contact.REACHED, Contact.NOT_REACHED, Contact.REFUSED], strict=False):
        outreach.record_contact(register, TRACER, proposed.id, person, contact)
    (status,) = outreach.list_outreach(register, COMMAND)
    assert status.contacts == {Contact.WAITING: 2, Contact.REACHED: 1, Contact.NOT_REACHED: 1, Contact.REFUSED: 1}
    events = audited(register)
    assert events.count((TRACER.account, "read_person", "allow")) == 3
    assert events.count((TRACER.account, "record_refusal", "allow")) == 1


def test_an_approval_ends_after_a_week_and_with_the_emergency(
    register: Register, persons: list[str], proposed: Outreach
) -> None:
    outreach.decide(register, COMMAND, proposed.id, approve=True, reason="The list was looked at")
    with pytest.raises(BadInput, match="has expired"):
        outreach.record_contact(register, after(TRACER, days=8), proposed.id, persons[0], Contact.REACHED)
    closed = officer(Role.TRACER, emergency=CLOSED)
    with pytest.raises(PolicyRefusal):
        outreach.record_contact(register, closed, proposed.id, persons[0], Contact.REACHED)


def test_a_refused_list_stays_refused(register: Register, persons: list[str], proposed: Outreach) -> None:
    outreach.decide(register, COMMAND, proposed.id, approve=False, reason="The reason does not carry it")
    with pytest.raises(BadInput, match="was refused"):
        outreach.decide(register, officer(Role.COMMAND, "other"), proposed.id, approve=True, reason="It does carry it")
    with pytest.raises(BadInput, match="was refused"):
        outreach.record_contact(register, TRACER, proposed.id, persons[0], Contact.REACHED)


def test_whom_the_grant_does_not_cover_is_left_out_and_counted(register: Register, persons: list[str]) -> None:
    elsewhere = take_in(register, 2, ELSEWHERE, seed=8)
    receipt = outreach.propose(register, TRACER, proposal([*persons, *elsewhere, "unknown", persons[0]]))
    assert (receipt.asked, receipt.listed, receipt.left_out) == (8, 5, 3)
    assert audited(register).count((TRACER.account, "propose_outreach", "deny")) == 2
    with pytest.raises(BadInput, match="none of 2"):
        outreach.propose(register, TRACER, proposal(elsewhere))


def test_a_person_who_is_not_on_the_list_is_not_contacted_under_it(register: Register, proposed: Outreach) -> None:
    outreach.decide(register, COMMAND, proposed.id, approve=True, reason="The list was looked at")
    (other,) = take_in(register, 1, seed=9)
    with pytest.raises(BadInput, match="not on outreach"):
        outreach.record_contact(register, TRACER, proposed.id, other, Contact.REACHED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": "why not"}, "says nothing"),
        ({"reason": "the holder of 138 0013 8000 was on it"}, "phone or ID number"),
        ({"wording": Text(zh="", en="Hello")}, "Chinese wording"),
        ({"wording": Text(zh="您好", en=" ")}, "English wording"),
    ],
)
def test_a_proposal_without_reason_or_wording_is_not_taken(
    register: Register, persons: list[str], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(BadInput, match=message) as refusal:
        outreach.propose(register, TRACER, proposal(persons, **changes))
    assert "138" not in refusal.value.diagnostics()
    assert outreach.list_outreach(register, TRACER) == []
