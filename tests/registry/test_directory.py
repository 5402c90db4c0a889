"""The store behind the door, on SQLite and on PostgreSQL, with the door's desk over it in this process."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from bianque.model.directory import SealedEmergency
from bianque.model.errors import BadInput, BadRegister
from bianque.registry.directory import StoredDirectory
from bianque.registry.register import Register
from bianque.registry.tables import DOOR
from bianque.registry.tables.door import (
    directory,
    directory_alias,
    directory_batch,
    door_emergency,
    locked_target,
    pending_share,
)
from bianque.safeguard import door_key, door_wire, hpke
from bianque.safeguard.door_desk import Desk
from bianque.safeguard.door_room import Room
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
    assert erase(desk, "phone", PHONES[:600]) == {"erased": 600, "unlocked": []}
    assert desk.answer({"ask": "dispose", "emergency": "e"}, [])[0] == {"key": True}
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


@pytest.mark.parametrize(
    ("changed", "asked_with"),
    [
        ({}, bytes(32)),
        ({"digest": bytes([1]) * 32}, bytes([1]) * 32),
        ({"until": "2028-02-09T09:00:00.000+00:00"}, bytes(32)),
    ],
    ids=["nothing", "request", "hour"],
)
def test_an_approval_in_the_store_cannot_be_turned_to_another_request_or_hour(
    register: Register, desk: Desk, changed: dict[str, object], asked_with: bytes
) -> None:
    """Whoever writes into the store but has no key. Without a change they open, and are seen to be made up."""
    _, (transport,) = desk.answer({"ask": "hello"}, [])
    digest = bytes(32)
    for one in ("one", "two"):
        head = {
            "ask": "share",
            "emergency": "e",
            "organisation": one,
            "release": "r",
            "until": "2028-02-02T09:00+00:00",
        }
        desk.answer(head, [digest, hpke.seal(transport, one.encode() + bytes(29), digest)])
    with register.door_writing() as connection:
        connection.execute(update(pending_share).values({"release": "r", **changed}))
    head = {"ask": "reissue", "emergency": "e", "account": "li", "organisation": "one", "release": "r", "at": AT}
    with pytest.raises(BadRegister if changed else BadInput, match="does not open" if changed else "do not make"):
        desk.answer(head, [asked_with, bytes(32)])


def test_a_release_key_that_somebody_put_in_place_of_the_emergency_s_is_noticed(
    register: Register, desk: Desk, tmp_path: Path
) -> None:
    ask(desk, "enrol", "phone", PHONES[:2])
    with register.door_writing() as connection:
        connection.execute(update(door_emergency).values(release_key=hpke.public_of(hpke.new_private())))
    with pytest.raises(BadRegister, match="does not open"):
        ask(opened(register, tmp_path), "enrol", "phone", PHONES[2:4])


def erase(
    desk: Desk, kind: str, values: list[str], besides: tuple[str, list[str]] = ("phone", [])
) -> dict[str, object]:
    head = {
        "ask": "erase",
        "emergency": "e",
        "kinds": (kind, besides[0]),
        "counts": (len(values), len(besides[1])),
        "linked": True,
    }
    return desk.answer(head, [door_wire.column(values), door_wire.column(besides[1])])[0]


def link(desk: Desk, phones: list[str], id_numbers: list[str]) -> dict[str, object]:
    head = {"ask": "link", "emergency": "e", "kinds": ("phone", "id_number"), "count": len(phones)}
    return desk.answer(head, [door_wire.column(phones), door_wire.column(id_numbers)])[0]


def test_two_id_numbers_with_one_phone_stay_two_persons_even_after_one_of_them_is_erased(
    desk: Desk, register: Register, tmp_path: Path
) -> None:
    ask(desk, "enrol", "phone", PHONES[:3])
    ids = ["11010519491231002X", "110105194912310038", "440524188001010014"]
    ask(desk, "enrol", "id_number", ids)
    assert link(desk, [PHONES[0], PHONES[0], PHONES[1]], ids) == {"fewer": 2, "apart": 1}
    assert link(desk, PHONES[:1], ids[1:2]) == {"fewer": 0, "apart": 1}
    one, two = (ask(desk, "find", "id_number", [value]) for value in ids[:2])
    assert ask(desk, "find", "phone", PHONES[:1]) == one != two
    assert erase(desk, "id_number", ids[:1], ("phone", PHONES[:1]))["erased"] == 1
    again = opened(register, tmp_path)
    assert link(again, PHONES[:1], ids[1:2]) == {"fewer": 0, "apart": 1}
    assert link(again, PHONES[1:3], [ids[2], ids[2]]) == {"fewer": 1, "apart": 0}  # a second phone of one person


def test_links_that_lead_on_from_each_other_are_one_person_in_the_next_door_too(
    desk: Desk, register: Register, tmp_path: Path
) -> None:
    """The later link leads to a lower number, so that those who led elsewhere before lead on to it."""
    ask(desk, "enrol", "phone", PHONES[:4])
    head = {"ask": "link", "emergency": "e", "kinds": ("phone", "phone"), "count": 1}
    for one, two in ((3, 2), (2, 1), (0, 3)):
        desk.answer(head, [door_wire.column([PHONES[one]]), door_wire.column([PHONES[two]])])
    for door in (desk, opened(register, tmp_path)):
        assert len({ask(door, "find", "phone", [phone]) for phone in PHONES[:4]}) == 1


def test_a_link_that_somebody_wrote_into_the_store_is_noticed(register: Register, desk: Desk, tmp_path: Path) -> None:
    """Who can write there makes one person another's alias, or turns a link to somebody else."""
    ask(desk, "enrol", "phone", PHONES[:4])
    head = {"ask": "link", "emergency": "e", "kinds": ("phone", "phone"), "count": 1}
    desk.answer(head, [door_wire.column(PHONES[:1]), door_wire.column(PHONES[1:2])])
    with register.door_writing() as connection:
        connection.execute(update(directory_alias).values(same_as=3))
    with pytest.raises(BadRegister, match="link of two numbers"):
        ask(opened(register, tmp_path), "find", "phone", PHONES[:1])
    with register.door_writing() as connection:
        connection.execute(update(directory_alias).values(same_as=1))
    ask(opened(register, tmp_path), "find", "phone", PHONES[:1])
    with register.door_writing() as connection:
        made_up = {"emergency": "e", "number": 4, "same_as": 3, "code": os.urandom(16)}
        connection.execute(insert(directory_alias), made_up)
    with pytest.raises(BadRegister, match="link of two numbers"):
        ask(opened(register, tmp_path), "find", "phone", PHONES[:1])


