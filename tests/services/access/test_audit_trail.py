"""The audit: who reads it, whether it still says what was written, and that nothing goes on without it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import sqlite3

import pytest

from bianque.model.audit import Form
from bianque.model.authority import Action, Authority, Resource, Role
from bianque.model.errors import BadInput, BadRegister, LogInRefused, PolicyRefusal
from bianque.registry.audit import Asked
from bianque.registry.register import Register
from bianque.services import audit_trail, login, oversight
from bianque.services.audit_trail import HEAD_FILE, Head
from bianque.services.gate import permit

from .people import AT, Person, declared, events

# Another tool at the file itself: on PostgreSQL that is the owner of the database.
ON_SQLITE = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
Entered = tuple[Register, dict[str, Person]]


@pytest.fixture
def officer(entered: Entered) -> Authority:
    """A data-protection officer of the agency."""
    return dataclasses.replace(entered[1]["lan"].authority(AT), role=Role.DPO, account="officer")


def tampered(register: Register, *statements: str) -> None:
    """As a database administrator with another tool would: past the triggers."""
    register.close()
    with sqlite3.connect(register.at_rest / "register.sqlite") as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS audit_event_no_{verb}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_an_audit_that_nobody_touched_holds(entered: Entered) -> None:
    register, _ = entered
    head = audit_trail.verify(register)
    assert head.number == len(events(register))
    assert audit_trail.verify(register, Head.read(str(head))) == head
    assert (register.at_rest / HEAD_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit_event SET event = replace(event, 'lan', 'bo ') WHERE number = 4", "event 4 was changed"),
        ("UPDATE audit_event SET hash = zeroblob(32) WHERE number = 4", "event 4 was changed"),
        ("DELETE FROM audit_event WHERE number = 4", "event 4 is missing"),
        ("UPDATE audit_event SET account = 'bo' WHERE number = 4", "found under other values"),
        ("UPDATE audit_event SET subject = 'x' WHERE number = 4", "found under other values"),
        ("DELETE FROM audit_event WHERE number > 5", "ends with event 5"),
        ("DELETE FROM audit_event", "ends with event 0"),
    ],
)
@ON_SQLITE
def test_what_another_tool_did_to_the_audit_is_found(entered: Entered, statement: str, says: str) -> None:
    register, _ = entered
    audit_trail.verify(register)
    tampered(register, statement)
    with pytest.raises(BadRegister, match=says):
        audit_trail.verify(register)


@ON_SQLITE
def test_an_audit_written_anew_is_found_by_a_head_kept_elsewhere(entered: Entered) -> None:
    register, _ = entered
    kept = audit_trail.verify(register)
    (register.at_rest / HEAD_FILE).unlink()
    tampered(register, "DELETE FROM audit_event WHERE number = (SELECT max(number) FROM audit_event)")
    audit_trail.verify(register)  # the shorter chain holds in itself
    with pytest.raises(BadRegister, match="taken away"):
        audit_trail.verify(register, kept)
    with pytest.raises(BadRegister, match="is not the one it was"):
        audit_trail.verify(register, Head(3, bytes(32)))


def test_a_head_file_that_was_forged_is_found(entered: Entered) -> None:
    register, _ = entered
    audit_trail.verify(register)
    path = register.at_rest / HEAD_FILE
    head, _, _ = path.read_text("ascii").partition(" ")
    path.write_text(f"{head} {'0' * 64}\n", "ascii")
    with pytest.raises(BadRegister, match="was not written by this register"):
        audit_trail.verify(register)


@pytest.mark.parametrize("text", ["", "5", "5:xyz", "-1:" + "00" * 32, "5:00"])
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="NUMBER:HASH"):
        Head.read(text)


def test_events_are_found_by_account_time_and_refusal_page_by_page(entered: Entered, officer: Authority) -> None:
    register, people = entered
    declared(register, people)
    with pytest.raises(PolicyRefusal):
        permit(register, people["bo"].authority(AT), Action.MANAGE_KEYS, Resource("keys"))
    mine = audit_trail.events(register, officer, Asked(account="bo"))
    assert {link.event.account for link in mine} == {"bo"}
    refused = audit_trail.events(register, officer, Asked(refused=True))
    assert [(link.event.action, link.event.outcome) for link in refused] == [("manage_keys", "deny")]
    first = audit_trail.events(register, officer, Asked(), limit=5)
    second = audit_trail.events(register, officer, Asked(), limit=5, before=first[-1].number)
    assert first[-1].number == second[0].number + 1
    none = audit_trail.events(register, officer, Asked(since="2026-03-03"))
    assert none == []
    assert audit_trail.event(register, officer, refused[0].number) == refused[0]
    with pytest.raises(BadInput, match="no event 9999"):
        audit_trail.event(register, officer, 9999)


def test_events_on_a_person_are_found_by_pseudonym(entered: Entered, officer: Authority) -> None:
    register, people = entered
    with pytest.raises(PolicyRefusal):
        permit(register, people["lan"].authority(AT), Action.READ_PERSON, Resource("person", "p1", agency="cdc"))
    (found,) = audit_trail.events(register, officer, Asked(subject=register.subject("p1")))
    assert found.event.account == "lan"
    assert "p1" not in found.event.canonical().decode()


def test_everybody_reads_their_own_events_and_only_the_officer_those_of_others(entered: Entered) -> None:
    register, people = entered
    own = oversight.own_events(register, people["wei"].authority(AT))
    assert {link.event.account for link in own} == {"wei"}
    for one in people.values():
        with pytest.raises(PolicyRefusal):
            audit_trail.events(register, one.authority(AT), Asked())
        with pytest.raises(PolicyRefusal):
            audit_trail.export(register, one.authority(AT), Form.JSONL, str)


def test_an_export_can_be_checked_by_who_receives_it(entered: Entered, officer: Authority) -> None:
    """JSON lines hold what the chain is made of: SHA-256(previous hash ‖ canonical event)."""
    register, _ = entered
    lines: list[str] = []
    count = audit_trail.export(register, officer, Form.JSONL, lines.append)
    assert count == len(lines)
    previous = bytes(32)
    for number, line in enumerate(map(json.loads, lines), start=1):
        canonical = json.dumps(line["event"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        previous = hashlib.sha256(previous + canonical).digest()
        assert (line["number"], line["hash"]) == (number, previous.hex())
    assert str(audit_trail.verify(register)) == f"{count}:{previous.hex()}"
    assert lines[-1].count("export_audit") == 1


def test_a_fhir_export_has_one_audit_event_a_line(entered: Entered, officer: Authority) -> None:
    register, _ = entered
    lines: list[str] = []
    audit_trail.export(register, officer, Form.FHIR, lines.append)
    made = [json.loads(line) for line in lines]
    assert {one["resourceType"] for one in made} == {"AuditEvent"}
    assert [one["id"] for one in made] == [str(number) for number in range(1, len(made) + 1)]


@pytest.mark.parametrize(
    ("pragma", "says"),
    [("PRAGMA query_only = ON", "readonly"), ("PRAGMA max_page_count = 1", "full")],
    ids=["read-only", "full"],
)
@ON_SQLITE
def test_nothing_is_decided_when_the_audit_cannot_be_written(entered: Entered, pragma: str, says: str) -> None:
    register, people = entered
    authority = people["lan"].authority(AT)
    with register.engine.connect() as connection:
        connection.exec_driver_sql(pragma)
    with pytest.raises(BadRegister, match=says) as refused:
        permit(register, authority, Action.READ_SITUATION, Resource("situation"), reason="x" * 500_000)
    assert "nothing was done" in refused.value.kept


@ON_SQLITE
def test_a_log_in_is_refused_when_the_audit_is_locked(begun: Entered) -> None:
    register, people = begun
    people["lan"].first_log_in()
    locker = sqlite3.connect(register.at_rest / "register.sqlite")
    locker.execute("BEGIN IMMEDIATE")
    with register.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with pytest.raises(BadRegister, match="locked"):
        people["lan"].log_in(AT + dt.timedelta(minutes=1))
    locker.rollback()
    locker.close()
    with pytest.raises(LogInRefused):
        login.first_step(register, "lan", "not this one", AT)
