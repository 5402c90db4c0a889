"""Whoever is erased is erased behind the door as well: nothing there leads to them, or from them to a pseudonym."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bianque.model.authority import Role
from bianque.model.errors import BadInput
from bianque.model.identifiers import check_character
from bianque.registry import integrity, locks, maintenance, people, releases
from bianque.registry import register as registers
from bianque.registry.locks import Lock
from bianque.registry.register import Register
from bianque.registry.tables.door import directory
from bianque.registry.tables.releases import opened_target, release_target
from bianque.safeguard.door import Door
from bianque.services.door import at_door
from bianque.services.erase_person import erase_people
from bianque.services.import_people import import_people
from tests.killed import killed
from tests.registry.sample import files_with, take_in, tracer
from tests.safeguard.authorities import AT
from tests.services.people.office import EMERGENCY, LI, STREET, ZHANG, at_work, ceremony, events, furnish, written

E = EMERGENCY.id
OFFICER = at_work(Role.DPO, grants=())
WHY = "the person asked for it"
PHONE, ID_NUMBER = "13800138000", "11010519491231002X"
SISTER = "张澄月,110105194912310038,13800138000,落霞路七号,1949-12-31,male,420100,returned,茶坞"
on_sqlite = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def furnished(register: Register) -> None:
    furnish(register)


def taken_in(register: Register, folder: Path, *rows: str) -> list[str]:
    """Records of people from a file, in the order of their rows."""
    import_people(register, at_work(), written(folder, *rows), STREET)
    return [people.find(register, at_work(), "id_number", row.split(",")[1])[0] for row in rows]


def enrolled(door: Door, phone: str, id_number: str) -> str:
    """The pseudonym of somebody who is known behind the door by a phone and an ID number."""
    door.enrol(E, "phone", [phone])
    door.enrol(E, "id_number", [id_number])
    door.link(E, ("phone", [phone]), ("id_number", [id_number]))
    return door.find(E, "id_number", [id_number])[0]


def behind_the_door(register: Register) -> list[bytes]:
    """Blind indices and sealed values, in the order in which they came."""
    with register.door_reading() as connection:
        rows = connection.execute(select(directory.c.blind_index, directory.c.value).order_by(directory.c.number))
        return [bytes(value) for row in rows for value in row]


def test_an_erased_person_is_gone_from_the_door_and_nobody_else_is(register: Register, tmp_path: Path) -> None:
    zhang, _ = taken_in(register, tmp_path, ZHANG, LI)
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, PHONE, ID_NUMBER)
        li = enrolled(door, "13900139000", "440524188001010014")
        gone, kept = behind_the_door(register)[:4], behind_the_door(register)[4:]
        done = erase_people(register, OFFICER, [zhang], reason=WHY)
        assert (done.records, done.keys, done.identifiers) == (1, 1, 2)
        assert door.find(E, "phone", [PHONE, "13900139000"]) == ["", li]
        assert door.find(E, "id_number", [ID_NUMBER]) == [""]
    assert behind_the_door(register) == kept
    if register.engine.dialect.name == "sqlite":
        assert len(files_with(register.at_rest, kept)) >= len(kept)
        assert files_with(register.at_rest, gone) == []
    counted = events(register)[-1]
    assert (counted["action"], counted["kind"], counted["reason"]) == (
        "erase_person",
        "directory",
        "2 identifiers behind the door",
    )


@on_sqlite
def test_a_family_phone_goes_with_the_last_of_the_family(register: Register, tmp_path: Path) -> None:
    zhang, sister = taken_in(register, tmp_path, ZHANG, SISTER)
    with at_door(register.at_rest) as door:
        ceremony(door)
        first = enrolled(door, PHONE, ID_NUMBER)
        enrolled(door, PHONE, SISTER.split(",")[1])
        assert erase_people(register, OFFICER, [zhang], reason=WHY).identifiers == 1
        assert door.find(E, "phone", [PHONE]) == [first]
        assert erase_people(register, OFFICER, [sister], reason=WHY).identifiers == 2
        assert door.find(E, "phone", [PHONE]) == [""]
    assert behind_the_door(register) == []


@on_sqlite
def test_what_a_source_had_linked_to_the_person_goes_though_no_record_ever_held_it(
    register: Register, tmp_path: Path
) -> None:
    zhang, _ = taken_in(register, tmp_path, ZHANG, LI)
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, "15400130013", ID_NUMBER)
        enrolled(door, PHONE, ID_NUMBER)
        assert erase_people(register, OFFICER, [zhang], reason=WHY).identifiers == 3
        assert door.find(E, "phone", ["15400130013", PHONE]) == ["", ""]
    assert behind_the_door(register) == []


@on_sqlite
def test_who_is_recorded_by_phone_alone_goes_with_the_id_number_that_a_source_had_linked_to_it(
    register: Register,
) -> None:
    take_in(register, {"name": "张澄岚", "phone": PHONE}, authority=at_work())
    (known_by_phone,) = people.find(register, at_work(), "phone", PHONE)
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, PHONE, ID_NUMBER)
        assert erase_people(register, OFFICER, [known_by_phone], reason=WHY).identifiers == 2
        assert door.find(E, "id_number", [ID_NUMBER]) == [""]


@on_sqlite
def test_a_person_recorded_twice_goes_from_the_door_with_both_records(register: Register, tmp_path: Path) -> None:
    (once,) = taken_in(register, tmp_path, ZHANG)
    import_people(register, at_work(), written(tmp_path, ZHANG, LI), STREET)
    (again,) = set(people.find(register, at_work(), "id_number", ID_NUMBER)) - {once}
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, PHONE, ID_NUMBER)
        assert erase_people(register, OFFICER, [once], reason=WHY).identifiers == 0
        assert erase_people(register, OFFICER, [again], reason=WHY).identifiers == 2


def test_locks_on_an_erased_person_and_what_was_opened_of_them_go_though_a_shared_phone_stays(
    register: Register, tmp_path: Path
) -> None:
    wife = SISTER.replace(PHONE, "13900139000")  # Li's phone is hers as well
    zhang, li, _ = taken_in(register, tmp_path, ZHANG, LI, wife)
    with at_door(register.at_rest) as door:
        ceremony(door)
        targets = [enrolled(door, PHONE, ID_NUMBER), enrolled(door, "13900139000", "440524188001010014")]
        door.enrol(E, "card", ["6217000000000001"])  # Li is known by a card as well, which no record has
        door.link(E, ("phone", ["13900139000"]), ("card", ["6217000000000001"]))
        door.lock(E, targets, "shared-conveyance")
        with register.writing(OFFICER) as connection:
            standing = [Lock(one, "shared-conveyance", "seat 7", "wu", "cdc", AT) for one in targets]
            locks.add(connection, "cdc", E, standing)
            for place, pseudonym in enumerate(targets):
                where = {"release": "r", "place": place, "agency": "cdc", "emergency": E}
                connection.execute(insert(release_target).values(pseudonym=pseudonym, **where))
                connection.execute(insert(opened_target).values(sealed=f"sealed {place}".encode(), **where))
        assert erase_people(register, OFFICER, [zhang, li], reason=WHY).identifiers == 4
        with pytest.raises(BadInput, match="1 of 2 targets lead to nobody any more"):
            door.lock(E, targets, "shared-conveyance")
    with register.reading(OFFICER) as connection:
        assert locks.standing(connection, E, targets) == {}
        assert releases.opened(connection, "r") == {}


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_another_agency_s_record_keeps_nothing_at_this_agency_s_door_and_loses_nothing(
    register: Register, owner: str, tmp_path: Path
) -> None:
    (zhang,) = taken_in(register, tmp_path, ZHANG)
    theirs = tracer(agency="police", emergency=EMERGENCY)
    police = registers.create_on_postgresql(tmp_path / "police", owner, "police")
    take_in(police, {"name": "张澄岚", "phone": PHONE, "id_number": ID_NUMBER}, authority=theirs)
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, PHONE, ID_NUMBER)
        assert erase_people(register, OFFICER, [zhang], reason=WHY).identifiers == 2
    (record,) = people.find(police, theirs, "phone", PHONE)
    assert people.read(police, theirs, record, ["person.phone"]) == {"person.phone": PHONE}
    police.close()


@on_sqlite
def test_where_no_ceremony_was_held_nobody_goes_to_the_door(register: Register, tmp_path: Path) -> None:
    (zhang,) = taken_in(register, tmp_path, ZHANG)
    assert erase_people(register, OFFICER, [zhang], reason=WHY).identifiers == 0
    assert list(register.at_rest.glob("door.key")) == list(register.at_rest.glob("door.lock")) == []


@on_sqlite
def test_after_the_disposal_of_the_directory_nobody_goes_to_the_door(register: Register, tmp_path: Path) -> None:
    (zhang,) = taken_in(register, tmp_path, ZHANG)
    with at_door(register.at_rest) as door:
        ceremony(door)
        door.dispose(E)
    assert erase_people(register, OFFICER, [zhang], reason=WHY).identifiers == 0


@on_sqlite
def test_whoever_was_cut_off_after_the_door_erases_the_record_by_the_same_call(
    register: Register, tmp_path: Path
) -> None:
    """The end of it: the process dies when the door has answered, and the record is as it was."""
    (zhang,) = taken_in(register, tmp_path, ZHANG)
    with at_door(register.at_rest) as door:
        ceremony(door)
        enrolled(door, PHONE, ID_NUMBER)
        gone = behind_the_door(register)
        maintenance.announce(register, OFFICER)
        assert door.erase(E, "phone", [PHONE]).identifiers == 1
        assert people.read(register, OFFICER, zhang, ["person.phone"]) == {"person.phone": PHONE}
        assert integrity.leftovers(register, OFFICER).traces
        done = erase_people(register, OFFICER, [zhang], reason=WHY)
    assert (done.records, done.identifiers) == (1, 1)
    assert not integrity.leftovers(register, OFFICER).any
    assert files_with(register.at_rest, gone) == []


def crowd(count: int) -> list[tuple[str, str]]:
    """Phones and ID numbers of an exercise's people."""
    firsts = [f"11010519491231{number:03}" for number in range(count)]
    return [(f"154{number:08}", first + check_character(first)) for number, first in enumerate(firsts)]


