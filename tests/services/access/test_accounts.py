"""Accounts and lost second factors: what an administrator does alone, and what needs a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bianque.model.account import Step
from bianque.model.authority import Purpose, Role
from bianque.model.errors import BadInput, LogInRefused, NotLoggedIn, PolicyRefusal
from bianque.model.organisation import Agency, HolderKind, Organisation
from bianque.model.text import Text
from bianque.registry.register import Register
from bianque.services import accounts, grants, login, recovery, sessions, setup
from bianque.services.grants import NewGrant

from .people import AGENCY, AT, BASIS, BODY, LOGINS, Person, another, events, person

Begun = tuple[Register, dict[str, Person]]
LATER = AT + dt.timedelta(minutes=5)
COMMUNITY = Organisation("community", "cdc", HolderKind.GRASSROOTS, Text(zh="社区", en="Community"))


def test_an_administrator_makes_an_account_that_works_at_once(entered: Begun) -> None:
    register, people = entered
    tracer = another(register, people["wei"].authority(AT), "min", Role.TRACER)
    tracer.first_log_in()
    assert tracer.authority(AT).role is Role.TRACER
    assert [one.id for one in accounts.listed(register, people["wei"].authority(AT))] == ["bo", "lan", "min", "wei"]


@pytest.mark.parametrize("role", [Role.COMMAND, Role.DPO, Role.ADMINISTRATOR])
def test_an_account_of_an_office_opens_with_a_second_person(entered: Begun, role: Role) -> None:
    register, people = entered
    second = another(register, people["wei"].authority(AT), "hua", role)
    with pytest.raises(LogInRefused):
        second.first_log_in()
    with pytest.raises(PolicyRefusal):
        accounts.consent(register, people["wei"].authority(AT), "hua")
    accounts.consent(register, people["lan"].authority(AT), "hua")
    second.first_log_in(LATER)
    assert second.authority(LATER).role is role


@pytest.mark.parametrize("login_", ["lan", "min"])
def test_nobody_but_an_administrator_makes_accounts(entered: Begun, login_: str) -> None:
    register, people = entered
    people["min"] = another(register, people["wei"].authority(AT), "min", Role.TRACER)
    people["min"].first_log_in()
    with pytest.raises(PolicyRefusal):
        another(register, people[login_].authority(AT), "friend", Role.TRACER)
    last = events(register)[-1]
    assert (last["account"], last["action"], last["outcome"]) == (login_, "manage_accounts", "deny")


@pytest.mark.parametrize(
    ("login_", "organisation", "role", "says"),
    [
        ("lan", "headquarters", Role.TRACER, "taken"),
        ("No Spaces", "headquarters", Role.TRACER, "characters"),
        ("min", "nowhere", Role.TRACER, "no organisation"),
        ("min", "headquarters", Role.COMMUNITY_WORKER, "nobody of headquarters"),
        ("min", "headquarters", Role.OPERATOR, "nobody of headquarters"),
        ("min", "headquarters", Role.PUBLIC, "nobody of headquarters"),
    ],
)
def test_an_account_that_makes_no_sense_is_not_made(
    entered: Begun, login_: str, organisation: str, role: Role, says: str
) -> None:
    register, people = entered
    with pytest.raises(BadInput, match=says):
        accounts.create(register, people["wei"].authority(AT), login_, organisation, role)


@pytest.mark.parametrize("login_", ["lan", "nobody"])
def test_who_keeps_no_accounts_learns_not_even_which_there_are_and_the_attempt_is_on_record(
    entered: Begun, login_: str
) -> None:
    register, people = entered
    tracer = another(register, people["wei"].authority(AT), "min", Role.TRACER)
    tracer.first_log_in()
    by, until = tracer.authority(AT), AT + dt.timedelta(days=1)
    wanted = NewGrant(login_, "hubei", Purpose.CONTACT_TRACING, BASIS, ("420000",), until, "contacts")
    attempts: list[Callable[[], object]] = [
        lambda: accounts.disable(register, by, login_, reason="left"),
        lambda: accounts.reset_password(register, by, login_),
        lambda: accounts.consent(register, by, login_),
        lambda: recovery.ask(register, by, login_, reason="telephone lost"),
        lambda: grants.give(register, by, wanted),
    ]
    for attempt in attempts:
        with pytest.raises(PolicyRefusal) as refused:
            attempt()
        assert refused.value.decision.rule == "duty"
        last = events(register)[-1]
        assert (last["account"], last["resource"], last["outcome"]) == ("min", login_, "deny")


def test_a_community_worker_belongs_to_the_grassroots(entered: Begun) -> None:
    register, people = entered
    accounts.add_organisation(register, people["wei"].authority(AT), COMMUNITY)
    another(register, people["wei"].authority(AT), "min", Role.COMMUNITY_WORKER, "community")
    assert accounts.find(register, people["wei"].authority(AT), "min").organisation == "community"
    assert COMMUNITY in accounts.organisations_of(register, people["lan"].authority(AT))


def test_a_disabled_account_is_logged_out_and_stays_out(entered: Begun) -> None:
    register, people = entered
    tracer = another(register, people["wei"].authority(AT), "min", Role.TRACER)
    tracer.first_log_in()
    accounts.disable(register, people["wei"].authority(AT), "min", reason="left the service")
    with pytest.raises(NotLoggedIn):
        tracer.authority(AT)
    with pytest.raises(LogInRefused):
        tracer.log_in(LATER)


def test_a_forgotten_password_is_replaced_and_the_second_factor_stays(entered: Begun) -> None:
    register, people = entered
    told = accounts.reset_password(register, people["wei"].authority(AT), "lan")
    with pytest.raises(NotLoggedIn):
        people["lan"].authority(AT)
    ticket = login.first_step(register, "lan", told.password, LATER)
    assert ticket.step is Step.CODE
    after = login.second_step(register, ticket.token, people["lan"].code(LATER), LATER)
    assert after.step is Step.PASSWORD  # type: ignore[union-attr]
    with pytest.raises(BadInput, match="their own"):
        accounts.reset_password(register, people["wei"].authority(LATER), "wei")


def test_a_lost_second_factor_is_reset_by_two(entered: Begun) -> None:
    register, people = entered
    asked = recovery.ask(register, people["wei"].authority(AT), "bo", reason="phone lost; came with a badge")
    assert recovery.waiting(register, people["lan"].authority(AT)) == [asked]
    for same in ("wei", "bo"):
        with pytest.raises(PolicyRefusal):
            recovery.reset(register, people[same].authority(AT), asked.id)
    told = recovery.reset(register, people["lan"].authority(AT), asked.id)
    with pytest.raises(NotLoggedIn):
        people["bo"].authority(AT)
    again = person(register, told)
    again.first_log_in(LATER)
    with pytest.raises(PolicyRefusal, match="not-there"):
        recovery.reset(register, people["lan"].authority(AT), asked.id)
    rules = [e["rule"] for e in events(register) if e["reason"] == "reset second factor"]
    assert rules[:2] == ["second-person-is-first"] * 2


def test_the_only_administrator_s_second_factor_is_reset_by_the_command_body(entered: Begun) -> None:
    register, people = entered
    asked = recovery.ask(register, people["lan"].authority(AT), "wei", reason="phone broken; known to me")
    assert person(register, recovery.reset(register, people["bo"].authority(AT), asked.id)).first_log_in(LATER)


def test_nobody_asks_for_a_reset_of_their_own(entered: Begun) -> None:
    register, people = entered
    with pytest.raises(PolicyRefusal):
        recovery.ask(register, people["wei"].authority(AT), "wei", reason="lost")


def test_the_first_steps_are_taken_once(begun: Begun) -> None:
    register, _ = begun
    with pytest.raises(BadInput, match="were taken"):
        setup.first_steps(register, AGENCY, BODY, LOGINS, AT)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_second_agency_on_sqlite_is_refused_with_an_explanation(begun: Begun) -> None:
    register, _ = begun
    body = Organisation("other-command", "other", HolderKind.COMMAND, BODY.name)
    with pytest.raises(BadInput, match="holds one agency") as refused:
        setup.first_steps(register, Agency("other", BODY.name), body, LOGINS, AT)
    assert "PostgreSQL" in refused.value.remedy


def test_one_s_own_sessions_are_listed_and_ended(entered: Begun) -> None:
    register, people = entered
    lan = people["lan"]
    first = lan.token
    second = lan.log_in(LATER).token
    mine = sessions.own(register, second, LATER)
    assert [one.current for one in mine] == [True, False]
    sessions.end_own(register, second, mine[1].id, LATER)
    with pytest.raises(NotLoggedIn):
        sessions.authority_of(register, first, LATER)
    assert sessions.authority_of(register, second, LATER).account == "lan"
    with pytest.raises(BadInput, match="no such session"):
        sessions.end_own(register, people["bo"].token, mine[0].id, LATER)
