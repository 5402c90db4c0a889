"""Backups of people, on both engines: who was erased stays erased, whatever older backup is brought back."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from pyrage import x25519
from sqlalchemy import select

from bianque.model.case import Status
from bianque.model.errors import BadInput
from bianque.registry import age, backup, cases, people
from bianque.registry.age import identities
from bianque.registry.erasure import erase
from bianque.registry.proof import Sample
from bianque.registry.register import Register, open_register
from bianque.registry.restore import Restored, restore
from bianque.registry.rotation import rotate_data_keys, rotate_encryption_keys
from bianque.registry.tables.keys import data_key
from tests.registry.sample import LI, NOW, ZHANG, files_with, take_in, tracer

Bring: TypeAlias = Callable[[Path], tuple[Restored, Register]]
AT = NOW + dt.timedelta(hours=1)
NOTE = "岚都茶坞聚餐后发热"


@pytest.fixture
def filled(register: Register) -> Register:
    take_in(register, ZHANG, LI)
    cases.report(register, tracer(), the(register, ZHANG), Status.SUSPECTED, reported=NOW.date(), note=NOTE)
    return register


def the(register: Register, who: dict[str, str]) -> str:
    (found,) = people.find(register, tracer(), "phone", who["phone"])
    return found


def back_up(register: Register, folder: Path, identity: Path, at: dt.datetime = AT) -> backup.Backup:
    return backup.back_up(register, folder, [str(identities(identity)[0].to_public())], at)


@pytest.fixture
def brought_back(tmp_path: Path, identity: Path, filled: Register) -> Iterator[Bring]:
    """Restores a data backup with the newest keys beside it, and opens what came of it."""
    opened = []

    def bring(file: Path) -> tuple[Restored, Register]:
        to = tmp_path / f"restored {len(opened)}"
        restored = restore(file, identities(identity), to, filled.at_rest)
        opened.append(open_register(to))
        return restored, opened[-1]

    yield bring
    for one in opened:
        one.close()


def test_people_and_their_notes_come_back_readable(
    filled: Register, tmp_path: Path, identity: Path, brought_back: Bring
) -> None:
    restored, register = brought_back(back_up(filled, tmp_path / "backups", identity).file)
    assert restored.sample == Sample(readable=2)
    assert restored.manifest.rows["person"] == 2
    assert people.read(register, tracer(), the(register, ZHANG), ["person.name"]) == {"person.name": ZHANG["name"]}
    (case,) = cases.of_person(register, tracer(), the(register, ZHANG))
    assert cases.note_of(register, tracer(), case.id) == NOTE


def test_who_was_erased_is_erased_in_a_backup_from_before(
    filled: Register, tmp_path: Path, identity: Path, brought_back: Bring
) -> None:
    older = back_up(filled, tmp_path / "backups", identity)
    zhang = the(filled, ZHANG)
    erase(filled, tracer(), [zhang])
    assert backup.rewrite_key_backup(filled, AT)
    restored, register = brought_back(older.file)
    assert restored.sample == Sample(readable=1, erased=1)
    assert people.headers(register, tracer(), [zhang]) == []
    with pytest.raises(BadInput, match="erased"):
        people.read(register, tracer(), zhang, ["person.name"])
    assert people.read(register, tracer(), the(register, LI), ["person.name"]) == {"person.name": LI["name"]}


def test_who_is_erased_after_a_restore_is_erased_in_the_backups_that_it_came_from(
    filled: Register, tmp_path: Path, identity: Path, brought_back: Bring
) -> None:
    other = str(x25519.Identity.generate().to_public())
    recipients = [str(identities(identity)[0].to_public()), other]
    made = backup.back_up(filled, tmp_path / "backups", recipients, AT)
    restored, register = brought_back(made.file)
    assert restored.backups.recipients == (*recipients,)
    zhang = the(register, ZHANG)
    erase(register, tracer(), [zhang])
    assert backup.owed(register)
    assert backup.rewrite_key_backup(register, AT)
    again, _ = brought_back(made.file)
    assert again.sample == Sample(readable=1, erased=1)
    assert again.backups.recipients == (*recipients,)


def test_no_backup_holds_the_wrapped_key_of_who_was_erased(filled: Register, tmp_path: Path, identity: Path) -> None:
    with filled.snapshot("keys") as connection:
        wrapped = {
            row.subject: base64.b64encode(row.wrapped)
            for row in connection.execute(select(data_key.c.subject, data_key.c.wrapped))
        }
    zhang, li = the(filled, ZHANG), the(filled, LI)
    back_up(filled, tmp_path / "backups", identity)
    assert held(tmp_path / "backups", identity, wrapped[zhang]) == ["keys"]
    erase(filled, tracer(), [zhang])
    backup.rewrite_key_backup(filled, AT)
    assert held(tmp_path / "backups", identity, wrapped[zhang]) == []
    assert held(tmp_path / "backups", identity, wrapped[li]) == ["keys"]


def held(folder: Path, identity: Path, needle: bytes) -> list[str]:
    """Which kinds of backup files hold some bytes once they are decrypted."""
    found = []
    for path in sorted(folder.iterdir()):
        plain = bytearray()
        age.read(path, identities(identity), plain.extend)
        found += [path.name.split("-")[1].removesuffix(".age")] if needle in plain else []
    return found


def test_a_backup_outlives_a_rotation_of_the_encryption_keys_but_not_of_the_data_keys(
    filled: Register, tmp_path: Path, identity: Path, brought_back: Bring
) -> None:
    older = back_up(filled, tmp_path / "backups", identity)
    rotate_encryption_keys(filled, tracer())
    backup.rewrite_key_backup(filled, AT)
    assert brought_back(older.file)[0].sample == Sample(readable=2)
    rotate_data_keys(filled, tracer(), [the(filled, LI)])
    backup.rewrite_key_backup(filled, AT)
    assert brought_back(older.file)[0].sample == Sample(readable=1, replaced=1)
    newer = back_up(filled, tmp_path / "backups", identity, AT + dt.timedelta(hours=1))
    assert brought_back(newer.file)[0].sample == Sample(readable=2)


def test_nothing_in_clear_lies_in_a_backup_or_beside_it(filled: Register, tmp_path: Path, identity: Path) -> None:
    back_up(filled, tmp_path / "backups", identity)
    needles = [value.encode() for value in ZHANG.values() if len(value) > 6]
    assert files_with(tmp_path, needles) == []
