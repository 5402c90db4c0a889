"""A sealed value opens in its own place alone: not in another row, column, version or table, nor changed by one bit."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, select, update

from bianque.model.case import Status
from bianque.model.errors import BadRegister
from bianque.registry import cases, follow_ups, people
from bianque.registry.register import Register
from bianque.registry.sealed import Place, seal, unseal
from bianque.registry.suites import SUITES
from bianque.registry.tables.keys import data_key
from bianque.registry.tables.people import SEALED, case_record, follow_up, person
from tests.registry.sample import LI, ZHANG, take_in, tracer

KEYS = {name: suite.cipher(os.urandom(suite.key_length)) for name, suite in SUITES.items()}
PLACES = st.builds(
    Place,
    st.sampled_from(["person", "case_record", "follow_up"]),
    st.sampled_from(["p1", "p2"]),
    st.integers(1, 3),
    st.sampled_from(["", "r1", "r2"]),
)
COLUMNS = st.sampled_from(["name", "phone", "note"])
VALUES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("suite", SUITES)
@given(place=PLACES, column=COLUMNS, value=VALUES)
def test_every_text_reads_back_from_its_place(suite: str, place: Place, column: str, value: str) -> None:
    assert unseal(KEYS[suite], place, column, seal(KEYS[suite], place, column, value)) == value


@pytest.mark.parametrize("suite", SUITES)
@given(places=st.tuples(PLACES, PLACES), columns=st.tuples(COLUMNS, COLUMNS), value=VALUES)
def test_in_any_other_place_it_never_opens(
    suite: str, places: tuple[Place, Place], columns: tuple[str, str], value: str
) -> None:
    sealed = seal(KEYS[suite], places[0], columns[0], value)
    if (places[0], columns[0]) == (places[1], columns[1]):
        assert unseal(KEYS[suite], places[1], columns[1], sealed) == value
    else:
        with pytest.raises(BadRegister, match="does not belong there"):
            unseal(KEYS[suite], places[1], columns[1], sealed)


@pytest.mark.parametrize("suite", SUITES)
@given(value=VALUES, data=st.data())
def test_one_changed_bit_is_noticed(suite: str, value: str, data: st.DataObject) -> None:
    place = Place("person", "p1", 1)
    sealed = bytearray(seal(KEYS[suite], place, "name", value))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadRegister):
        unseal(KEYS[suite], place, "name", bytes(sealed))


@pytest.mark.parametrize("length", range(28))
def test_a_value_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(BadRegister):
        unseal(KEYS["aes"], Place("person", "p1", 1), "name", bytes(length))


def _two(register: Register) -> tuple[str, str]:
    take_in(register, ZHANG, LI)
    (zhang,), (li,) = (people.find(register, tracer(), "phone", one["phone"]) for one in (ZHANG, LI))
    return zhang, li


def _set(register: Register, record: str, **values: object) -> None:
    with register.writing(tracer()) as connection:
        connection.execute(update(person).where(person.c.id == bindparam("of")), [{"of": record, **values}])


def _stored(register: Register, record: str) -> dict[str, bytes]:
    with register.reading(tracer()) as connection:
        row = connection.execute(select(*(person.c[n] for n in SEALED)).where(person.c.id == record)).mappings().one()
    return {name: value for name, value in row.items() if value is not None}


def test_a_value_copied_to_another_person_does_not_read(register: Register) -> None:
    zhang, li = _two(register)
    _set(register, li, name=_stored(register, zhang)["name"])
    with pytest.raises(BadRegister, match=f"person {li}, field name"):
        people.read(register, tracer(), li, ["person.name"])
    assert people.read(register, tracer(), li, ["person.phone"]) == {"person.phone": LI["phone"]}


def test_not_even_when_the_wrapped_key_is_copied_with_it(register: Register) -> None:
    zhang, li = _two(register)
    _set(register, li, name=_stored(register, zhang)["name"])
    with register.keys_writing(tracer()) as keys:
        wrapped = keys.execute(select(data_key.c.wrapped).where(data_key.c.subject == zhang)).scalar()
        keys.execute(update(data_key).where(data_key.c.subject == li).values(wrapped=wrapped))
    with pytest.raises(BadRegister, match="does not open"):
        people.read(register, tracer(), li, ["person.name"])


def test_a_value_copied_to_another_column_does_not_read(register: Register) -> None:
    zhang, _ = _two(register)
    _set(register, zhang, address=_stored(register, zhang)["name"])
    with pytest.raises(BadRegister, match="field address"):
        people.read(register, tracer(), zhang, ["person.address"])


def test_a_value_put_back_from_before_a_correction_does_not_read(register: Register) -> None:
    zhang, _ = _two(register)
    before = _stored(register, zhang)
    people.correct(register, tracer(), zhang, {"person.address": "松涧路一号"})
    _set(register, zhang, address=before["address"])
    with pytest.raises(BadRegister, match="field address"):
        people.read(register, tracer(), zhang, ["person.address"])


def test_a_note_copied_to_another_table_or_case_does_not_read(register: Register) -> None:
    zhang, _ = _two(register)
    day = dt.date(2021, 2, 1)
    one, two = (cases.report(register, tracer(), zhang, Status.SUSPECTED, reported=day, note=text) for text in "ab")
    visit = follow_ups.accept(register, tracer(), zhang, "sun", day)
    with register.writing(tracer()) as connection:
        note = connection.execute(select(case_record.c.note).where(case_record.c.id == one)).scalar()
        connection.execute(update(case_record).where(case_record.c.id == two).values(note=note))
        connection.execute(update(follow_up).where(follow_up.c.id == visit).values(note=note))
    assert cases.note_of(register, tracer(), one) == "a"
    with pytest.raises(BadRegister, match="case_record"):
        cases.note_of(register, tracer(), two)
    with pytest.raises(BadRegister, match="follow_up"):
        follow_ups.note_of(register, tracer(), visit)
