"""Erasure: after it, neither the wrapped key nor a byte of ciphertext is in any file, and no crash brings it back."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bianque.model.case import Status
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import cases, erasure, follow_ups, integrity, people, rotation
from bianque.registry import register as registers
from bianque.registry.keys import KeyRing
from bianque.registry.register import Register
from bianque.registry.tables.keys import data_key, key_encryption_key
from bianque.registry.tables.people import SEALED, case_record, person
from tests.registry.sample import LI, NOW, ZHANG, files_with, take_in, tracer

DAY = dt.date(2021, 2, 14)
on_sqlite = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


@pytest.fixture
def pair(register: Register) -> tuple[str, str]:
    crowd = [{"name": f"甲{n}", "phone": f"1370000{n:04}", "address": "落霞路" * 9} for n in range(200)]
    take_in(register, *crowd[:100], ZHANG, LI, *crowd[100:])
    zhang, li = (people.find(register, tracer(), "phone", one["phone"])[0] for one in (ZHANG, LI))
    for one in (zhang, li):
        cases.report(register, tracer(), one, Status.CONFIRMED, reported=DAY, note="双肺磨玻璃影")
        follow_ups.write(register, tracer(), follow_ups.accept(register, tracer(), one, "sun", DAY), "体温正常")
    return zhang, li


def traces(register: Register, record: str) -> list[bytes]:
    """Every byte string that belongs to one person: wrapped keys, ciphertexts, index values, the id itself."""
    with register.keys_reading(tracer()) as keys:
        found = list(keys.execute(select(data_key.c.wrapped).where(data_key.c.subject == record)).scalars())
    with register.reading(tracer()) as connection:
        columns = [person.c[name] for name in (*SEALED, "phone_index", "id_number_index")]
        found += [v for v in connection.execute(select(*columns).where(person.c.id == record)).one() if v]
        found += list(connection.execute(select(case_record.c.note).where(case_record.c.person == record)).scalars())
    return [*found, record.encode()]


def clean(register: Register, at: dt.datetime = NOW) -> bool:
    """Whether nothing is left over; on PostgreSQL traces are the owner's to remove."""
    found = integrity.leftovers(register, tracer(at=at))
    return not replace(found, traces=found.traces and register.engine.dialect.name == "sqlite").any


@on_sqlite
def test_no_byte_of_the_erased_person_is_in_any_file_and_those_of_another_are(
    register: Register, pair: tuple[str, str]
) -> None:
    zhang, li = pair
    gone, kept = traces(register, zhang), traces(register, li)
    assert {found.split(": ")[1] for found in files_with(register.at_rest, gone)} == {str(i) for i in range(len(gone))}
    done = erasure.erase(register, tracer(), [zhang])
    assert (done.records, done.keys, done.scrubbed) == (1, 1, True)
    assert files_with(register.at_rest, gone) == []
    assert {found.split(": ")[1] for found in files_with(register.at_rest, kept)} == {str(i) for i in range(len(kept))}
    assert people.read(register, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}


@on_sqlite
def test_older_data_put_back_shows_the_person_as_erased(register: Register, pair: tuple[str, str]) -> None:
    zhang, li = pair
    older = register.at_rest / "older.sqlite"
    with sqlite3.connect(register.at_rest / "register.sqlite") as source, sqlite3.connect(older) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    erasure.erase(register, tracer(), [zhang])
    register.close()
    for name in ("register.sqlite-wal", "register.sqlite-shm"):
        (register.at_rest / name).unlink(missing_ok=True)
    shutil.move(older, register.at_rest / "register.sqlite")
    restored = registers.open_register(register.at_rest)
    assert people.headers(restored, tracer(), [zhang, li])[0].id == li
    with pytest.raises(BadInput, match="was erased"):
        people.read(restored, tracer(), zhang, ["person.name"])
    assert people.read(restored, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}
    assert integrity.tidy(restored, tracer()).unreadable == (zhang,)
    assert files_with(restored.at_rest, [zhang.encode()]) == []
    restored.close()


