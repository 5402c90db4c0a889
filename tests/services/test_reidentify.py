"""The way back, as officers, approvers and key holders meet it: real register, real door."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import text

from bianque.model.emergency import State
from bianque.model.errors import BadInput, BianqueError, PolicyRefusal
from bianque.model.organisation import Agency
from bianque.model.release import Release, ReleaseState
from bianque.registry import accounts, backup, organisations, release_shares, releases
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.registry.release_shares import KeyPair
from bianque.registry.restore import restore
from bianque.registry.restore_on_postgresql import Database
from bianque.safeguard import account_keys
from bianque.safeguard.door import Door
from bianque.services import reidentify, release_keys, targets
from bianque.services.door import at_door
from bianque.services.reidentify import FIELD, Request
from tests.postgres import Server

from . import reidentification as scene
from .reidentification import CHEAP, NOW, NUMBERS, PEOPLE, PHONES, acting, emergency


class Work:
    """One emergency with its keys drawn, two of six persons locked."""

    def __init__(self, register: Register, door: Door, name: str) -> None:
        self.register, self.door, self.emergency = register, door, emergency(name)
        self.people = scene.draw_keys(register, door, self.emergency)
        self.lock(self.people[:2])

    def by(self, account: str, hours: float = 0.0, *, proved: bool = True, closed: bool = False):  # type: ignore[no-untyped-def]
        under = replace(self.emergency, state=State.CLOSED) if closed else self.emergency
        return acting(account, NOW + dt.timedelta(hours=hours), under, proved=proved)

    def lock(self, pseudonyms: list[str]) -> None:
        targets.lock(self.register, self.door, self.by("li"), pseudonyms, "close-contact", "query 7 of receipt 12")

    def ask(self, account: str = "li", count: int = 2, fields: tuple[str, ...] = ("phone",), hours: int = 8) -> Release:
        asked = Request(self.people[:count], fields, "contact of case 12", hours)
        return reidentify.request(self.register, self.by(account), asked)

    def approve(self, release: Release, account: str, hours: float = 1.0) -> Release:
        return reidentify.approve(
            self.register, self.door, self.by(account, hours), release.id, PEOPLE[account].password
        )

    def read(self, release: Release, account: str = "li", hours: float = 2.0, *, closed: bool = False):  # type: ignore[no-untyped-def]
        whose = self.by(account, hours, closed=closed)
        return reidentify.read(self.register, whose, release.id, PEOPLE[account].password)

    def events(self, action: str) -> list[dict[str, object]]:
        with self.register.system() as connection:
            rows = connection.execute(
                text("SELECT event FROM audit_event WHERE action = :a AND emergency = :e ORDER BY number"),
                {"a": action, "e": self.emergency.id},
            )
            return [json.loads(row.event) for row in rows]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, Door]]:
    """One register on each engine, with one door, for every test of the module: an emergency is one test's alone."""
    folder = tmp_path_factory.mktemp("reidentify") / "register"
    with ExitStack() as ends:
        if request.param == "sqlite":
            made = registers.create(folder)
        else:
            server, tables = request.getfixturevalue("postgresql"), request.getfixturevalue("tables")
            owner = ends.enter_context(server.database(copy_of=tables))
            made = registers.create_on_postgresql(folder, owner, scene.AGENCY)
        scene.prepare(made)
        made.close()
        yield ends.enter_context(scene.at_work(folder))


@pytest.fixture
def work(shop: tuple[Register, Door], request: pytest.FixtureRequest) -> Work:
    return Work(*shop, name=f"e{hashlib.sha256(request.node.name.encode()).hexdigest()[:16]}")


def test_two_organisations_open_exactly_the_named_fields_of_the_locked_targets_for_hours(work: Work) -> None:
    release = work.ask(fields=("phone", "id_number"))
    assert work.approve(release, "wang").state is ReleaseState.APPROVED_ONCE
    assert work.approve(release, "zhao").state is ReleaseState.RELEASED
    opened = work.read(release)
    said = [{kind: view[FIELD] for kind, view in one.values.items()} for one in opened]
    assert said == [
        {"phone": PHONES[0], "id_number": NUMBERS[0]},
        {"phone": PHONES[1], "id_number": NUMBERS[1]},
    ]
    assert [one.pseudonym for one in opened] == work.people[:2]
    with pytest.raises(PolicyRefusal, match="hours of the release are over"):
        work.read(release, hours=9.5)
    with work.register.system() as connection:
        assert releases.opened(connection, release.id) == {}


