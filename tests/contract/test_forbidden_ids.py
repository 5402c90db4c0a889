"""Which ids there are is nobody's to find out: not there and not yours are refused alike, and both are on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from bianque.model.authority import Authority, BreakGlass, Purpose, Role
from bianque.model.case import Status
from bianque.model.emergency import Act
from bianque.model.errors import PolicyRefusal
from bianque.model.follow_up import Outcome
from bianque.model.outreach import Channel, Outreach
from bianque.model.paper_forms import FormBatch
from bianque.model.release import Release
from bianque.model.text import Text
from bianque.registry import break_glass as leaves
from bianque.registry import exports, oversight, releases
from bianque.registry import outreach as lists
from bianque.registry import paper_forms as batches
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import (
    break_glass,
    cases,
    emergencies,
    explain,
    export_people,
    follow_ups,
    grants,
    outreach,
    paper_forms,
    protect,
    recovery,
    refusals,
    reidentify,
    released,
    rights,
    show_person,
)
from tests.safeguard.authorities import AT, authority
from tests.services.people.office import EMERGENCY

ROLES = [role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR)]
NOWHERE = "0f3c" * 3
NO_DOOR = cast(Door, None)  # a request that is refused never comes to it
ELSEWHERE = replace(EMERGENCY, id="another")
Act_ = Callable[[Register, Authority, str], object]

# Everything that takes an id of something that stands in the register.
BY_ID: dict[str, Act_] = {
    "approve a release": lambda r, who, id_: reidentify.approve(r, NO_DOOR, who, id_, "x"),
    "refuse a release": lambda r, who, id_: reidentify.refuse(r, NO_DOOR, who, id_, "not needed"),
    "read a release": lambda r, who, id_: reidentify.read(r, who, id_, "x"),
    "give an export": export_people.give_export,
    "ask for the export of a list": lambda r, who, id_: export_people.request_export(
        r, who, of_list=id_, fields=("person.name",), recipient="clinic", reason="beds for tonight"
    ),
    "answer with the access log": rights.access_log,
    "answer with a copy": rights.copy_of_record,
    "refuse a rights request": lambda r, who, id_: rights.refuse(r, who, id_, "already answered on paper"),
    "reconsider": lambda r, who, id_: rights.reconsider(r, who, id_, change=False, reason="as decided before"),
    "read a statement": rights.statement,
    "reset a second factor": recovery.reset,
    "confirm a grant": grants.confirm,
    "revoke a grant": lambda r, who, id_: grants.revoke(r, who, id_, reason="moved away"),
    "decide on outreach": lambda r, who, id_: outreach.decide(r, who, id_, approve=True, reason="as proposed"),
    "ask for assistance": lambda r, who, id_: refusals.ask_assistance(r, who, id_, "rail", "the door stays shut"),
    "decide on assistance": lambda r, who, id_: refusals.decide_assistance(r, who, id_, grant=True, reason="needed"),
    "book forms back": lambda r, who, id_: paper_forms.book_back(r, who, id_, returned=1, destroyed=0),
    "review break-glass": lambda r, who, id_: break_glass.review_glass(r, who, id_, justified=True, finding="as said"),
    "write a note": lambda r, who, id_: follow_ups.write_note(r, who, id_, "well"),
    "close a follow-up": lambda r, who, id_: follow_ups.close_follow_up(r, who, id_, Outcome.COMPLETED),
    "reclassify a case": lambda r, who, id_: cases.reclassify_case(r, who, id_, Status.CONFIRMED),
    "show a person": show_person.show_person,
    "unprotect a person": lambda r, who, id_: protect.unprotect(r, who, id_, "the trial is over"),
    "release figures": released.release,
    "decline figures": released.decline,
    "sign an emergency": lambda r, who, id_: emergencies.sign(r, who, id_, Act.CLOSE),
    "show an emergency": emergencies.find,
    "explain an emergency": explain.emergency_in_register,
}


def at_work(role: Role) -> Authority:
    return authority(role, agency="cdc", emergency=EMERGENCY)


def refusal(register: Register, attempt: Act_, who: Authority, id_: str) -> tuple[str, str]:
    """The rule and the words of a refusal, which is one event more."""
    marked = replace(who, session=f"{id(attempt)} {who.role} {id_}")
    with pytest.raises(PolicyRefusal) as refused:
        attempt(register, marked, id_)
    with register.system() as connection:
        newest = oversight.events(connection, refused=True, limit=1)[0].event
    assert (newest.session, newest.rule) == (marked.session, refused.value.decision.rule)
    return refused.value.decision.rule, refused.value.diagnostics()


@pytest.mark.parametrize("what", BY_ID)
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_an_id_that_is_not_there_is_refused_on_record_whoever_asks(register: Register, what: str) -> None:
    rules = {role: refusal(register, BY_ID[what], at_work(role), NOWHERE)[0] for role in ROLES}
    assert set(rules.values()) != {"duty"}, "somebody has this duty"
    outside = replace(at_work(Role.TRACER), grants=(), organisation="stranger", purpose=Purpose.RESEARCH)
    refusal(register, BY_ID[what], outside, NOWHERE)


def _elsewhere(register: Register, kind: str) -> str:
    """The id of something that stands in another emergency of the agency."""
    whose = replace(at_work(Role.TRACER), emergency=ELSEWHERE)
    text, id_ = Text(zh="演练", en="exercise"), "e15e" * 3
    if kind == "export":
        return exports.ask(
            register, whose, recipient="clinic", of_list="returned", fields=("person.name",), reason="beds"
        ).id
    with register.writing(whose) as connection:
        if kind == "release":
            asked = Release(
                id_, ELSEWHERE.id, "li", "cdc", Purpose.CONTACT_TRACING, "case 12", ("phone",), ("a" * 32,), AT, 8, b"x"
            )
            releases.add(connection, asked, "cdc")
        elif kind == "outreach":
            listed = Outreach(id_, "cdc", ELSEWHERE.id, Channel.CALL, "case 12", text, "li", "cdc", AT)
            lists.add(connection, listed, ["0" * 32])
        elif kind == "forms":
            booked = FormBatch(id_, "cdc", ELSEWHERE.id, "cdc", "survey", 1, 9, "li", "tablet 7", "li", AT, AT.date())
            batches.add(connection, booked)
        else:
            leave = BreakGlass(id_, "a reason", AT, AT + dt.timedelta(minutes=60))
            leaves.add(connection, replace(whose, agency="other"), leave)
    return id_


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("export", "give an export"),
        ("release", "approve a release"),
        ("release", "refuse a release"),
        ("release", "read a release"),
        ("outreach", "decide on outreach"),
        ("forms", "book forms back"),
        ("leave", "review break-glass"),
    ],
)
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_what_is_not_yours_is_refused_in_the_words_of_what_is_not_there(
    register: Register, kind: str, what: str
) -> None:
    there = _elsewhere(register, kind)
    for role in ROLES:
        who = at_work(role)
        assert refusal(register, BY_ID[what], who, there) == refusal(register, BY_ID[what], who, NOWHERE), role