@on_sqlite
@pytest.mark.usefixtures("pair")
def test_an_older_store_of_keys_put_back_loses_nobody_who_came_later(register: Register, tmp_path: Path) -> None:
    older, newer = tmp_path / "older.sqlite", tmp_path / "newer.sqlite"
    copied(register.at_rest / "keys.sqlite", older)
    later = tracer(at=NOW + dt.timedelta(days=1))
    take_in(register, {"name": "王青篱", "phone": "13700137000"}, authority=later)
    (wang,) = people.find(register, tracer(), "phone", "13700137000")
    copied(register.at_rest / "keys.sqlite", newer)
    put_back(register, older)
    with_older_keys = registers.open_register(register.at_rest)
    assert integrity.leftovers(with_older_keys, later).unreadable == (wang,)
    with pytest.raises(BadRegister, match="1 records came in after the newest key"):
        integrity.tidy(with_older_keys, later)
    put_back(with_older_keys, newer)
    mended = registers.open_register(register.at_rest)
    assert people.read(mended, later, wang, ["person.name"]) == {"person.name": "王青篱"}
    mended.close()


def copied(store: Path, to: Path) -> None:
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def put_back(register: Register, store: Path) -> None:
    """An older store of keys, as a careless hand or an attacker puts it back."""
    register.close()
    shutil.copy(store, register.at_rest / "keys.sqlite")


def test_whoever_is_not_here_cannot_be_erased_and_nobody_else_is(register: Register, pair: tuple[str, str]) -> None:
    zhang, _ = pair
    with pytest.raises(BadInput, match="no record"):
        erasure.erase(register, tracer(), [zhang, "0" * 32])
    assert people.read(register, tracer(), zhang, ["person.name"]) == {"person.name": ZHANG["name"]}


def test_an_erasure_cut_off_after_the_key_is_finished_later(register: Register, pair: tuple[str, str]) -> None:
    zhang, li = pair
    with register.keys_writing(tracer()) as keys:
        KeyRing.destroy(keys, [zhang])
    assert people.headers(register, tracer(), [zhang]) == []
    with pytest.raises(BadInput, match="was erased"):
        people.correct(register, tracer(), zhang, {"person.name": "x"})
    found = integrity.tidy(register, tracer())
    assert found.unreadable == (zhang,)
    assert clean(register)
    with pytest.raises(BadInput, match="no record"):
        people.read(register, tracer(), zhang, ["person.name"])
    assert people.read(register, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}


def test_keys_of_an_import_cut_off_are_swept_after_an_hour_and_not_before(register: Register) -> None:
    take_in(register, ZHANG)
    with register.reading(tracer()) as connection:
        ring = people.ring_of(register, connection, tracer())
    with register.keys_writing(tracer()) as keys:
        ring.store(keys, ring.fresh(["nobody"]), people.IDENTIFIED, NOW)
    assert clean(register, NOW + dt.timedelta(minutes=59))
    later = tracer(at=NOW + dt.timedelta(minutes=61))
    assert integrity.tidy(register, later).keys == (("nobody", 1),)
    assert clean(register, later.at)
    (zhang,) = people.find(register, tracer(), "phone", ZHANG["phone"])
    assert people.read(register, tracer(), zhang, ["person.name"]) == {"person.name": ZHANG["name"]}


def test_a_new_key_encryption_key_leaves_everybody_readable_and_the_old_one_is_gone(
    register: Register, pair: tuple[str, str]
) -> None:
    with register.keys_reading(tracer()) as keys:
        old = keys.execute(select(key_encryption_key.c.wrapped)).scalars().one()
    assert rotation.rotate_encryption_keys(register, tracer()) == 203  # people, and the quarantine of their file
    with register.keys_reading(tracer()) as keys:
        assert keys.execute(select(key_encryption_key.c.number)).scalars().all() == [2]
    for record, values in zip(pair, (ZHANG, LI), strict=True):
        assert people.read(register, tracer(), record, ["person.name"]) == {"person.name": values["name"]}
    if register.engine.dialect.name == "sqlite":
        assert files_with(register.at_rest, [old]) == []


