"""`bianque outreach`, `forms`, `glass`, `rights`, `protect`, `dispose` as officers of the exercise use them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from sqlalchemy import select

from bianque.model.authority import Authority, Purpose, Role
from bianque.model.organisation import HolderKind
from bianque.registry import collections, emergencies
from bianque.registry.collections import Source
from bianque.registry.people import NewPerson
from bianque.registry.register import open_register
from bianque.registry.tables.people import person

from .conftest import Run
from .test_access import Enter, enter, people

__all__ = ["enter", "people"]  # fixtures
NOW = dt.datetime.now(dt.UTC)


def take_in(folder: Path) -> str:
    """One person of the capital in the register; the id of the record."""
    register = open_register(folder)
    with register.system() as transaction:
        emergency = emergencies.find(transaction, "exercise")
    basis = "cn-infectious-diseases-2013-12"
    worker = Authority(
        "community-worker", "community", "chenglan", Role.COMMUNITY_WORKER, HolderKind.GRASSROOTS, NOW, emergency,
        Purpose.CONTACT_TRACING, basis,
    )  # fmt: skip
    purposes = (Purpose.CONTACT_TRACING, Purpose.ISOLATION_FOLLOW_UP)
    source = Source("community", "tablet 7", purposes, basis, ("name", "phone"), b"file")
    rows = [NewPerson({"name": "岚听雪", "phone": "15400000001"}, ("999001", "990000"))]
    collections.import_people(register, worker, collections.begin(register, worker, source), rows)
    with register.reading(worker) as connection:
        found = str(connection.execute(select(person.c.id)).scalar_one())
    register.close()
    return found


def test_a_list_is_proposed_approved_and_worked_through(enter: Enter, bianque: Run, tmp_path: Path) -> None:
    record = take_in(tmp_path / "register")
    (tmp_path / "list.txt").write_text(f"{record}\nunknown\n", "utf-8")
    enter("tracer")
    bianque("account choose exercise contact_tracing")
    words = "--wording-zh 您好，请核对行程。 --wording-en 'Please check your travel.'"
    proposed = bianque(
        f"outreach propose --channel call --reason 'On the train of a case' {words}", tmp_path / "list.txt"
    )
    assert "asked 2 = listed 1 + left out 1" in proposed.out, proposed.err
    outreach = proposed.out.split()[1].rstrip(":")
    early = bianque(f"outreach record {outreach} {record} reached")
    assert (early.code, "is not approved" in early.err) == (2, True)
    enter("command")
    assert bianque("account choose exercise situation_monitoring").code == 0
    assert "approved by command until" in bianque(f"outreach approve {outreach} --reason 'The list was looked at'").out


def test_a_person_is_followed_up_by_a_community_worker(
    enter: Enter,
    bianque: Run,
    tmp_path: Path,
) -> None:
    record = take_in(tmp_path / "register")
    enter("tracer")
    bianque("account choose exercise contact_tracing")
    reported = bianque(f"case report {record} suspected --reported {NOW.date()} --note", typed="fever\n")
    assert reported.out.strip().startswith("case "), reported.err
    assert bianque(f"case reclassify {reported.out.split()[1]} confirmed").out.endswith(": confirmed\n")
    assert "case.note: fever" in bianque(f"case list {record}").out
    assign = f"followup assign {record} --officer community-worker --until {NOW.date()}"
    assert bianque(f"followup close {bianque(assign).out.split()[1]} moved").out.endswith(": moved\n")
    assert "closed  follow_up.officer: community-worker" in bianque(f"followup list {record}").out
    follow_up = bianque(assign).out.split()[1]
    assert bianque(f"followup assign {record} --officer community-worker --until tomorrow").code == 2
    assert bianque("outreach list-police").out == ""
    enter("community-worker")
    bianque("account choose exercise isolation_follow_up")
    mine = bianque("followup mine")
    assert "person.phone: 15400000001" in mine.out, mine.err
    assert bianque(f"followup note {follow_up}", typed="no fever\n").out.endswith(": noted\n")
    assert bianque(f"followup close {follow_up} completed").code == 3


def test_forms_go_out_and_come_back(enter: Enter, bianque: Run) -> None:
    enter("community-worker")
    bianque("account choose exercise isolation_follow_up")
    issued = bianque(f"forms issue household 50 --responsible community-worker --device tablet-7 --due {NOW.date()}")
    assert "issued 50 = returned 0 + destroyed 0 + open 50" in issued.out, issued.err
    batch = issued.out.split()[0]
    assert "open 7" in bianque(f"forms back {batch} --returned 40 --destroyed 3").out
    assert bianque(f"forms back {batch} --returned 8").code == 2
    assert batch in bianque("forms list --open").out


def test_broken_glass_is_seen_by_the_data_protection_officer(enter: Enter, bianque: Run) -> None:
    enter("hospital")
    bianque("account choose exercise clinical_care")
    opened = bianque("glass break --reason 'Unconscious patient, family must be found'")
    assert "has been told" in opened.out, opened.err
    assert bianque("glass end").out == "ended\n"
    assert bianque("glass list").code == 3
    enter("officer")
    bianque("account choose exercise oversight")
    assert "to be reviewed: Unconscious patient" in bianque("glass list").out
    leave = opened.out.split()[1]
    assert "justified" in bianque(f"glass review {leave} --justified --finding 'The patient was treated'").out


def test_a_data_subject_is_answered(enter: Enter, bianque: Run, tmp_path: Path) -> None:
    record = take_in(tmp_path / "register")
    enter("officer")
    bianque("account choose exercise data_subject_rights")
    received = bianque(f"rights receive {record} --right copy --identity id_card")
    receipt = json.loads(received.out)
    assert receipt["due"] == str(NOW.date() + dt.timedelta(days=15))
    assert receipt["id"] in bianque("rights list").out
    assert bianque("rights list --overdue").out == ""
    copied = bianque(f"rights copy {receipt['id']} --out", tmp_path / "copy.json")
    assert copied.code == 0, copied.err
    assert json.loads((tmp_path / "copy.json").read_text("utf-8"))["record"]["person.phone"] == "15400000001"
    again = json.loads(bianque(f"rights receive {record} --right access_log --identity id_card").out)
    assert "health-commission, dpo: read_person" in bianque(f"rights access-log {again['id']}").out
    (tmp_path / "right.json").write_text('{"person.phone": "15400000002"}', "utf-8")
    third = json.loads(bianque(f"rights receive {record} --right correction --identity call_back").out)
    assert "1 fields" in bianque(f"rights correct {third['id']}", tmp_path / "right.json").out
    assert "asked; a second person" not in bianque(f"protect on {record} --because witness").out
    assert "a second person takes it off" in bianque(f"protect off {record} --reason 'The trial is over'").out
    assert record in bianque("protect list").out


def test_an_open_emergency_is_not_disposed_of(enter: Enter, bianque: Run) -> None:
    enter("command")
    bianque("account choose exercise situation_monitoring")
    said = bianque("dispose plan")
    assert (said.code, "not disposed of" in said.err) == (2, True)


def test_the_people_of_the_exercise_are_taken_in_as_they_are_made(
    enter: Enter,
    bianque: Run,
    tmp_path: Path,
) -> None:
    assert bianque("drill people --seed 11 --count 300 --out", tmp_path / "people").code == 0
    enter("community-worker")
    bianque("account choose exercise isolation_follow_up")
    for line in (tmp_path / "people" / "lists.csv").read_text("utf-8").splitlines()[1:]:
        name, zh, en = line.split(",")
        added = bianque(f"people add-list {name} --zh {zh} --en '{en}' --source community --implies health")
        assert added.code == 0, added.err
    regions = tmp_path / "people" / "regions.csv"
    command = f"people import --source community --device tablet-7 --anew --regions {regions}"
    taken = bianque(command, tmp_path / "people" / "people.csv")
    assert "read 300 = accepted 300 + quarantined 0" in taken.out, taken.out + taken.err


def test_the_administrator_seals_an_emergency_anew_and_nobody_else_does(
    enter: Enter,
    bianque: Run,
    tmp_path: Path,
) -> None:
    take_in(tmp_path / "register")
    enter("tracer")
    bianque("account choose exercise contact_tracing")
    assert bianque("register rotate --data-keys exercise").code == 3
    enter("administrator")
    said = bianque("register rotate --data-keys exercise")
    assert said.code == 0, said.err
    assert said.out.startswith("1 records of exercise sealed anew; older backups open them no longer")
    unknown = bianque("register rotate --data-keys e9")
    assert (unknown.code, "there is no emergency e9 here" in unknown.err) == (2, True)
    enter("officer")
    assert "administrator  manage_keys data keys of exercise  allow" in bianque("audit list").out
