"""What was destroyed in the register is destroyed in its backups, also when somebody is cut off in between."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import select

from bianque.model.authority import Role
from bianque.registry import age, backup, erasure, people
from bianque.registry.register import Register
from bianque.registry.tables.keys import data_key
from bianque.services.import_people import import_people
from bianque.services.quarantine import drop_quarantine
from bianque.services.register_keys import sweep
from tests.safeguard import authorities
from tests.services.people.office import LI, STREET, ZHANG, at_work, furnish, written

IDENTITY = x25519.Identity.generate()


@pytest.fixture
def folder(register: Register, tmp_path: Path) -> Path:
    """Where the backups lie of a register with a person and a row in quarantine."""
    furnish(register)
    import_people(register, at_work(), written(tmp_path, ZHANG, LI.replace("male", "f?")), STREET)
    backup.back_up(register, tmp_path / "backups", [str(IDENTITY.to_public())], at_work().at)
    return tmp_path / "backups"


def wrapped(register: Register) -> dict[str, bytes]:
    with register.snapshot("keys") as connection:
        rows = connection.execute(select(data_key.c.subject, data_key.c.wrapped)).all()
    return {row.subject: base64.b64encode(row.wrapped) for row in rows}


def held(register: Register, folder: Path, key: bytes) -> bool:
    """Whether the backup of the keys holds a wrapped key."""
    plain = bytearray()
    age.read(backup.newest(folder, register.root.fingerprint(), "keys"), [IDENTITY], plain.extend)
    return key in plain


def test_the_key_of_a_dropped_quarantine_is_in_no_backup(register: Register, folder: Path) -> None:
    keys = wrapped(register)
    (person,) = people.find(register, at_work(), "phone", "13800138000")
    (receipt,) = keys.keys() - {person}
    assert held(register, folder, keys[receipt])
    of_the_province = at_work(grants=(authorities.grant(regions=("420000",)),))
    assert drop_quarantine(register, of_the_province, receipt) == 1
    assert not held(register, folder, keys[receipt])
    assert held(register, folder, keys[person])
    assert not backup.owed(register)


def test_an_erasure_cut_off_before_the_backup_was_written_anew_is_finished_by_the_sweep(
    register: Register, folder: Path
) -> None:
    keys = wrapped(register)
    (person,) = people.find(register, at_work(), "phone", "13800138000")
    erasure.erase(register, at_work(), [person])  # the end of it: the process dies before it comes to the backup
    assert held(register, folder, keys[person])
    assert backup.owed(register)
    sweep(register, at_work(Role.ADMINISTRATOR))
    assert not held(register, folder, keys[person])
    assert not backup.owed(register)