def test_only_the_fields_asked_for_are_opened(work: Work) -> None:
    release = work.ask(count=1, fields=("id_number",))
    work.approve(release, "qian")
    work.approve(release, "sun")
    (opened,) = work.read(release)
    assert {kind: view[FIELD] for kind, view in opened.values.items()} == {"id_number": NUMBERS[0]}


def test_every_person_of_a_list_has_a_decision_and_an_event_of_its_own(work: Work) -> None:
    release = work.ask()
    work.approve(release, "wang")
    work.approve(release, "zhao")
    work.read(release)
    for action, times in (("lock_target", 1), ("request_release", 1), ("approve_release", 2), ("read_release", 1)):
        events = work.events(action)
        assert [event["subject"] for event in events] == work.people[:2] * times, action
        assert {event["outcome"] for event in events} <= {"allow", "allow_masked"}
    assert not [event for event in work.events("read_release") if PHONES[0] in json.dumps(event)]


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        ("wang", "second-person-is-first"),
        ("sun", "same-organisation"),
        ("wu", "duty"),
        ("li", "duty"),
        ("gao", "duty"),
    ],
)
def test_the_second_approver_is_another_person_of_another_organisation(work: Work, second: str, rule: str) -> None:
    release = work.ask()
    work.approve(release, "wang")
    with pytest.raises(PolicyRefusal) as refusal:
        work.approve(release, second)
    assert refusal.value.decision.rule == rule
    assert {event["rule"] for event in work.events("approve_release")[-2:]} == {rule}
    with pytest.raises(PolicyRefusal, match="hours of the release are over"):
        work.read(release)


def test_an_unlocked_target_is_not_even_asked_for_and_a_lifted_lock_shuts_what_was_opened(work: Work) -> None:
    with pytest.raises(PolicyRefusal, match="not locked"):
        work.ask(count=3)
    release = work.ask()
    work.approve(release, "wang")
    work.approve(release, "zhao")
    assert targets.lift(work.register, work.door, work.by("li"), work.people[:1]) == 1
    assert [one.pseudonym for one in work.read(release)] == work.people[1:2]
    assert targets.lift(work.register, work.door, work.by("li"), work.people[1:2]) == 1
    with pytest.raises(PolicyRefusal, match="not locked"):
        work.read(release)


def test_the_door_opens_nothing_for_a_process_that_lies_to_it(work: Work) -> None:
    """A client that leaves the services out: more targets, more fields, another officer, one organisation twice."""
    release = work.ask(count=1)
    work.approve(release, "wang")
    share = release_keys.own_share(work.register, work.by("wang"), work.emergency.id, PEOPLE["wang"].password)
    work.door.hand_share(share, work.emergency.id, "police", release.id, release.digest(), release.lapses)
    with pytest.raises(BadInput, match="do not make the release key"):
        work.door.release(release, NOW)
    work.approve(release, "qian")
    lies = [
        replace(release, targets=(work.people[0], work.people[1])),
        replace(release, targets=(work.people[5],)),
        replace(release, fields=("phone", "id_number")),
        replace(release, officer_key=account_keys.create("x", CHEAP)[0]),
        replace(release, id="another"),
        release,  # its shares were forgotten when it was opened
    ]
    for lie in lies:
        with pytest.raises(BadInput):
            work.door.release(lie, NOW)


def test_a_request_lapses_and_a_refusal_ends_it(work: Work) -> None:
    late, refused = work.ask(), work.ask()
    work.approve(late, "wang")
    reidentify.refuse(work.register, work.door, work.by("zhao"), refused.id, "the window has passed")
    with pytest.raises(BadInput, match="lapsed"):
        work.approve(late, "zhao", hours=24)
    with pytest.raises(BadInput, match="refused"):
        work.approve(refused, "wang")
    assert {one.state for one in reidentify.listed(work.register, work.by("qian", 25))} == {
        ReleaseState.LAPSED,
        ReleaseState.REFUSED,
    }


