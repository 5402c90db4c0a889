"""Disposal: two persons, in the order of the retention, with a certificate that adds up, through every crash."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from bianque.model.authority import Authority, Role
from bianque.model.emergency import Act, Emergency, State
from bianque.model.errors import BadInput, BadRegister, PolicyRefusal
from bianque.model.outreach import Channel
from bianque.model.text import Text
from bianque.registry import emergencies, people
from bianque.registry.register import Register
from bianque.registry.tables.door import directory, door_emergency
from bianque.safeguard import hpke
from bianque.safeguard.door import Door
from bianque.safeguard.release_key import Holder
from bianque.services import disposal, outreach, paper_forms
from bianque.services.door import at_door
from bianque.services.emergencies import sign
from bianque.services.outreach import Proposal
from bianque.services.paper_forms import FormIssue
from tests.registry.sample import files_with

from .desk import AT, CLOSED, DECLARED, officer, take_in

FIRST, SECOND = (officer(Role.COMMAND, name, emergency=CLOSED) for name in ("first", "second"))
DAYS = CLOSED.terms.retention


def on_day(authority: Authority, days: int) -> Authority:
    at = AT + dt.timedelta(days=days)
    return replace(authority, at=at, proved=at)


@pytest.fixture
def closed(register: Register) -> tuple[Register, list[str]]:
    """A register whose emergency was worked under, and is closed."""
    with register.system() as transaction:
        emergencies.add(transaction, DECLARED, "command", AT)
    persons = take_in(register, 40)
    wording = Text(zh="您好，请核对行程。", en="Please check your travel.")
    tracer, worker = officer(Role.TRACER), officer(Role.COMMUNITY_WORKER)
    outreach.propose(register, tracer, Proposal(persons[:5], Channel.CALL, "On the train of a case", wording))
    issue = FormIssue("register", 1, 10, worker.account, "tablet 7", dt.date(2027, 2, 8))
    batch = paper_forms.issue_forms(register, worker, issue)
    paper_forms.book_back(register, worker, batch.id, returned=6, destroyed=1)
    for name in ("first", "second"):
        sign(register, officer(Role.COMMAND, name), DECLARED.id, Act.CLOSE)
    return register, persons


def state_of(register: Register) -> Emergency:
    with register.system() as transaction:
        found = emergencies.find(transaction, CLOSED.id)
    assert found is not None
    return found


def test_an_open_emergency_is_not_disposed_of(register: Register) -> None:
    with register.system() as transaction:
        emergencies.add(transaction, DECLARED, "command", AT)
    with pytest.raises(BadInput, match="not disposed of"):
        disposal.sign_disposal(register, officer(Role.COMMAND))


def test_one_person_alone_destroys_nothing(closed: tuple[Register, list[str]]) -> None:
    register, persons = closed
    late = on_day(FIRST, DAYS.pseudonymous_days)
    with at_door(register.at_rest) as door:
        with pytest.raises(BadInput, match="nobody has signed"):
            disposal.execute(register, door, late)
        disposal.sign_disposal(register, late)
        with pytest.raises(PolicyRefusal) as refusal:
            disposal.execute(register, door, late)
        assert refusal.value.decision.rule == "second-person-is-first"
    with pytest.raises(BadInput, match="one person has signed"):
        disposal.sign_disposal(register, late)
    assert len(people.headers(register, officer(Role.TRACER), persons)) == 40


def test_what_is_still_to_be_kept_is_kept(closed: tuple[Register, list[str]]) -> None:
    register, persons = closed
    disposal.sign_disposal(register, on_day(FIRST, 1))
    with at_door(register.at_rest) as door:
        with pytest.raises(BadInput, match="kept until 2027-03-03"):
            disposal.execute(register, door, on_day(SECOND, DAYS.identified_days - 1))
        assert disposal.execute(register, door, on_day(SECOND, DAYS.identified_days)) is None
    assert people.headers(register, officer(Role.TRACER), persons) == []
    assert state_of(register).state is State.CLOSED
    with pytest.raises(BadInput, match="no disposal certificate"):
        disposal.certificate_of(register, SECOND)


def test_the_certificate_adds_up_and_names_what_is_out_of_reach(closed: tuple[Register, list[str]]) -> None:
    register, _ = closed
    late = on_day(SECOND, DAYS.pseudonymous_days)
    disposal.sign_disposal(register, on_day(FIRST, 1))
    with at_door(register.at_rest) as door:
        certificate = disposal.execute(register, door, late)
    assert certificate is not None
    assert certificate.executed_by == ("first", "second")
    assert certificate.counts["person"].planned == certificate.counts["person"].destroyed == 40
    assert certificate.counts["outreach_person"].destroyed == 5
    assert certificate.counts["key_encryption_key"].destroyed == 1
    assert {one.remaining for one in certificate.counts.values()} == {0}
    claim = str(certificate.document()["claim"])
    on_postgresql = register.engine.dialect.name == "postgresql"  # where the owner of the tables rewrites them, apart
    assert ("absent from the stores" in claim) is not on_postgresql
    assert "no key was ever drawn for it at the door" in claim
    reach = certificate.out_of_reach
    assert (reach.paper_forms_returned, reach.paper_forms_open, reach.exports) == (6, 3, ())
    assert state_of(register).state is State.DISPOSED
    assert json.loads(disposal.certificate_of(register, late)) == json.loads(json.dumps(certificate.document()))


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)  # on PostgreSQL its owner compacts: test_compaction.py
def test_no_byte_of_what_the_door_held_is_left_in_its_store(closed: tuple[Register, list[str]]) -> None:
    register, _ = closed
    disposal.sign_disposal(register, on_day(FIRST, 1))
    with at_door(register.at_rest) as door:
        holders = [Holder(name, name, hpke.public_of(hpke.new_private())) for name in ("cdc", "clinic")]
        door.open_emergency(CLOSED.id, holders, AT)
        door.enrol(CLOSED.id, "phone", [f"154{number:08}" for number in range(500)])
        with register.door_reading() as connection:
            held = [connection.scalars(select(door_emergency.c.wrapped_key)).one()]
            held += connection.scalars(select(directory.c.value)).all()
        assert {found.split(": ")[1] for found in files_with(register.at_rest, held)} >= {"0", "1", "500"}
        certificate = disposal.execute(register, door, on_day(SECOND, DAYS.pseudonymous_days))
        assert certificate is not None
        assert certificate.identifiers_at_the_door == 500
        assert not certificate.traces_left
        assert files_with(register.at_rest, held) == []  # as long as the door stays open too


class CutOff(Door):
    """A conversation with the door after which the process that held it is gone."""

    def dispose(self, emergency: str) -> bool:
        super().dispose(emergency)
        raise KeyboardInterrupt


def test_cut_off_after_the_door_the_certificate_still_says_how_many_identifiers_went(
    closed: tuple[Register, list[str]],
) -> None:
    register, _ = closed
    late = on_day(SECOND, DAYS.pseudonymous_days)
    disposal.sign_disposal(register, on_day(FIRST, 1))
    with at_door(register.at_rest) as door:
        holders = [Holder(name, name, hpke.public_of(hpke.new_private())) for name in ("cdc", "clinic")]
        door.open_emergency(CLOSED.id, holders, AT)
        door.enrol(CLOSED.id, "phone", [f"154{number:08}" for number in range(7)])
        with CutOff(register.at_rest) as another, pytest.raises(KeyboardInterrupt):
            disposal.execute(register, another, late)
        certificate = disposal.execute(register, door, late)
    assert certificate is not None
    assert certificate.identifiers_at_the_door == 7


def test_the_door_destroys_its_key_and_the_certificate_says_so(closed: tuple[Register, list[str]]) -> None:
    register, _ = closed
    holders = [Holder(one, one, hpke.public_of(hpke.new_private())) for one in ("street", "health-commission")]
    disposal.sign_disposal(register, on_day(FIRST, 1))
    with at_door(register.at_rest) as door:
        door.open_emergency(CLOSED.id, holders, AT)
        door.enrol(CLOSED.id, "phone", ["15400000001", "15400000002"])
        assert disposal.execute(register, door, on_day(SECOND, DAYS.identified_days)) is None
        assert door.find(CLOSED.id, "phone", ["15400000001"]) != [""], "facts are still to be kept"
        certificate = disposal.execute(register, door, on_day(SECOND, DAYS.pseudonymous_days))
        with pytest.raises(BadRegister, match="its key is destroyed"):
            door.find(CLOSED.id, "phone", ["15400000001"])
    assert certificate is not None
    assert (certificate.identifiers_at_the_door, certificate.key_at_the_door) == (2, True)
    claim = str(certificate.document()["claim"])
    assert "the door has destroyed its key and 2 identifiers under it" in claim


EXECUTE = """
import datetime as dt, sys
from pathlib import Path
from bianque.registry.register import open_register
from bianque.services import disposal
from bianque.services.door import at_door
from tests.services.duties.test_disposal import DAYS, SECOND, on_day
register = open_register(Path(sys.argv[1]))
with at_door(register.at_rest) as door:
    print("go", flush=True)
    disposal.execute(register, door, on_day(SECOND, DAYS.pseudonymous_days))
"""


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [0, 100])
def test_a_disposal_that_is_killed_is_gone_on_with(closed: tuple[Register, list[str]], milliseconds: int) -> None:
    register, persons = closed
    disposal.sign_disposal(register, on_day(FIRST, 1))
    command = [sys.executable, "-c", EXECUTE, str(register.at_rest)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(milliseconds / 1000)
        child.send_signal(signal.SIGKILL)
    if state_of(register).state is not State.DISPOSED:
        with at_door(register.at_rest) as door:
            disposal.execute(register, door, on_day(SECOND, DAYS.pseudonymous_days))
    counts = json.loads(disposal.certificate_of(register, SECOND))["counts"]
    assert counts["person"] == {"planned": 40, "destroyed": 40, "remaining": 0}
    assert people.headers(register, officer(Role.TRACER), persons) == []
    assert state_of(register).state is State.DISPOSED
