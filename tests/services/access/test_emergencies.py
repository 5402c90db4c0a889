"""Emergencies and grants: nothing is open before two persons said so, nothing stays open after it ended."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from bianque.model.authority import Action, Purpose, Resource, Role
from bianque.model.emergency import Act, State
from bianque.model.errors import BadEmergencyFile, BadInput, PolicyRefusal
from bianque.model.terms_file import read_terms
from bianque.registry import audit
from bianque.registry.audit import Asked
from bianque.registry.register import Register
from bianque.services import accounts, audit_trail, emergencies, grants, oversight, sessions
from bianque.services.gate import permit

from .people import AT, Person, another, declared, events, first_people, terms, tracing

Entered = tuple[Register, dict[str, Person]]
ONE_PERSON = Resource(
    "person",
    "p",
    agency="cdc",
    emergency="hubei",
    within=("420100", "420000"),
    fields=("person.phone",),
    named=True,
)


def after(**passed: float) -> dt.datetime:
    return AT + dt.timedelta(**passed)


def tracer(register: Register, people: dict[str, Person], **changed: Any) -> Person:
    """A tracer with a grant, logged in and at work in the emergency."""
    min_ = another(register, people["wei"].authority(AT), "min", Role.TRACER)
    min_.first_log_in()
    grants.give(register, people["lan"].authority(AT), tracing("min", **changed))
    sessions.choose(register, min_.token, "hubei", Purpose.CONTACT_TRACING, AT)
    return min_


def reads(min_: Person, at: dt.datetime) -> bool:
    try:
        permit(min_.register, min_.authority(at), Action.READ_PERSON, ONE_PERSON)
    except PolicyRefusal:
        return False
    return True


def test_an_emergency_is_declared_by_two(entered: Entered) -> None:
    register, people = entered
    emergencies.draft(register, people["lan"].authority(AT), "hubei", terms())
    first = emergencies.sign(register, people["lan"].authority(AT), "hubei", Act.DECLARE)
    assert first.state is State.DRAFTED
    with pytest.raises(PolicyRefusal) as refused:
        emergencies.sign(register, people["lan"].authority(AT), "hubei", Act.DECLARE)
    assert refused.value.decision.rule == "second-person-is-first"
    assert emergencies.sign(register, people["bo"].authority(AT), "hubei", Act.DECLARE).state is State.DECLARED
    assert [one.id for one in emergencies.listed(register, people["bo"].authority(AT))] == ["hubei"]


def test_an_emergency_is_extended_closed_and_disposed_by_two_each_time(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    lan, bo = people["lan"].authority(AT), people["bo"].authority(AT)
    later = terms().ends + dt.timedelta(days=30)
    emergencies.sign(register, lan, "hubei", Act.EXTEND, later)
    extended = emergencies.sign(register, bo, "hubei", Act.EXTEND, later)
    assert (extended.terms.review, extended.terms.ends) == (terms().ends, later)
    emergencies.sign(register, bo, "hubei", Act.CLOSE)
    assert emergencies.sign(register, lan, "hubei", Act.CLOSE).closed_at == AT
    emergencies.sign(register, lan, "hubei", Act.DISPOSE)
    disposed = emergencies.sign(register, bo, "hubei", Act.DISPOSE)
    assert disposed.state is State.DISPOSED
    assert emergencies.find(register, lan, "hubei") == disposed
    assert len(disposed.signatures) == 8


def test_a_signature_that_does_not_fit_is_refused_and_on_record(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    with pytest.raises(BadInput, match="cannot be signed to dispose"):
        emergencies.sign(register, people["lan"].authority(AT), "hubei", Act.DISPOSE)
    last = events(register)[-1]
    assert (last["action"], last["outcome"], last["rule"]) == (
        "sign_emergency",
        "deny",
        "emergency-does-not-take-it",
    )


@pytest.mark.parametrize("login", ["wei", "min"])
def test_others_than_the_command_body_neither_draft_nor_sign(entered: Entered, login: str) -> None:
    register, people = entered
    people["min"] = another(register, people["wei"].authority(AT), "min", Role.EPIDEMIOLOGIST)
    people["min"].first_log_in()
    emergencies.draft(register, people["lan"].authority(AT), "hubei", terms())
    with pytest.raises(PolicyRefusal):
        emergencies.draft(register, people[login].authority(AT), "another", terms())
    with pytest.raises(PolicyRefusal):
        emergencies.sign(register, people[login].authority(AT), "hubei", Act.DECLARE)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"command_body": "elsewhere"}, "another organisation"),
        ({"executing_bodies": ("elsewhere",)}, "does not know: elsewhere"),
        ({"disposal_by": "elsewhere"}, "does not know: elsewhere"),
        ({"legal_bases": ("because",)}, "unknown: because"),
    ],
)
def test_terms_that_name_what_is_unknown_are_not_drafted(entered: Entered, changed: Any, says: str) -> None:
    register, people = entered
    with pytest.raises(BadInput, match=says):
        emergencies.draft(register, people["lan"].authority(AT), "hubei", terms(**changed))
    assert emergencies.listed(register, people["lan"].authority(AT)) == []


def test_terms_that_are_over_are_not_declared_and_the_refusal_is_on_record(entered: Entered) -> None:
    register, people = entered
    lan = people["lan"].authority(AT)
    yesterday = AT.date() - dt.timedelta(days=1)
    emergencies.draft(register, lan, "hubei", terms(starts=yesterday, review=yesterday, ends=yesterday))
    with pytest.raises(BadInput, match="is over, so nothing would open"):
        emergencies.sign(register, lan, "hubei", Act.DECLARE)
    assert emergencies.find(register, lan, "hubei").signatures == ()
    assert (events(register)[-1]["action"], events(register)[-1]["outcome"]) == ("sign_emergency", "deny")


@pytest.mark.parametrize("id_", ["", "Hubei", "a b", "x" * 64, "\0", "-x"])
def test_an_emergency_with_an_id_that_is_none_is_not_drafted(entered: Entered, id_: str) -> None:
    register, people = entered
    with pytest.raises(BadInput, match="characters"):
        emergencies.draft(register, people["lan"].authority(AT), id_, terms())
    with pytest.raises(PolicyRefusal, match="not-there"):
        emergencies.find(register, people["lan"].authority(AT), id_)


def test_an_id_is_never_used_twice(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    with pytest.raises(BadInput, match="already"):
        emergencies.draft(register, people["lan"].authority(AT), "hubei", terms())


def test_a_file_of_terms_says_which_key_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "authority.toml"
    path.write_text('command_body = "headquarters"\npurpose = ["contact_tracing"]\n', "utf-8")
    with pytest.raises(BadEmergencyFile) as bad:
        read_terms(path)
    assert "purpose: Extra inputs are not permitted" in bad.value.what
    assert "retention: Field required" in bad.value.what
    assert "authority-toml.md" in bad.value.remedy
    path.write_text("command_body =", "utf-8")
    with pytest.raises(BadEmergencyFile, match="Invalid value"):
        read_terms(path)


def test_a_tracer_works_under_a_grant_until_it_is_revoked(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    min_ = tracer(register, people)
    assert reads(min_, AT)
    (given,) = oversight.own_grants(register, min_.authority(AT))
    grants.revoke(register, people["bo"].authority(AT), given.grant.id, reason="moved to another district")
    assert not reads(min_, AT)
    with pytest.raises(BadInput, match="before"):
        grants.revoke(register, people["bo"].authority(AT), given.grant.id, reason="again")


def test_a_grant_ends_on_its_day_and_the_emergency_on_its_close(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    min_ = tracer(register, people, expires=after(minutes=10))
    assert reads(min_, after(minutes=9))
    assert not reads(min_, after(minutes=10))
    grants.give(register, people["lan"].authority(AT), tracing("min"))
    assert reads(min_, after(minutes=11))
    for login in ("lan", "bo"):
        emergencies.sign(register, people[login].authority(after(minutes=11)), "hubei", Act.CLOSE)
    assert not reads(min_, after(minutes=11))


def test_nobody_works_where_they_have_no_grant(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    min_ = tracer(register, people)
    for emergency, purpose in (("hubei", Purpose.RESEARCH), ("elsewhere", Purpose.CONTACT_TRACING)):
        with pytest.raises(BadInput, match="no grant"):
            sessions.choose(register, min_.token, emergency, purpose, AT)
        last = events(register)[-1]
        assert (last["action"], last["outcome"]) == ("choose", "deny")


def test_nobody_grants_to_themselves_and_the_administrator_to_nobody(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    with pytest.raises(PolicyRefusal) as refused:
        grants.give(register, people["lan"].authority(AT), tracing("lan"))
    assert refused.value.decision.rule == "grant-to-oneself"
    with pytest.raises(PolicyRefusal):
        grants.give(register, people["wei"].authority(AT), tracing("lan"))
    with pytest.raises(BadInput, match="administrator sees no personal data"):
        grants.give(register, people["lan"].authority(AT), tracing("wei"))


def test_a_grant_for_protected_persons_counts_with_a_second_person(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    min_ = tracer(register, people)
    given = grants.give(register, people["lan"].authority(AT), tracing("min", protected=True))
    assert not any(one.protected for one in min_.authority(AT).grants)
    with pytest.raises(PolicyRefusal):
        grants.confirm(register, people["lan"].authority(AT), given.grant.id)
    grants.confirm(register, people["bo"].authority(AT), given.grant.id)
    assert any(one.protected for one in min_.authority(AT).grants)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"purpose": Purpose.RESEARCH}, "none of its purposes"),
        ({"basis": "eu-gdpr-6-1-e"}, "none of its legal bases"),
        ({"regions": ("440100",)}, "outside its jurisdiction"),
        ({"regions": ()}, "no region"),
        ({"expires": AT}, "has passed"),
        ({"expires": AT + dt.timedelta(days=365)}, "ends with the emergency"),
        ({"reason": "  "}, "a reason is needed"),
        ({"reason": "a\0b"}, "a reason is needed"),
    ],
)
def test_a_grant_stays_within_its_emergency(entered: Entered, changed: Any, says: str) -> None:
    register, people = entered
    declared(register, people)
    another(register, people["wei"].authority(AT), "min", Role.TRACER)
    with pytest.raises(BadInput, match=says):
        grants.give(register, people["lan"].authority(AT), tracing("min", **changed))
    assert grants.listed(register, people["lan"].authority(AT)) == []


def test_grants_about_to_end_are_listed_by_their_end(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    another(register, people["wei"].authority(AT), "min", Role.TRACER)
    for days in (30, 3, 10):
        grants.give(register, people["lan"].authority(AT), tracing("min", expires=after(days=days)))
    soon = grants.listed(register, people["bo"].authority(AT), expires_by=after(days=14))
    assert [one.grant.expires for one in soon] == [after(days=3), after(days=10)]


def test_several_emergencies_are_open_and_each_session_works_in_one(entered: Entered) -> None:
    register, people = entered
    declared(register, people)
    declared(register, people, "hunan", regions=("430000",))
    lan = people["lan"]
    for id_ in ("hubei", "hunan"):
        sessions.choose(register, lan.token, id_, Purpose.SITUATION_MONITORING, AT)
        emergency = lan.authority(AT).emergency
        assert emergency is not None
        assert emergency.id == id_


def test_on_each_engine_people_enter_declare_grant_and_recover(register: Register) -> None:
    """The way from the first steps to a tracer who reads, and back, on SQLite and on PostgreSQL."""
    people = first_people(register)
    for one in people.values():
        one.first_log_in()
    declared(register, people)
    min_ = tracer(register, people)
    assert reads(min_, AT)
    accounts.disable(register, people["wei"].authority(AT), "min", reason="left")
    assert events(register)[-1]["reason"] == "disable: left"
    assert audit_trail.verify(register).number == len(events(register))
    with register.reading(people["lan"].authority(AT)) as connection:
        assert [link.event.action for link in audit.page(connection, Asked(account="min"), 9)] == [
            "read_person",
            "choose",
            "log_in",
            "enrol",
            "change_password",
        ]
    assert people["lan"].log_in(after(minutes=1), address="198.51.100.7")