def test_the_close_of_the_emergency_shuts_everything_and_erases_it(work: Work) -> None:
    release = work.ask()
    work.approve(release, "wang")
    work.approve(release, "zhao")
    with pytest.raises(PolicyRefusal, match="not open"):
        work.read(release, closed=True)
    with work.register.system() as connection:
        assert releases.opened(connection, release.id) == {}
    with pytest.raises((BadInput, PolicyRefusal)):
        work.read(release)


def test_a_close_that_is_signed_while_an_approver_types_a_password_comes_first(work: Work) -> None:
    release = work.ask()
    work.approve(release, "wang")
    approver = work.by("zhao", 1.0)  # made while the emergency was open
    with work.register.system() as connection:
        connection.execute(text("UPDATE emergency SET state = 'closed' WHERE id = :id"), {"id": work.emergency.id})
    with pytest.raises(BadInput, match="closed"):
        reidentify.approve(work.register, work.door, approver, release.id, PEOPLE["zhao"].password)
    with work.register.system() as connection:
        assert releases.opened(connection, release.id) == {}


@pytest.mark.parametrize("gone", ["li", "wang"])
def test_nothing_is_opened_once_the_requester_or_the_first_approver_was_disabled(register: Register, gone: str) -> None:
    scene.prepare(register)
    with at_door(register.at_rest) as door:
        work = Work(register, door, "outbreak")
        release = work.ask()
        work.approve(release, "wang")
        with register.system() as connection:
            accounts.disable(connection, gone, NOW)
        with pytest.raises(BadInput, match=f"{gone}, which stands in it, was disabled"):
            work.approve(release, "zhao")
        with register.system() as connection:
            assert releases.opened(connection, release.id) == {}
        refused = reidentify.refuse(register, door, work.by("zhao", 1.0), release.id, "asked anew")
        assert refused.state is ReleaseState.REFUSED


@pytest.mark.parametrize("act", ["read", "approve"])
def test_an_account_that_is_disabled_while_its_password_is_tried_opens_nothing(tmp_path: Path, act: str) -> None:
    """The authority is that of before: a password takes its time to open a key pair."""
    made = registers.create(tmp_path / "register")
    scene.prepare(made)
    made.close()
    with scene.at_work(made.at_rest) as (register, door):
        work = Work(register, door, "outbreak")
        release = work.ask()
        work.approve(release, "wang")
        if act == "read":
            work.approve(release, "zhao")
        with register.system() as connection:
            accounts.disable(connection, "li" if act == "read" else "zhao", NOW)
        with pytest.raises(PolicyRefusal, match="session-ended"):
            work.read(release) if act == "read" else work.approve(release, "zhao")
        assert {event["rule"] for event in work.events(f"{act}_release")[-2:]} == {"session-ended"}
        with pytest.raises(BadInput, match="organisations have given"):
            door.release(release, NOW)


def test_two_second_approvals_sent_at_once_open_it_once(work: Work) -> None:
    release = work.ask()
    work.approve(release, "wang")

    def approve(account: str) -> str:
        try:
            return work.approve(release, account).state
        except BianqueError as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        came_to = Counter(pool.map(approve, ["zhao", "qian", "zhao", "zhao"]))
    assert came_to["released"] == 1
    assert len(work.read(release)) == 2


def test_an_old_proof_and_a_wrong_password_open_nothing(work: Work) -> None:
    release = work.ask()
    with pytest.raises(PolicyRefusal, match="five minutes"):
        reidentify.approve(
            work.register, work.door, work.by("wang", 1, proved=False), release.id, PEOPLE["wang"].password
        )
    with pytest.raises(BadInput, match="this password"):
        reidentify.approve(work.register, work.door, work.by("wang", 1), release.id, PEOPLE["sun"].password)
    work.approve(release, "wang")
    work.approve(release, "zhao")
    with pytest.raises(BadInput, match="this password"):
        reidentify.read(work.register, work.by("li", 2), release.id, "another password")