def test_a_rotation_cut_off_is_finished_later(
    register: Register, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bianque.registry.keys.BATCH", 50)
    with register.reading(tracer()) as connection:
        ring = people.ring_of(register, connection, tracer())
    with register.keys_writing(tracer()) as keys:
        ring.rotate(keys, people.IDENTIFIED, NOW)
    with register.keys_writing(tracer()) as keys:
        assert ring.rewrap(keys, people.IDENTIFIED, NOW)[0] == 50
    assert people.read(register, tracer(), pair[0], ["person.name"]) == {"person.name": ZHANG["name"]}
    assert integrity.tidy(register, tracer()).older_keys == 1
    assert clean(register)
    assert people.read(register, tracer(), pair[1], ["person.name"]) == {"person.name": LI["name"]}


def test_new_data_keys_seal_everything_of_a_person_anew(register: Register, pair: tuple[str, str]) -> None:
    zhang, li = pair
    before = set(traces(register, zhang)) - {zhang.encode()}
    assert rotation.rotate_data_keys(register, tracer(), [zhang]) == 1
    after = set(traces(register, zhang))
    with register.reading(tracer()) as connection:
        index = people.index_of(register, connection, tracer())
    assert before & after == {index.value("phone", ZHANG["phone"]), index.value("id_number", ZHANG["id_number"])}
    assert people.read(register, tracer(), zhang, people.FIELDS)["person.health_note"] == ZHANG["health_note"]
    (case,) = cases.of_person(register, tracer(), zhang)
    assert cases.note_of(register, tracer(), case.id) == "双肺磨玻璃影"
    (visit,) = follow_ups.of_person(register, tracer(), zhang)
    assert follow_ups.note_of(register, tracer(), visit.id) == "体温正常"
    assert people.correct(register, tracer(), zhang, {"person.name": "张云"}) == 3
    with register.keys_reading(tracer()) as keys:
        held = keys.execute(select(data_key.c.generation).where(data_key.c.subject == zhang)).scalars().all()
    assert held == [2]
    if register.engine.dialect.name == "sqlite":
        assert files_with(register.at_rest, list(before - after)) == []
    assert clean(register, NOW + dt.timedelta(hours=2))
    assert people.read(register, tracer(), li, ["person.name"]) == {"person.name": LI["name"]}


def test_new_data_keys_for_a_whole_emergency_go_on_where_they_were_cut_off(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(register, *({"name": f"岚{n}", "phone": f"1380000000{n}"} for n in range(5)))
    with register.reading(tracer()) as connection:
        ids = list(connection.execute(select(person.c.id).order_by(person.c.id)).scalars())
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    later = tracer(at=NOW + dt.timedelta(minutes=1))
    with changed(register, ids[3]), pytest.raises(BadRegister, match=f"person {ids[3]}"):
        rotation.rotate_all_data_keys(register, later)
    assert rotation.rotate_all_data_keys(register, tracer(at=NOW + dt.timedelta(minutes=2))) == 3
    assert generations(register, ids) == [2, 2, 3, 3, 2]
    assert rotation.rotate_all_data_keys(register, tracer(at=NOW + dt.timedelta(minutes=3))) == 5
    assert clean(register)


@contextmanager
def changed(register: Register, record: str) -> Iterator[None]:
    """What a record says in clear is another thing, until the block ends."""

    def becomes(region: str) -> None:
        with register.writing(tracer()) as connection:
            connection.execute(update(person).where(person.c.id == record).values(region=region))

    becomes("420000")
    yield
    becomes("420103")


def generations(register: Register, ids: list[str]) -> list[int]:
    """Of each record's only key."""
    with register.keys_reading(tracer()) as keys:
        held = keys.execute(select(data_key.c.subject, data_key.c.generation).where(data_key.c.subject.in_(ids))).all()
    assert len(held) == len(ids)
    return [generation for _, generation in sorted((ids.index(row.subject), row.generation) for row in held)]
