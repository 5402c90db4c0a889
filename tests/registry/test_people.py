"""People in the register: taken in, found however the number is written, read, corrected; sealed at rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import collections, lists, people
from bianque.registry import register as registers
from bianque.registry.people import FIELDS, NewPerson
from bianque.registry.register import Register
from bianque.registry.tables.people import SEALED, person
from tests.registry.sample import LI, ZHANG, emergency, files_with, source, take_in, tracer


def ids(register: Register, phone: str) -> list[str]:
    return people.find(register, tracer(), "phone", phone)


def test_what_was_taken_in_reads_back(register: Register) -> None:
    take_in(register, ZHANG, LI)
    (zhang,) = ids(register, ZHANG["phone"])
    assert people.read(register, tracer(), zhang, FIELDS) == {f"person.{name}": text for name, text in ZHANG.items()}
    (li,) = ids(register, LI["phone"])
    assert people.read(register, tracer(), li, ["person.name", "person.address", "person.region"]) == {
        "person.name": LI["name"],
        "person.address": "",
        "person.region": "420103",
    }


@pytest.mark.parametrize("written", ["138 0013 8000", "+86 138-0013-8000", "１３８００１３８０００", "008613800138000"])
def test_a_phone_is_found_however_it_is_written(register: Register, written: str) -> None:
    take_in(register, ZHANG, LI)
    assert ids(register, written) == ids(register, ZHANG["phone"]) != []


def test_an_id_number_is_found_with_a_small_x(register: Register) -> None:
    take_in(register, ZHANG)
    assert people.find(register, tracer(), "id_number", "11010519491231002x") == ids(register, ZHANG["phone"])


def test_nobody_is_found_by_name_or_by_nothing(register: Register) -> None:
    take_in(register, {"name": "李栖云"})
    assert ids(register, "") == ids(register, "+") == []
    with pytest.raises(BadInput, match="found by name"):
        people.find(register, tracer(), "name", "李栖云")


def test_another_emergency_finds_and_reads_nothing(register: Register) -> None:
    take_in(register, ZHANG)
    (zhang,) = ids(register, ZHANG["phone"])
    other = tracer(emergency=emergency("e2"))
    assert people.find(register, other, "phone", ZHANG["phone"]) == []
    assert people.headers(register, other, [zhang]) == []
    with pytest.raises(BadInput, match="no record"):
        people.read(register, other, zhang, ["person.name"])


def test_index_values_of_two_emergencies_cannot_be_joined(register: Register) -> None:
    take_in(register, ZHANG)
    take_in(register, ZHANG, authority=tracer(emergency=emergency("e2")))
    values = set()
    for one in ("e1", "e2"):
        with register.reading(tracer(emergency=emergency(one))) as connection:
            for column in (person.c.phone_index, person.c.id_number_index):
                values |= set(connection.execute(select(column)).scalars())
    assert len(values) == 4


def test_a_header_says_enough_to_decide_and_not_who_it_is(register: Register) -> None:
    returned = lists.PersonList("returned", emergency().terms.name, "street-office", frozenset({"health"}))
    lists.add(register, tracer(), returned)
    opened = collections.begin(register, tracer(), source())
    child = NewPerson(ZHANG, ("420103", "420100", "420000"), "returned", under_14=True)
    collections.import_people(register, tracer(), opened, [child])
    (header,) = people.headers(register, tracer(), ids(register, ZHANG["phone"]))
    resource = header.resource(["person.name"])
    assert resource.within == ("420103", "420100", "420000")
    assert resource.context == {"health", "under_14"}
    assert resource.purposes == (Purpose.CONTACT_TRACING,)
    assert (resource.named, resource.protected, resource.assigned) == (True, False, "")
    assert not [text for text in ZHANG.values() if text in repr(header)]
    assert lists.lists(register, tracer()) == [returned]


def test_a_correction_replaces_and_keeps_nothing_of_the_old(register: Register) -> None:
    take_in(register, ZHANG)
    (zhang,) = ids(register, ZHANG["phone"])
    with register.reading(tracer()) as connection:
        before = connection.execute(select(*(person.c[name] for name in SEALED))).one()
    assert people.correct(register, tracer(), zhang, {"person.phone": "13700137000", "person.health_note": ""}) == 2
    assert ids(register, ZHANG["phone"]) == []
    assert ids(register, "13700137000") == [zhang]
    read = people.read(register, tracer(), zhang, FIELDS)
    assert read["person.name"] == ZHANG["name"]
    assert read["person.health_note"] == ""
    with register.reading(tracer()) as connection:
        after = connection.execute(select(*(person.c[name] for name in SEALED))).one()
    assert not set(before) & set(after) - {None}


def test_a_field_nobody_has_is_refused_by_name_and_without_a_value(register: Register) -> None:
    take_in(register, ZHANG)
    (zhang,) = ids(register, ZHANG["phone"])
    with pytest.raises(BadInput, match=r"no field 'person.blood'"):
        people.read(register, tracer(), zhang, ["person.blood"])
    with pytest.raises(BadInput, match="region: not corrected here") as refused:
        people.correct(register, tracer(), zhang, {"person.region": "岚都"})
    assert "岚都" not in refused.value.diagnostics()


def test_outside_of_an_emergency_nothing_of_people_moves(register: Register) -> None:
    with pytest.raises(BadInput, match="no emergency"):
        people.find(register, tracer(emergency=None), "phone", ZHANG["phone"])


def test_a_protected_person_is_marked_in_the_header(register: Register) -> None:
    take_in(register, ZHANG)
    found = ids(register, ZHANG["phone"])
    with register.writing(tracer()) as connection:
        people.protect(register, connection, tracer(), found[0], protected=True)
    assert people.headers(register, tracer(), found)[0].protected


def test_neither_a_value_nor_a_plain_hash_of_one_is_in_any_file(
    register: Register, at_rest: Callable[[], Path]
) -> None:
    take_in(register, ZHANG, LI)
    (zhang,) = ids(register, ZHANG["phone"])
    people.correct(register, tracer(), zhang, {"person.workplace": "新茶坞有限公司"})
    values = [*ZHANG.values(), *LI.values(), "新茶坞有限公司"]
    values = [text for text in values if text not in ("male", "female")]  # words that stand in the schema's code too
    hashed = [
        digest
        for text in (ZHANG["phone"], ZHANG["id_number"], LI["phone"])
        for name in ("md5", "sha1", "sha256", "sm3" if "sm3" in hashlib.algorithms_available else "sha512")
        for digest in _spellings(hashlib.new(name, text.encode()).digest())
    ]
    needles = [text.encode() for text in values] + [text.encode("utf-16-le") for text in values] + hashed
    assert files_with(at_rest(), needles) == []
    assert files_with(at_rest(), [zhang.encode()]) != []  # what is plain is found: the search works


def _spellings(digest: bytes) -> Iterator[bytes]:
    yield digest[:16]
    yield digest.hex()[:32].encode()


def test_lengths_do_not_tell_a_woman_from_a_man(register: Register) -> None:
    take_in(register, ZHANG, LI)
    with register.reading(tracer()) as connection:
        lengths = {len(value) for value in connection.execute(select(person.c.sex)).scalars()}
    assert len(lengths) == 1


def test_the_suite_of_chinese_standards_reads_back_and_is_recorded(tmp_path: Path) -> None:
    register = registers.create(tmp_path / "sm", suite="sm")
    take_in(register, ZHANG)
    register.close()
    again = registers.open_register(tmp_path / "sm")
    (zhang,) = ids(again, ZHANG["phone"])
    assert people.read(again, tracer(), zhang, ["person.name"]) == {"person.name": ZHANG["name"]}
    again.close()
    with pytest.raises(BadInput, match="no suite"):
        registers.create(tmp_path / "other", suite="des")


def test_with_another_root_key_nothing_opens(register: Register) -> None:
    take_in(register, ZHANG)
    (zhang,) = ids(register, ZHANG["phone"])
    (register.at_rest / "root.key").write_bytes(bytes(32))
    stranger = registers.open_register(register.at_rest)
    with pytest.raises(BadRegister, match="does not open"):
        people.read(stranger, tracer(), zhang, ["person.name"])
    assert people.find(stranger, tracer(), "phone", ZHANG["phone"]) == []
    stranger.close()
