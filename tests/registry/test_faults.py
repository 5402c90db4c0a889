"""kill -9 at random moments: no half state, nothing readable that was erased, nothing lost that was acknowledged."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import func, select

from bianque.model.errors import BadInput
from bianque.registry import collections, integrity, people, rotation
from bianque.registry.register import Register
from bianque.registry.tables.collections import quarantined_row
from bianque.registry.tables.keys import data_key
from bianque.registry.tables.people import person
from tests.killed import killed
from tests.registry import victim
from tests.registry.sample import NOW, files_with, source, tracer
from tests.registry.test_erasure import traces

LATER = tracer(at=NOW + dt.timedelta(hours=2))
ROUNDS = [pytest.param(4, marks=pytest.mark.slow), pytest.param(60, marks=pytest.mark.full)]
pytestmark = [
    pytest.mark.parametrize("register", ["sqlite"], indirect=True),
    pytest.mark.parametrize("rounds", ROUNDS),
]


def cut_off(register: Register, what: str, within: float, moments: random.Random) -> list[str]:
    """What the victim had said when it was killed, at some moment of its work."""
    return killed("-m", "tests.registry.victim", str(register.at_rest), what, within=within, moments=moments)


def count(register: Register) -> tuple[int, int]:
    with register.reading(tracer()) as connection:
        tables = (person, quarantined_row)
        there = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    return there[0], there[1]


def everybody_reads(register: Register, but: set[int] | None = None) -> None:
    for number in range(1, 300):
        if number % 10 and number not in (but or set()):
            (record,) = people.find(register, tracer(), "phone", victim.phone(number))
            assert people.read(register, tracer(), record, ["person.name"]) == {"person.name": victim.name(number)}


def test_an_import_that_is_killed_is_counted_as_it_stands_and_goes_on(register: Register, rounds: int) -> None:
    moments = random.Random(1)
    for _ in range(rounds):
        said = cut_off(register, "import", within=0.5, moments=moments)
        of = collections.collections(register, tracer())
        if of:
            receipt = collections.receipt(register, tracer(), of[0])
            assert (receipt.accepted, receipt.quarantined) == count(register)
            assert receipt.read % victim.SMALL == 0
        assert integrity.leftovers(register, tracer()).unreadable == ()
        if said:
            assert said == ["receipt 3000"]
            break
    else:
        opened = collections.begin(register, tracer(), source())
        receipt = collections.import_people(register, tracer(), opened, victim.rows(opened.read))
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (3000, 2700, 300)
    assert count(register) == (2700, 300)
    integrity.tidy(register, LATER)
    assert not integrity.leftovers(register, LATER).any
    everybody_reads(register)


def test_a_rotation_that_is_killed_leaves_everybody_readable(register: Register, rounds: int) -> None:
    victim.take_in(register)
    moments = random.Random(2)
    for _ in range(rounds):
        cut_off(register, "rotate", within=1.5, moments=moments)
        everybody_reads(register)
    integrity.tidy(register, LATER)
    assert not integrity.leftovers(register, LATER).any
    everybody_reads(register)


def test_new_data_keys_for_all_leave_everybody_readable_when_they_are_killed(
    register: Register, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(victim, "PEOPLE", 300)
    victim.take_in(register)
    moments = random.Random(3)
    for _ in range(rounds):
        cut_off(register, "renew", within=0.7, moments=moments)
        everybody_reads(register)
    rotation.rotate_all_data_keys(register, LATER)
    with register.reading(tracer()) as connection, register.keys_reading(tracer()) as keys:
        sealing = {tuple(row) for row in connection.execute(select(person.c.id, person.c.key))}
        held = [tuple(row) for row in keys.execute(select(data_key.c.subject, data_key.c.generation))]
    (of_quarantine,) = set(held) - sealing
    assert of_quarantine[1] == 1
    assert len(held) == 271
    assert min(generation for _, generation in sealing) >= 2
    everybody_reads(register)


def test_who_was_erased_when_it_was_killed_is_gone_and_all_others_are_there(register: Register, rounds: int) -> None:
    victim.take_in(register)
    records = {n: people.find(register, tracer(), "phone", victim.phone(n))[0] for n in range(1, 300) if n % 10}
    held = {record: traces(register, record) for record in records.values()}
    gone: set[str] = set()
    moments = random.Random(4)
    for _ in range(rounds):
        for line in cut_off(register, "erase", within=0.8, moments=moments):
            gone.add(line.split()[1])
        everybody = set(records.values())
        assert gone <= everybody
        readable = {header.id for header in people.headers(register, tracer(), sorted(everybody))}
        assert not gone & readable
        assert len(everybody - readable - gone) <= 1  # the one it was at
        gone |= everybody - readable
        integrity.tidy(register, LATER)
        for record in gone:
            with pytest.raises(BadInput, match="no record"):
                people.read(register, tracer(), record, ["person.name"])
    everybody_reads(register, but={number for number, record in records.items() if record in gone})
    assert gone
    assert files_with(register.at_rest, [trace for record in gone for trace in held[record]]) == []
    left = sorted(set(records.values()) - gone)
    assert len(files_with(register.at_rest, held[left[0]])) >= len(held[left[0]])