def test_a_door_that_was_restarted_between_two_approvals_still_has_the_first_share(register: Register) -> None:
    scene.prepare(register)
    with at_door(register.at_rest) as door:
        work = Work(register, door, name="restart")
        release = work.ask()
        work.approve(release, "wang")
    with at_door(register.at_rest) as work.door:
        work.approve(release, "zhao")
        assert len(work.read(release)) == 2


def test_what_waits_goes_on_in_a_register_that_was_brought_back_on_postgresql(
    register: Register, postgresql: Server, tables: str, tmp_path: Path
) -> None:
    scene.prepare(register)
    with register.system() as connection:
        organisations.add_agency(connection, Agency(scene.AGENCY, scene.TERMS.name))
    with at_door(register.at_rest) as door:
        work = Work(register, door, name="restored")
        release = work.ask()
        work.approve(release, "wang")
    identity = x25519.Identity.generate()
    made = backup.back_up(register, tmp_path / "backups", [str(identity.to_public())], NOW)
    with postgresql.database(copy_of=tables) as owner:
        restore(made.file, [identity], tmp_path / "new", register.at_rest, Database(owner, scene.AGENCY))
        with scene.at_work(tmp_path / "new") as (work.register, work.door):
            work.approve(release, "zhao")
            assert [one.values["phone"][FIELD] for one in work.read(release)] == list(PHONES[:2])


def lose_password(work: Work, account: str) -> None:
    public, sealed = account_keys.create(PEOPLE[account].password, CHEAP)
    with work.register.writing(work.by(account)) as connection:
        release_shares.set_pair(connection, account, scene.AGENCY, KeyPair(public, sealed), NOW)


def test_a_lost_password_is_mended_by_a_colleague_who_holds_the_same_share(work: Work) -> None:
    release = work.ask()
    lose_password(work, "wang")
    with pytest.raises(BadInput, match="holds no share"):
        work.approve(release, "wang")
    name = work.emergency.id
    with pytest.raises(BadInput, match="inside one organisation"):
        release_keys.pass_on(work.register, work.by("zhao"), name, "wang", PEOPLE["zhao"].password)
    release_keys.pass_on(work.register, work.by("sun"), name, "wang", PEOPLE["sun"].password)
    work.approve(release, "wang")
    work.approve(release, "zhao")
    assert len(work.read(release)) == 2


def test_where_no_colleague_is_left_two_other_organisations_give_the_share_back(work: Work) -> None:
    release = work.ask()
    lose_password(work, "zhao")
    name = work.emergency.id

    def vouch(account: str) -> bool:
        whose = work.by(account)
        return release_keys.vouch(work.register, work.door, whose, name, "zhao", PEOPLE[account].password)

    assert not vouch("wang")
    assert not vouch("sun")  # of the same organisation: still one
    assert vouch("qian")
    work.approve(release, "zhao")
    work.approve(release, "sun")
    assert len(work.read(release)) == 2


def test_nobody_hands_a_share_to_themselves_and_officers_hand_on_none(work: Work) -> None:
    name = work.emergency.id
    for account, to in (("wang", "wang"), ("li", "wu"), ("li", "li")):
        with pytest.raises(PolicyRefusal):
            release_keys.pass_on(work.register, work.by(account), name, to, PEOPLE[account].password)


def test_a_lock_names_a_rule_evidence_and_pseudonyms_and_an_error_never_repeats_what_was_given(work: Work) -> None:
    for wrong in ((["张伟"], "close-contact", "x"), ([work.people[0]], "a hunch", "x"), ([], "close-contact", "x")):
        with pytest.raises(BadInput) as error:
            targets.lock(work.register, work.door, work.by("li"), *wrong)
        assert "张伟" not in error.value.diagnostics()
    with pytest.raises(BadInput, match="evidence"):
        targets.lock(work.register, work.door, work.by("li"), work.people[:1], "close-contact", " ")
    with pytest.raises(BadInput, match="no pseudonyms of"):
        targets.lock(work.register, work.door, work.by("li"), ["0" * 31 + "1"], "close-contact", "x")