ERASES = """
import pathlib, sys
from bianque.registry.register import open_register
from bianque.services.erase_person import erase_people
from tests.services.people.test_erase_behind_the_door import OFFICER, WHY
register = open_register(pathlib.Path(sys.argv[1]))
print("begun", flush=True)
for record in sys.argv[2:]:
    erase_people(register, OFFICER, [record], reason=WHY)
    print(record, flush=True)
"""


@on_sqlite
@pytest.mark.slow
def test_who_was_being_erased_when_it_was_killed_is_gone_everywhere_or_can_be_erased_again(
    register: Register, tmp_path: Path
) -> None:
    pairs = crowd(40)
    rows = [f"澄岚{n},{id_number},{phone},,,,420100,," for n, (phone, id_number) in enumerate(pairs)]
    records = dict(zip(taken_in(register, tmp_path, *rows), pairs, strict=True))
    with at_door(register.at_rest) as door:
        ceremony(door)
        phones, id_numbers = ([pair[place] for pair in pairs] for place in range(2))
        door.enrol(E, "phone", phones)
        door.enrol(E, "id_number", id_numbers)
        door.link(E, ("phone", phones), ("id_number", id_numbers))
        traces = behind_the_door(register)
        left = list(records)
        moments = random.Random(6)
        for _ in range(4):
            said = killed("-c", ERASES, str(register.at_rest), *left, within=0.6, moments=moments)
            readable = {header.id for header in people.headers(register, OFFICER, left)}
            assert not readable & {*said}
            assert len({*left} - readable - {*said}) <= 1  # the one it was at
            for record in {*left} - readable:
                assert door.find(E, "phone", [records[record][0]]) == [""]
                assert door.find(E, "id_number", [records[record][1]]) == [""]
            left = [one for one in left if one in readable]
        for record in left:
            people.read(register, OFFICER, record, ["person.phone"])
        for record in left:
            erase_people(register, OFFICER, [record], reason=WHY)
        integrity.tidy(register, OFFICER)
    again = registers.open_register(register.at_rest)
    assert not integrity.leftovers(again, OFFICER).any
    for record in records:
        with pytest.raises(BadInput, match="no record"):
            people.read(again, OFFICER, record, ["person.phone"])
    again.close()
    assert files_with(register.at_rest, traces) == []
