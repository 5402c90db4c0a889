"""Decisions: deny by default; purpose, basis, emergency, jurisdiction and duty must all match."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bianque.model.authority import Action, Authority, Purpose, Recipient, Resource, Role
from bianque.model.decision import Decision, Mask, Outcome
from bianque.model.emergency import State
from bianque.model.organisation import HolderKind
from bianque.safeguard import session_rules
from bianque.safeguard.decide import NO_DUTY, decide, sentences

from .authorities import AT, BASIS, COUNTY, ELSEWHERE, EMERGENCY, authority, glass, grant, person, recipient

RELEASE = Resource(kind="release", agency="hubei", emergency="exercise", locked=True, first="another")


def rule(given: Authority, action: Action, on: Resource, to: Recipient | None = None) -> str:
    decision = decide(given, action, on, to)
    assert decision.outcome is Outcome.DENY
    return decision.rule


def reading(**changes: Any) -> str:
    return rule(authority(**changes), Action.READ_PERSON, person())


def test_a_tracer_at_work_reads_a_person_of_the_county_whole() -> None:
    decision = decide(authority(), Action.READ_PERSON, person())
    assert (decision.outcome, decision.rule, dict(decision.masks)) == (Outcome.ALLOW, "tracer", {})


def test_nothing_personal_moves_without_an_open_emergency() -> None:
    assert reading(emergency=None) == "emergency-missing"
    for state in (State.DRAFTED, State.CLOSED, State.DISPOSED):
        assert reading(emergency=replace(EMERGENCY, state=state)) == "emergency-not-open"
    for day in (dt.date(2026, 12, 31), dt.date(2027, 3, 2)):
        at = dt.datetime(day.year, day.month, day.day, 9, tzinfo=dt.UTC)
        assert reading(at=at, grants=(grant(expires=AT + dt.timedelta(days=99)),)) == "emergency-not-open"


def test_purpose_basis_and_grant_must_match() -> None:
    assert reading(purpose=None) == "purpose-missing"
    assert reading(purpose=Purpose.RESEARCH) == "purpose-not-for-role"
    narrowed = EMERGENCY.terms.model_copy(update={"purposes": (Purpose.RESEARCH,)})
    assert reading(emergency=replace(EMERGENCY, terms=narrowed)) == "purpose-not-of-emergency"
    assert reading(grants=()) == "purpose-not-granted"
    assert reading(grants=(grant(Purpose.ISOLATION_FOLLOW_UP),)) == "purpose-not-granted"
    assert reading(grants=(grant(emergency="another"),)) == "purpose-not-granted"
    assert reading(grants=(grant(expires=AT),)) == "grant-expired"
    assert reading(grants=(grant(starts=AT + dt.timedelta(1), expires=AT + dt.timedelta(2)),)) == "grant-expired"
    assert reading(basis="of-my-own") == "basis-unknown"
    assert reading(basis="eu-gdpr-9-2-i") == "basis-not-of-emergency"
    assert reading(basis="cn-regulation-2003-44") == "basis-does-not-carry-purpose"
    assert reading(grants=(grant(basis="eu-gdpr-9-2-i"),)) == "basis-not-granted"
    assert rule(authority(), Action.READ_PERSON, person(purposes=(Purpose.RESEARCH,))) == "purpose-not-of-source"


def test_jurisdiction_must_match() -> None:
    assert rule(authority(), Action.READ_PERSON, person(within=ELSEWHERE)) == "region-outside-emergency"
    assert reading(grants=(grant(regions=("420500",)),)) == "region-not-granted"
    assert rule(authority(), Action.READ_PERSON, person(within=())) == "region-unknown"
    whole = authority(grants=(grant(regions=("420000",)),))
    assert decide(whole, Action.READ_PERSON, person(within=())).allowed


def test_two_grants_do_not_add_up_to_one_that_was_never_given() -> None:
    """A purpose granted here and a region granted for another purpose give no right there."""
    halves = (grant(regions=("420500",)), grant(Purpose.ISOLATION_FOLLOW_UP))
    assert reading(grants=halves) == "region-not-granted"
    ordinary_here = (grant(regions=("420500",), protected=True), grant())
    given = authority(grants=ordinary_here)
    assert rule(given, Action.READ_PERSON, person(protected=True)) == "protected-person"


def test_a_record_of_another_agency_or_emergency_is_refused() -> None:
    assert rule(authority(), Action.READ_PERSON, person(agency="hunan")) == "wrong-agency"
    assert rule(authority(), Action.READ_PERSON, person(agency="")) == "agency-unknown"
    assert rule(authority(), Action.READ_PERSON, person(emergency="another")) == "other-emergency"
    assert rule(authority(), Action.READ_PERSON, person(emergency="")) == "other-emergency"
    assert reading(organisation="a-company") == "organisation-not-named"


def test_who_sees_persons_needs_a_second_factor() -> None:
    assert reading(strong=False) == "second-factor-missing"


def test_a_community_worker_sees_assigned_persons_alone_and_of_the_id_number_the_last_four() -> None:
    worker = authority(Role.COMMUNITY_WORKER)
    decision = decide(worker, Action.READ_PERSON, person())
    assert decision.outcome is Outcome.ALLOW_MASKED
    assert dict(decision.masks) == {"person.id_number": Mask.LAST_FOUR}
    assert rule(worker, Action.READ_PERSON, person(assigned="somebody")) == "not-assigned"
    assert rule(worker, Action.READ_PERSON, person(assigned="")) == "not-assigned"
    assert rule(worker, Action.FIND_PERSON, person()) == "duty"
    assert rule(worker, Action.CORRECT_PERSON, person(fields=("person.health_note",))) == "field-not-of-duty"


def test_the_command_body_sees_persons_masked() -> None:
    decision = decide(
        authority(Role.COMMAND), Action.READ_PERSON, person(fields=(*person().fields, "person.health_note"))
    )
    assert dict(decision.masks) == {
        "person.name": Mask.FIRST_CHARACTER,
        "person.id_number": Mask.LAST_FOUR,
        "person.phone": Mask.LAST_FOUR,
        "person.address": Mask.AREA,
        "person.health_note": Mask.HIDDEN,
    }


def test_a_laboratory_sees_the_number_of_a_sample_and_not_the_name() -> None:
    masks = decide(authority(Role.LABORATORY), Action.READ_PERSON, person()).masks
    assert masks["person.name"] is Mask.FIRST_CHARACTER
    assert masks["person.phone"] is masks["person.address"] is Mask.HIDDEN
    assert "person.id_number" not in masks


@pytest.mark.parametrize("role", [Role.EPIDEMIOLOGIST, Role.ADMINISTRATOR, Role.PUBLIC, Role.OPERATOR])
def test_these_roles_never_see_a_person(role: Role) -> None:
    for action in (Action.FIND_PERSON, Action.READ_PERSON, Action.EXPORT_PEOPLE, Action.READ_RELEASE):
        assert rule(authority(role), action, person(), recipient()) == "duty"


def test_the_officer_reads_persons_for_their_rights_alone() -> None:
    officer = authority(Role.DPO, grants=(), basis=None)
    assert decide(officer, Action.READ_PERSON, person()).allowed
    assert rule(replace(officer, purpose=Purpose.OVERSIGHT), Action.READ_PERSON, person()) == "purpose-not-for-role"


def test_protected_persons_have_a_grant_of_their_own() -> None:
    assert rule(authority(), Action.READ_PERSON, person(protected=True)) == "protected-person"
    assert decide(authority(grants=(grant(protected=True),)), Action.READ_PERSON, person(protected=True)).allowed


def test_break_glass_widens_reading_in_ones_own_jurisdiction_and_nothing_else() -> None:
    hospital = authority(Role.HOSPITAL, grants=(grant(Purpose.CONTACT_TRACING),))
    assert rule(hospital, Action.READ_PERSON, person()) == "purpose-not-granted"
    open_glass = replace(hospital, glass=glass())
    assert decide(open_glass, Action.READ_PERSON, person()).allowed
    assert rule(replace(open_glass, glass=glass(AT)), Action.READ_PERSON, person()) == "purpose-not-granted"
    assert rule(open_glass, Action.READ_PERSON, person(named=False)) == "purpose-not-granted"
    assert rule(open_glass, Action.READ_PERSON, person(within=("420500", "420000"))) == "purpose-not-granted"
    assert rule(open_glass, Action.READ_PERSON, person(protected=True)) == "protected-person"
    assert rule(open_glass, Action.EXPORT_PEOPLE, person(), recipient()) == "purpose-not-granted"
    assert rule(replace(open_glass, emergency=None), Action.READ_PERSON, person()) == "emergency-missing"
    tracer = authority(grants=(grant(Purpose.ISOLATION_FOLLOW_UP),), glass=glass())
    assert rule(tracer, Action.REQUEST_RELEASE, RELEASE) == "purpose-not-granted"
    worker = authority(Role.COMMUNITY_WORKER, glass=glass())
    assert decide(worker, Action.READ_PERSON, person(assigned="")).allowed
    assert rule(worker, Action.CORRECT_PERSON, person(assigned="", fields=("person.phone",))) == "not-assigned"


def test_an_export_needs_a_proved_recipient_a_fresh_proof_and_a_second_person() -> None:
    on = person(first="another")
    assert decide(authority(), Action.EXPORT_PEOPLE, on, recipient()).allowed
    assert rule(authority(), Action.EXPORT_PEOPLE, on) == "recipient-missing"
    assert rule(authority(), Action.EXPORT_PEOPLE, on, recipient(proved=False)) == "recipient-not-named"
    assert rule(authority(), Action.EXPORT_PEOPLE, on, recipient("a-company")) == "recipient-not-named"
    for proved in (None, AT - session_rules.PROOF, AT + dt.timedelta(minutes=1)):
        assert rule(authority(proved=proved), Action.EXPORT_PEOPLE, on, recipient()) == "proof-too-old"
    still = AT - session_rules.PROOF + dt.timedelta(milliseconds=1)
    assert decide(authority(proved=still), Action.EXPORT_PEOPLE, on, recipient()).allowed
    alone = decide(authority(), Action.EXPORT_PEOPLE, person(), recipient())
    assert (alone.outcome, alone.allowed) == (Outcome.SECOND_PERSON, False)
    assert rule(authority(), Action.EXPORT_PEOPLE, person(first="one-tracer"), recipient()) == "second-person-is-first"


def test_erasing_needs_a_fresh_proof_and_is_of_one_persons_records() -> None:
    closed = replace(EMERGENCY, state=State.CLOSED)
    for who in (authority(Role.DPO), authority(Role.COMMAND, emergency=closed)):
        assert decide(who, Action.ERASE_PERSON, person(count=5)).allowed
        assert rule(who, Action.ERASE_PERSON, person(count=6)) == "erased-at-large"
        nine_minutes_ago = replace(who, proved=AT - dt.timedelta(minutes=9))
        assert rule(nine_minutes_ago, Action.ERASE_PERSON, person()) == "proof-too-old"


def test_the_police_receive_no_health_data_nor_who_it_is_about() -> None:
    police = recipient(kind=HolderKind.POLICE)
    on = person(first="another", fields=("person.name", "person.sex"))
    assert decide(authority(), Action.EXPORT_PEOPLE, on, police).masks == {}
    with_health = replace(on, fields=("person.name", "person.health_note", "person.list"))
    masks = decide(authority(), Action.EXPORT_PEOPLE, with_health, police).masks
    assert masks == dict.fromkeys(with_health.fields, Mask.HIDDEN)
    assert decide(authority(), Action.EXPORT_PEOPLE, with_health, recipient()).masks == {}


def test_the_way_back_is_for_locked_targets_two_organisations_and_some_hours() -> None:
    tracer, approver = authority(), authority(Role.COMMAND)
    assert decide(tracer, Action.REQUEST_RELEASE, RELEASE).allowed
    assert decide(approver, Action.APPROVE_RELEASE, RELEASE).allowed
    for given, action in ((tracer, Action.REQUEST_RELEASE), (approver, Action.APPROVE_RELEASE)):
        assert rule(given, action, replace(RELEASE, locked=False)) == "not-locked"
    assert rule(approver, Action.APPROVE_RELEASE, replace(RELEASE, first="one-command")) == "second-person-is-first"
    same = replace(RELEASE, first_organisation="command")
    assert rule(approver, Action.APPROVE_RELEASE, same) == "same-organisation"
    hours = replace(RELEASE, assigned="one-tracer", until=AT + dt.timedelta(hours=1), fields=("person.phone",))
    assert decide(tracer, Action.READ_RELEASE, hours).allowed
    assert rule(tracer, Action.READ_RELEASE, replace(hours, until=AT)) == "release-expired"
    assert rule(tracer, Action.READ_RELEASE, replace(hours, until=None)) == "release-expired"
    assert rule(tracer, Action.READ_RELEASE, replace(hours, assigned="another")) == "released-to-another"


def test_only_grassroots_organisations_collect_anew() -> None:
    fields = ("person.name",)
    people = Resource(kind="list", agency="hubei", emergency="exercise", fields=fields)
    worker = authority(Role.COMMUNITY_WORKER)
    assert decide(worker, Action.IMPORT_PEOPLE, replace(people, anew=True)).allowed
    rail = replace(people, source="rail", source_kind=HolderKind.POLICE)
    assert decide(authority(), Action.IMPORT_PEOPLE, rail).allowed
    assert rule(authority(), Action.IMPORT_PEOPLE, replace(rail, anew=True)) == "collected-anew"
    assert rule(authority(), Action.IMPORT_PEOPLE, replace(rail, fields=("person.phone",))) == "field-not-of-source"
    assert rule(authority(), Action.IMPORT_PEOPLE, replace(rail, source="a-company")) == "source-not-named"
    phones = replace(rail, fields=("person.name", "person.health_note"))
    assert rule(authority(), Action.IMPORT_PEOPLE, phones) == "field-not-of-sheet"
    assert rule(authority(), Action.IMPORT_PEOPLE, replace(rail, source_kind=None)) == "purpose-not-of-sheet"
    assert rule(worker, Action.IMPORT_PEOPLE, rail) == "source-not-for-purpose"
    other = authority(basis="cn-regulation-2003-44", purpose=Purpose.ISOLATION_FOLLOW_UP)
    other = replace(other, grants=(grant(Purpose.ISOLATION_FOLLOW_UP, basis="cn-regulation-2003-44"),))
    street = replace(people, source="street", source_kind=HolderKind.GRASSROOTS)
    assert rule(other, Action.IMPORT_PEOPLE, street) == "source-without-basis"


def test_what_touches_the_protected_or_another_decision_is_not_done_alone() -> None:
    officer = authority(Role.DPO)
    assert decide(officer, Action.PROTECT_PERSON, person()).allowed
    assert decide(officer, Action.PROTECT_PERSON, person(protected=True)).outcome is Outcome.SECOND_PERSON
    assert decide(officer, Action.PROTECT_PERSON, person(protected=True, first="another")).allowed
    assert decide(officer, Action.RECONSIDER, Resource("rights")).outcome is Outcome.SECOND_PERSON
    outreach = Resource("outreach", agency="hubei", emergency="exercise")
    command = authority(Role.COMMAND)
    assert decide(command, Action.APPROVE_OUTREACH, outreach).outcome is Outcome.SECOND_PERSON
    assert decide(command, Action.APPROVE_OUTREACH, replace(outreach, first="another")).allowed
    assert rule(command, Action.GRANT, Resource("account", id="one-command")) == "grant-to-oneself"
    assert decide(command, Action.GRANT, Resource("account", id="another")).allowed
    assert decide(command, Action.PROTECT_PERSON, person(protected=True, first="another")).allowed
    assert not decide(command, Action.PROTECT_PERSON, person(protected=True)).allowed
    assert not decide(command, Action.PROTECT_PERSON, person(first="another")).allowed
    covering = decide(command, Action.GRANT, Resource("account", id="another", protected=True))
    assert covering.outcome is Outcome.SECOND_PERSON


def test_the_de_identified_needs_no_emergency() -> None:
    for role in (Role.EPIDEMIOLOGIST, Role.OPERATOR):
        bare = authority(role, emergency=None, purpose=None, basis=None, grants=(), strong=False, proved=None)
        for action in (Action.READ_SITUATION, Action.READ_ROWS, Action.INGEST, Action.FOLD):
            assert decide(bare, action, Resource("situation")).allowed
    public = authority(Role.PUBLIC, emergency=None, strong=False)
    assert decide(public, Action.READ_RELEASED, Resource("publication")).allowed
    allowed = [action for action in Action if decide(public, action, Resource("situation")).allowed]
    assert allowed == [Action.READ_RELEASED]


def test_after_the_close_records_are_erased_and_data_subjects_answered_and_nothing_is_read() -> None:
    closed = replace(EMERGENCY, state=State.CLOSED)
    officer, command = authority(Role.DPO, emergency=closed), authority(Role.COMMAND, emergency=closed)
    assert decide(command, Action.ERASE_PERSON, person()).allowed
    assert decide(officer, Action.ANSWER_RIGHTS_REQUEST, person()).allowed
    assert rule(officer, Action.READ_PERSON, person()) == "emergency-not-open"
    assert rule(authority(Role.COMMAND), Action.ERASE_PERSON, person()) == "erased-after-close"
    disposed = replace(EMERGENCY, state=State.DISPOSED)
    assert rule(authority(Role.DPO, emergency=disposed), Action.ANSWER_RIGHTS_REQUEST, person()) == "emergency-disposed"


def test_every_action_is_somebodys_duty_and_no_role_has_all_of_them() -> None:
    on = person(locked=True, first="another", assigned="one-tracer", until=AT + dt.timedelta(hours=1))
    duties = {
        action: {role for role in Role if decide(authority(role), action, on).rule != NO_DUTY} for action in Action
    }
    assert all(duties.values())
    assert not any(all(role in roles for roles in duties.values()) for role in Role)


def test_an_expired_grant_is_never_served_from_what_was_decided_before() -> None:
    until = AT + dt.timedelta(hours=1)
    given = authority(grants=(grant(expires=until),))
    for minute in range(0, 60, 7):
        assert decide(replace(given, at=AT + dt.timedelta(minutes=minute)), Action.READ_PERSON, person()).allowed
    assert rule(replace(given, at=until), Action.READ_PERSON, person()) == "grant-expired"


def test_of_all_that_stands_against_an_attempt_the_first_rule_is_told() -> None:
    without = authority(grants=(), strong=False)
    assert rule(without, Action.EXPORT_PEOPLE, person(within=ELSEWHERE)) == "second-factor-missing"
    assert rule(replace(without, strong=True), Action.EXPORT_PEOPLE, person(within=ELSEWHERE)) == "purpose-not-granted"


def test_every_rule_has_a_name_of_its_own_and_a_sentence_in_both_languages() -> None:
    told = sentences()
    assert len(told) > 50
    for why in told.values():
        assert why.zh.endswith("。")
        assert why.en.endswith(".")


def test_a_refusal_says_no_value_of_a_person() -> None:
    decision: Decision = decide(authority(grants=()), Action.READ_PERSON, person(id="李小明", within=COUNTY))
    assert "李小明" not in f"{decision}"
    assert BASIS not in decision.why.en


def test_the_phone_of_a_returnee_does_not_go_to_the_telecom_operator_and_that_of_others_does() -> None:
    """A list that tells of health makes its phones health data (section 2)."""
    telecom = recipient(kind=HolderKind.TELECOM)
    on = person(first="another", fields=("person.phone",))
    assert decide(authority(), Action.EXPORT_PEOPLE, on, telecom).masks == {}
    returned = replace(on, context=frozenset({"health"}))
    assert decide(authority(), Action.EXPORT_PEOPLE, returned, telecom).masks == {"person.phone": Mask.HIDDEN}
    feared = replace(EMERGENCY, terms=EMERGENCY.terms.model_copy(update={"climate_of_fear": True}))
    masks = decide(authority(emergency=feared), Action.EXPORT_PEOPLE, on, telecom).masks
    assert masks == {"person.phone": Mask.HIDDEN}


def test_an_address_that_tells_the_religion_is_shown_as_an_area_to_all_who_need_not_go_there() -> None:
    worshipper = person(context=frozenset({"worship"}))
    hospital = authority(Role.HOSPITAL)
    assert "person.address" not in decide(hospital, Action.READ_PERSON, person()).masks
    assert decide(hospital, Action.READ_PERSON, worshipper).masks["person.address"] is Mask.AREA
    assert "person.address" not in decide(authority(), Action.READ_PERSON, worshipper).masks


def test_a_field_that_nobody_registered_is_refused() -> None:
    assert rule(authority(), Action.READ_PERSON, person(fields=("person.shoe_size",))) == "field-not-registered"
