"""An older copy of the door's store is put back: it gives no pseudonym twice, and nobody who was erased comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import select

from bianque.model.authority import Role
from bianque.model.errors import BadRegister
from bianque.registry import backup, people
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.registry.restore import restore
from bianque.registry.tables.door import directory
from bianque.safeguard.door import Door
from bianque.services.door import at_door
from bianque.services.erase_person import erase_people
from bianque.services.import_people import import_people
from tests.registry.sample import files_with
from tests.services.people.office import EMERGENCY, STREET, ZHANG, at_work, ceremony, furnish, written

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
E, IDENTITY = EMERGENCY.id, x25519.Identity.generate()
PHONES = ["13800138000", "13900139000", "13700137000"]


@pytest.fixture
def older(register: Register, tmp_path: Path) -> Path:
    """A folder of backups in which the copy of the door's store is never written anew. Two phones are in it."""
    furnish(register)
    import_people(register, at_work(), written(tmp_path, ZHANG), STREET)
    with at_door(register.at_rest) as door:
        ceremony(door)
        door.enrol(E, "phone", PHONES[:2])
    made = backup.back_up(register, tmp_path / "backups", [str(IDENTITY.to_public())], at_work().at)
    shutil.copytree(tmp_path / "backups", tmp_path / "older")
    return tmp_path / "older" / made.file.name


@contextmanager
def put_back(older: Path, register: Register) -> Iterator[tuple[Register, Door]]:
    """The older data and the older copy of the door's store, with the newest copy of the keys."""
    keys = backup.newest(older.parent.parent / "backups", register.root.fingerprint(), "keys")
    shutil.copy(keys, older.parent)
    to = older.parent.parent / "restored"
    restore(older, [IDENTITY], to, register.at_rest)
    again = registers.open_register(to)
    try:
        with at_door(to) as door:
            yield again, door
    finally:
        again.close()


def test_who_comes_in_after_an_older_copy_was_put_back_has_nobody_s_pseudonym(register: Register, older: Path) -> None:
    """The number of whoever came in after the copy is given again: the lake has facts under that pseudonym."""
    with at_door(register.at_rest) as door:
        before = door.enrol(E, "phone", PHONES).pseudonyms
    with put_back(older, register) as (again, door):
        assert door.find(E, "phone", PHONES) == [*before[:2], ""]
        (new,) = door.enrol(E, "phone", ["13600136000"]).pseudonyms
        assert new not in before
        with again.door_reading() as connection:
            assert list(connection.scalars(select(directory.c.number).order_by(directory.c.number))) == [1, 2, 3]


def test_an_identifier_that_was_erased_since_does_not_come_back(register: Register, older: Path) -> None:
    with register.door_reading() as connection:
        rows = connection.execute(select(directory.c.blind_index, directory.c.value).order_by(directory.c.number))
        zhang, li = ([bytes(value) for value in row] for row in rows)
    (record,) = people.find(register, at_work(), "phone", PHONES[0])
    officer = at_work(Role.DPO, grants=())
    assert erase_people(register, officer, [record], reason="the person asked for it").identifiers == 1
    with put_back(older, register) as (again, door):
        found = door.find(E, "phone", PHONES[:2])
        assert (found[0] == "", found[1] != "") == (True, True)
        assert files_with(again.at_rest, zhang) == []
        assert files_with(again.at_rest, li) != []
        assert door.enrol(E, "phone", PHONES[:1]).opened == 1


def test_the_key_of_an_emergency_that_was_disposed_of_since_does_not_come_back(register: Register, older: Path) -> None:
    with at_door(register.at_rest) as door:
        door.dispose(E)
    assert backup.rewrite_key_backup(register, at_work().at)
    with put_back(older, register) as (_, door):
        assert door.count(E) == 0
        with pytest.raises(BadRegister, match="its key is destroyed"):
            door.find(E, "phone", PHONES)