@pytest.mark.parametrize("changed", [{"kind": "card"}, {"first_number": 2}, {"id": "0" * 32}, {"sealed_key": b"x"}])
def test_a_batch_that_somebody_changed_in_the_store_is_noticed(
    register: Register, desk: Desk, tmp_path: Path, changed: dict[str, object]
) -> None:
    ask(desk, "enrol", "phone", PHONES[:4])
    with register.door_writing() as connection:
        connection.execute(update(directory_batch).values(changed))
    with pytest.raises(BadRegister, match="batch of identifiers"):
        ask(opened(register, tmp_path), "find", "phone", PHONES[:1])


@pytest.mark.parametrize("changed", [{"rule": "another"}, {"pseudonym": ""}])
def test_a_lock_that_somebody_wrote_into_the_store_opens_nothing(
    register: Register, changed: dict[str, object]
) -> None:
    """The lock of one target is not that of another, and no other rule's."""
    private, store = hpke.new_private(), StoredDirectory(register)
    sealed = SealedEmergency("e", b"wrapped", hpke.public_of(private), 1, {"one": 1, "two": 2})
    store.open_emergency(sealed, dt.datetime.fromisoformat(AT))
    room = Room(sealed, os.urandom(32), store)
    given = room.enrol("phone", [phone.encode() for phone in PHONES[:2]])[0].hex()
    targets = [given[: 2 * BYTES], given[2 * BYTES :]]
    store.lock("e", room.locks(targets[:1], "shared-conveyance"))
    assert room.locked(targets) == {targets[0]}
    if "pseudonym" in changed:
        changed = {"pseudonym": targets[1]}
    with register.door_writing() as connection:
        connection.execute(update(locked_target).values(changed))
    with pytest.raises(BadRegister, match="lock of a target"):
        room.locked(targets)


def test_an_identifier_given_to_another_person_in_the_store_is_not_opened_as_theirs(register: Register) -> None:
    private, store = hpke.new_private(), StoredDirectory(register)
    sealed = SealedEmergency("e", b"wrapped", hpke.public_of(private), 1, {"one": 1, "two": 2})
    store.open_emergency(sealed, dt.datetime.fromisoformat(AT))
    room = Room(sealed, os.urandom(32), store)
    pseudonyms = room.enrol("phone", [phone.encode() for phone in PHONES[:2]])[0].hex()
    targets = [pseudonyms[: 2 * BYTES], pseudonyms[2 * BYTES :]]
    assert room.open_targets(private, targets, ["phone"]) == [{"phone": [phone]} for phone in PHONES[:2]]
    with register.door_writing() as connection:
        connection.execute(update(directory).values(number=3 - directory.c.number))
    with pytest.raises(BadRegister, match="not where it was sealed for"):
        room.open_targets(private, targets[:1], ["phone"])
