"""Collections: a receipt that adds up, a quarantine nobody reads on the disk, and an import that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput
from bianque.registry import collections, integrity, people
from bianque.registry.collections import BadRow, Receipt
from bianque.registry.people import NewPerson
from bianque.registry.register import Register
from bianque.registry.tables.collections import quarantined_row
from tests.registry.sample import LI, ZHANG, emergency, files_with, source, take_in, tracer

BAD = BadRow(3, "id_number", "checksum", ["王青篱", "110105194912310021"])


def mixed() -> Iterator[NewPerson | BadRow]:
    yield NewPerson(ZHANG)
    yield BAD
    yield NewPerson(LI)


def test_read_is_accepted_and_quarantined(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    receipt = collections.import_people(register, tracer(), opened, mixed())
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (3, 2, 1)
    assert [(one.field, one.reason, one.rows, one.first_row) for one in receipt.reasons] == [
        ("id_number", "checksum", 1, 3)
    ]
    assert collections.receipt(register, tracer(), opened.id) == receipt
    assert collections.collections(register, tracer()) == [opened.id]
    with pytest.raises(ValueError, match="does not add up"):
        replace(receipt, accepted=3)


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_bad_row_is_kept_sealed_and_opens_again(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    collections.import_people(register, tracer(), opened, mixed())
    assert collections.quarantined(register, tracer(), opened.id) == [BAD]
    assert files_with(register.at_rest, [text.encode() for text in BAD.content]) == []
    assert files_with(register.at_rest, [b"checksum"]) != []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_dropped_quarantine_leaves_no_byte_and_its_counts(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    collections.import_people(register, tracer(), opened, mixed())
    with register.reading(tracer()) as connection:
        sealed = list(connection.execute(select(quarantined_row.c.content)).scalars())
    assert files_with(register.at_rest, sealed) != []
    assert collections.drop_quarantine(register, tracer(), opened.id) == 1
    assert files_with(register.at_rest, sealed) == []
    assert collections.quarantined(register, tracer(), opened.id) == []
    assert collections.receipt(register, tracer(), opened.id).quarantined == 1
    assert not integrity.leftovers(register, tracer()).any


def test_a_quarantine_that_still_fills_is_not_dropped(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    with pytest.raises(BadInput, match="no finished collection"):
        collections.drop_quarantine(register, tracer(), opened.id)


def test_the_same_file_is_not_taken_in_twice(register: Register) -> None:
    receipt = take_in(register, ZHANG)
    with pytest.raises(BadInput, match=receipt.id):
        take_in(register, ZHANG)
    assert len(people.find(register, tracer(), "phone", ZHANG["phone"])) == 1


def test_the_same_file_again_names_the_way_its_bad_rows_come_in(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    collections.import_people(register, tracer(), opened, mixed())
    with pytest.raises(BadInput) as refused:
        collections.begin(register, tracer(), source())
    assert f"the 1 rows of its quarantine right (`bianque people quarantine {opened.id}`)" in refused.value.remedy


def test_an_import_that_was_cut_off_goes_on_where_it_was(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "BATCH", 2)
    rows = [NewPerson({"name": f"甲{number}", "phone": f"1380000{number:04}"}) for number in range(7)]

    def until(stop: int, start: int = 0) -> Iterator[NewPerson]:
        yield from rows[start:stop]
        if stop < len(rows):
            raise KeyboardInterrupt

    opened = collections.begin(register, tracer(), source())
    with pytest.raises(KeyboardInterrupt):
        collections.import_people(register, tracer(), opened, until(5))
    assert collections.receipt(register, tracer(), opened.id).read == 4
    again = collections.begin(register, tracer(), source())
    assert again == replace(opened, read=4)
    receipt = collections.import_people(register, tracer(), again, until(7, start=again.read))
    assert (receipt.read, receipt.accepted, receipt.resumed) == (7, 7, 4)
    for number in range(7):
        assert len(people.find(register, tracer(), "phone", f"1380000{number:04}")) == 1


def test_two_that_take_the_same_file_in_at_once_take_each_row_once(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "BATCH", 2)
    rows = [NewPerson({"name": f"甲{number}", "phone": f"1380000{number:04}"}) for number in range(5)]
    first, second = (collections.begin(register, tracer(), source()) for _ in range(2))
    assert first == second

    def overtaken() -> Iterator[NewPerson]:
        yield rows[0]
        collections.import_people(register, tracer(), second, rows)
        yield from rows[1:]

    with pytest.raises(BadInput, match=first.id):
        collections.import_people(register, tracer(), first, overtaken())
    receipt = collections.receipt(register, tracer(), first.id)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (5, 5, 0)
    for number in range(5):
        assert len(people.find(register, tracer(), "phone", f"1380000{number:04}")) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"basis": "cn-regulation-2003-44"},
        {"purposes": (Purpose.ISOLATION_FOLLOW_UP,)},
        {"fields": ("name", "religion")},
    ],
)
def test_a_file_begun_under_other_terms_does_not_go_on_under_new_ones(
    register: Register, changed: dict[str, object]
) -> None:
    begun = collections.begin(register, tracer(), source())
    with pytest.raises(BadInput, match=f"other {next(iter(changed))} .*{begun.id}"):
        collections.begin(register, tracer(), source(**changed))
    assert collections.begin(register, tracer(), source()) == begun


def test_another_emergency_sees_no_receipt_and_no_quarantine(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    collections.import_people(register, tracer(), opened, mixed())
    other = tracer(emergency=emergency("e2"))
    assert collections.collections(register, other) == []
    assert collections.quarantined(register, other, opened.id) == []
    with pytest.raises(BadInput, match="no collection"):
        collections.receipt(register, other, opened.id)


def test_an_empty_file_has_a_receipt_too(register: Register) -> None:
    opened = collections.begin(register, tracer(), source())
    receipt = collections.import_people(register, tracer(), opened, [])
    assert receipt == Receipt(opened.id, "street-office", 0, 0, 0, 0, 0, ())
