"""The store behind the door, on SQLite and on PostgreSQL, with the door's desk over it in this process."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from bianque.model.errors import BadInput, BadRegister
from bianque.registry.directory import StoredDirectory
from bianque.registry.register import Register
from bianque.registry.tables import DOOR
from bianque.safeguard import door_key, door_wire, hpke
from bianque.safeguard.door_desk import Desk
from bianque.safeguard.pseudonym import BYTES

AT = "2028-02-01T09:00:00+00:00"
PHONES = [f"154{number:08d}" for number in range(1500)]


@pytest.fixture
def desk(register: Register, tmp_path: Path) -> Desk:
    return opened(register, tmp_path)


def opened(register: Register, folder: Path) -> Desk:
    directory = StoredDirectory(register)
    desk = Desk(door_key.read(folder, create=not directory.emergencies()), directory)
    if not directory.emergencies():
        publics = [hpke.public_of(hpke.new_private()) for _ in range(2)]
        desk.answer({"ask": "open", "emergency": "e", "holders": [("wang", "one"), ("zhao", "two")], "at": AT}, publics)
    return desk


def ask(desk: Desk, question: str, kind: str, values: list[str]) -> bytes:
    head = {"ask": question, "emergency": "e", "kind": kind, "count": len(values)}
    return b"".join(desk.answer(head, [door_wire.column(values)])[1])


def test_what_a_door_has_taken_in_the_next_one_knows(register: Register, desk: Desk, tmp_path: Path) -> None:
    given = ask(desk, "enrol", "phone", PHONES)
    assert len(given) == BYTES * len(PHONES)
    ask(desk, "enrol", "card", ["6217000000000001"])
    head = {"ask": "link", "emergency": "e", "kinds": ("phone", "card"), "count": 1}
    desk.answer(head, [door_wire.column(PHONES[:1]), door_wire.column(["6217000000000001"])])
    again = opened(register, tmp_path)
    assert ask(again, "find", "phone", PHONES) == given
    assert ask(again, "find", "card", ["6217000000000001"]) == given[:BYTES]
    new = ask(again, "enrol", "phone", ["15500000000"])
    assert new not in [given[start : start + BYTES] for start in range(0, len(given), BYTES)]


def test_the_store_holds_no_identifier_and_no_pseudonym(register: Register, desk: Desk) -> None:
    """Byte by byte in SQLite's files; PostgreSQL is asked for every row of every table of the store."""
    given = ask(desk, "enrol", "phone", PHONES)
    with register.door_reading() as connection:
        rows = [repr(tuple(row)) for table in DOOR.sorted_tables for row in connection.execute(table.select())]
    held = "".join(rows).encode() + b"".join(path.read_bytes() for path in register.at_rest.glob("door.sqlite*"))
    assert b"directory" in held or b"phone" in held
    for place, phone in enumerate(PHONES[:200]):
        pseudonym = given[place * BYTES : (place + 1) * BYTES]
        assert phone.encode() not in held
        assert pseudonym not in held
        assert pseudonym.hex().encode() not in held


def test_erasure_and_disposal_leave_no_row(register: Register, desk: Desk) -> None:
    ask(desk, "enrol", "phone", PHONES)
    head = {"ask": "erase", "emergency": "e", "kind": "phone", "count": 600}
    assert desk.answer(head, [door_wire.column(PHONES[:600])])[0] == {"erased": 600}
    assert desk.answer({"ask": "dispose", "emergency": "e"}, [])[0] == {"erased": 900, "key": True}
    assert list(StoredDirectory(register).entries("e")) == []
    with pytest.raises(BadRegister, match="destroyed"):
        ask(desk, "find", "phone", PHONES)


def test_a_share_whose_time_is_over_is_forgotten_with_the_next(register: Register, desk: Desk) -> None:
    _, (transport,) = desk.answer({"ask": "hello"}, [])
    for release, until in (("early", "2028-02-01T10:00:00+00:00"), ("late", "2028-02-02T10:00:00+00:00")):
        digest = os.urandom(32)
        head = {"ask": "share", "emergency": "e", "organisation": "one", "release": release, "until": until}
        desk.answer(head, [digest, hpke.seal(transport, bytes(32), digest)])
    store = StoredDirectory(register)
    assert [len(store.shares(release)) for release in ("early", "late")] == [1, 1]
    store.forget("another", dt.datetime(2028, 2, 1, 12, tzinfo=dt.UTC))
    assert [len(store.shares(release)) for release in ("early", "late")] == [0, 1]


def test_a_share_sealed_for_another_request_is_not_taken(desk: Desk) -> None:
    _, (transport,) = desk.answer({"ask": "hello"}, [])
    head = {"ask": "share", "emergency": "e", "organisation": "one", "release": "r", "until": AT}
    with pytest.raises(BadInput, match="another use"):
        desk.answer(head, [bytes(32), hpke.seal(transport, bytes(32), bytes([1]) * 32)])
    with pytest.raises(BadInput, match="holds no share"):
        desk.answer({**head, "organisation": "three"}, [bytes(32), hpke.seal(transport, bytes(32), bytes(32))])
