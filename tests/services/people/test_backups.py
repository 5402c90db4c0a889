"""What was destroyed in the register is destroyed in its backups, also when somebody is cut off in between."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import select

from bianque.model.authority import Role
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import age, backup, condition, emergencies, erasure, people
from bianque.registry.proof import Sample
from bianque.registry.register import Register
from bianque.registry.restore import restore
from bianque.registry.tables.keys import data_key
from bianque.services.import_people import import_people
from bianque.services.quarantine import drop_quarantine
from bianque.services.register_keys import rotate_data_keys, sweep
from tests.safeguard import authorities
from tests.services.people.office import EMERGENCY, LI, STREET, ZHANG, at_work, furnish, written

IDENTITY = x25519.Identity.generate()


@pytest.fixture
def folder(register: Register, tmp_path: Path) -> Path:
    """Where the backups lie of a register with a person and a row in quarantine."""
    furnish(register)
    with register.system() as connection:
        emergencies.add(connection, EMERGENCY, "li", at_work().at)
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


def test_after_new_data_keys_there_is_a_backup_that_opens_and_the_older_one_is_not_restored(
    register: Register, folder: Path, tmp_path: Path
) -> None:
    (older,) = folder.glob("*-data-*.age")
    administrator = replace(at_work(Role.ADMINISTRATOR), at=at_work().at + dt.timedelta(hours=1))
    with pytest.raises(BadInput, match="no emergency nosuch"):
        rotate_data_keys(register, administrator, "nosuch")
    assert not backup.owed(register)
    sealed, made = rotate_data_keys(register, administrator, EMERGENCY.id)
    assert (sealed, made is not None) == (1, True)
    assert made is not None
    assert restore(made.file, [IDENTITY], tmp_path / "new", register.at_rest).sample == Sample(readable=1)
    with pytest.raises(BadRegister, match="from before a rotation of data keys"):
        restore(older, [IDENTITY], tmp_path / "older", register.at_rest)
    assert list((tmp_path / "older").iterdir()) == []


def test_new_data_keys_without_a_new_backup_are_wrong_until_there_is_one(register: Register, folder: Path) -> None:
    administrator = at_work(Role.ADMINISTRATOR)
    away = folder.rename(folder.with_name("away"))
    folder.touch()  # what is there cannot be a folder
    with pytest.raises(BadInput, match="could not be backed up anew"):
        rotate_data_keys(register, administrator, EMERGENCY.id)
    folder.unlink()
    away.rename(folder)
    sweep(register, administrator)  # the copy of the keys is written anew, and no data backup opens with it
    assert wrong(register) == ["backups"]
    backup.back_up(register, folder, [str(IDENTITY.to_public())], at_work().at)
    assert wrong(register) == []


def wrong(register: Register) -> list[str]:
    found = condition.findings(register, at_work().at)
    return [one.name for one in found if one.state is condition.State.WRONG]


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
