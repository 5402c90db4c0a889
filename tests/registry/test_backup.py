"""Backup and restore: what was backed up comes back whole or not at all, and a killed process leaves nothing half."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
import random
import resource
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import Connection, event

from bianque.model.audit import Event
from bianque.model.errors import BadInput, BadRegister, BianqueError
from bianque.registry import age, audit, backup, destructions
from bianque.registry.age import identities
from bianque.registry.register import Register, create, open_register
from bianque.registry.restore import restore
from bianque.registry.store_copy import kind
from bianque.registry.tables import STORES
from tests.killed import killed

AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
RECIPIENT = str(x25519.Identity.generate().to_public())
EVENT = Event(
    at=AT.isoformat(),
    account="admin",
    role="administrator",
    organisation="health",
    agency="health",
    emergency="",
    purpose="",
    basis="",
    action="back_up",
    kind="keys",
    resource="",
    subject="",
    fields=(),
    outcome="allow",
    rule="test",
)


def record(register: Register, count: int) -> None:
    with register.system() as connection:
        audit.append(connection, [replace(EVENT, reason=f"第{n}次") for n in range(count)])


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made = create(tmp_path / "register")
    record(made, 20)
    yield made
    made.close()


def recipient(identity: Path) -> str:
    return str(identities(identity)[0].to_public())


def back_up(register: Register, folder: Path, identity: Path, at: dt.datetime = AT) -> backup.Backup:
    return backup.back_up(register, folder, [recipient(identity)], at)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_restored_register_is_the_one_that_was_backed_up(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    restored = restore(made.file, identities(identity), tmp_path / "new", register.at_rest)
    assert restored.manifest == made.manifest
    assert restored.manifest.rows["audit_event"] == 20
    assert restored.head.made == "2026-03-01T08:00:00+00:00"
    assert files(tmp_path / "new") == ["backups.json", "door.sqlite", "keys.sqlite", "register.sqlite", "root.key"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in [tmp_path / "new", *(tmp_path / "new").iterdir()])
    again = open_register(tmp_path / "new")
    record(again, 1)
    again.close()
    third = back_up(open_register(tmp_path / "new"), tmp_path / "backups 2", identity)
    assert third.manifest.audit[0] == 21


def test_a_backup_holds_nothing_in_clear_and_only_its_owner_may_read_it(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    fingerprint = register.root.fingerprint()
    names = [f"{fingerprint}-data-20260301T080000Z.age", f"{fingerprint}-door.age", f"{fingerprint}-keys.age"]
    assert files(tmp_path / "backups") == names
    assert made.file.name == names[0]
    for path in [tmp_path / "backups", *(tmp_path / "backups").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0
        assert path.is_dir() or b"audit_event" not in path.read_bytes()


def test_only_the_newest_copy_of_the_keys_is_kept_and_the_older_is_overwritten(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    folder = tmp_path / "backups"
    back_up(register, folder, identity)
    keys = backup.newest(folder, register.root.fingerprint(), "keys")
    watched = tmp_path / "watched"
    os.link(keys, watched)  # a second name of the same bytes on the disk
    back_up(register, folder, identity, AT + dt.timedelta(days=1))
    assert set(watched.read_bytes()) == {0}
    assert len(list(folder.glob("*-keys.age*"))) == 1
    assert len(list(folder.glob("*-data-*"))) == 2
    watched.unlink()
    os.link(keys, watched)
    assert backup.rewrite_key_backup(register, AT + dt.timedelta(days=2))
    assert set(watched.read_bytes()) == {0}
    assert keys.read_bytes() != watched.read_bytes()


def test_where_the_file_system_has_no_hard_links_the_copies_are_kept_and_overwritten_all_the_same(
    register: Register, tmp_path: Path, identity: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_on_exfat(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)

    folder = tmp_path / "backups"
    made = back_up(register, folder, identity)
    keys = backup.newest(folder, register.root.fingerprint(), "keys")
    os.link(keys, tmp_path / "watched")
    monkeypatch.setattr(os, "link", as_on_exfat)
    assert backup.rewrite_key_backup(register, AT)
    assert set((tmp_path / "watched").read_bytes()) == {0}
    assert len(files(folder)) == 3
    restore(made.file, identities(identity), tmp_path / "new", register.at_rest)


def test_rewriting_does_nothing_where_no_backup_was_ever_made(register: Register) -> None:
    assert backup.rewrite_key_backup(register, AT) is False


def destroy(register: Register, store: str = "keys") -> None:
    """As whoever destroys a key counts it."""
    engine = register.stores()[store].execution_options(sqlite_begin="IMMEDIATE")
    with engine.begin() as connection:
        destructions.record(connection, store)


def test_of_two_erasures_at_once_the_first_to_write_the_copy_anew_does_not_clear_what_the_second_owes(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    back_up(register, tmp_path / "backups", identity)
    destroy(register)
    copying, destroyed = threading.Event(), threading.Event()

    def second() -> None:
        copying.wait(10)
        destroy(register)  # and it dies before it comes to the copy
        destroyed.set()

    def half_way(_: Connection) -> None:
        if not copying.is_set():
            copying.set()
            destroyed.wait(10)

    other = threading.Thread(target=second)
    other.start()
    event.listen(register.door, "begin", half_way)  # the keys are copied, the door's directory is next
    assert backup.rewrite_key_backup(register, AT)
    other.join()
    assert destroyed.is_set()
    assert backup.owed(register)
    assert backup.rewrite_key_backup(register, AT)
    assert not backup.owed(register)


def test_a_copy_from_before_a_destruction_is_refused_although_a_clock_was_set_back(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    folder = tmp_path / "backups"
    back_up(register, folder, identity)
    shutil.copytree(folder, tmp_path / "kept aside")
    for store in backup.NEWEST_ONLY:
        destroy(register, store)
    made = back_up(register, folder, identity, AT - dt.timedelta(days=1))
    for store in backup.NEWEST_ONLY:
        held = backup.newest(folder, register.root.fingerprint(), store)
        newest = held.read_bytes()
        shutil.copy(tmp_path / "kept aside" / held.name, held)
        refused(made.file, identity, tmp_path / store, register.at_rest, f"copy of {store} is .* knows 0 destructions")
        held.write_bytes(newest)
    restore(made.file, identities(identity), tmp_path / "new", register.at_rest)


def test_a_folder_out_of_reach_is_said_and_remembered_and_made_good_by_the_next_backup(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    folder, away = tmp_path / "backups", tmp_path / "away"
    back_up(register, folder, identity)
    folder.rename(away)
    destroy(register)
    with pytest.raises(BadInput, match="could not be written anew") as raised:
        backup.rewrite_key_backup(register, AT)
    assert "still in that backup" in raised.value.diagnostics()
    assert backup.owed(register)
    moved = back_up(register, tmp_path / "elsewhere", identity)
    assert len(moved.left_behind) == 2
    away.rename(folder)
    assert back_up(register, tmp_path / "elsewhere", identity).left_behind == ()
    assert not list(folder.glob("*-keys.age"))
    assert not backup.owed(register)


def test_a_restore_never_takes_the_place_of_a_register(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    before = (register.at_rest / "register.sqlite").read_bytes()
    with pytest.raises(BadRegister, match="there is a register already"):
        restore(made.file, identities(identity), register.at_rest)
    assert (register.at_rest / "register.sqlite").read_bytes() == before


@pytest.mark.parametrize("left", ["register.sqlite-wal", "keys.sqlite-wal", "door.sqlite-journal", "register.toml"])
def test_a_restore_never_lands_beside_the_log_of_another_register(
    register: Register, tmp_path: Path, identity: Path, left: str
) -> None:
    """SQLite writes the log it finds beside a store into it, whichever store it was of."""
    made, to = back_up(register, tmp_path / "backups", identity), tmp_path / "restored"
    to.mkdir()
    (to / left).write_bytes((register.at_rest / "register.sqlite-wal").read_bytes())
    with pytest.raises(BadRegister, match=r"lies there|already"):
        restore(made.file, identities(identity), to, register.at_rest)
    assert [path.name for path in to.iterdir()] == [left]


def test_copies_of_keys_from_before_the_data_are_refused(register: Register, tmp_path: Path, identity: Path) -> None:
    """An older copy may hold keys of people who were erased since."""
    folder = tmp_path / "backups"
    back_up(register, folder, identity)
    shutil.copytree(folder, tmp_path / "kept aside")
    made = back_up(register, folder, identity, AT + dt.timedelta(days=1))
    for store in backup.NEWEST_ONLY:
        held = backup.newest(folder, register.root.fingerprint(), store)
        newest = held.read_bytes()
        shutil.copy(tmp_path / "kept aside" / held.name, held)
        refused(
            made.file,
            identity,
            tmp_path / store,
            register.at_rest,
            f"copy of {store} is an older one: made .* before the data",
        )
        held.write_bytes(newest)


def refused(file: Path, keys: Path, to: Path, root: Path, says: str) -> None:
    with pytest.raises(BianqueError, match=says):
        restore(file, identities(keys), to, root)
    assert not to.exists() or files(to) == []


def test_wrapped_keys_that_a_killed_restore_left_are_overwritten_by_the_next(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    made, building = back_up(register, tmp_path / "backups", identity), tmp_path / "new" / "restoring"
    building.mkdir(parents=True)
    shutil.copy(register.at_rest / "keys.sqlite", building)
    os.link(building / "keys.sqlite", tmp_path / "watched")
    restore(made.file, identities(identity), tmp_path / "new", register.at_rest)
    assert set((tmp_path / "watched").read_bytes()) == {0}


def test_another_identity_does_not_open_a_backup(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    other = tmp_path / "other.txt"
    other.write_text(str(x25519.Identity.generate()))
    refused(made.file, other, tmp_path / "new", register.at_rest, "the identity does not open")


def test_a_backup_of_another_register_is_refused(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    stranger = create(tmp_path / "stranger")
    back_up(stranger, tmp_path / "backups", identity)
    stranger.close()
    refused(made.file, identity, tmp_path / "new", tmp_path / "stranger", "a backup of another register")


@pytest.mark.parametrize("left", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_backup_is_refused_wherever_it_ends(
    left: float, register: Register, tmp_path: Path, identity: Path
) -> None:
    record(register, 400)  # several of the pieces that age authenticates one by one
    made = back_up(register, tmp_path / "backups", identity)
    os.truncate(made.file, int(made.bytes * left))
    refused(made.file, identity, tmp_path / "new", register.at_rest, "cut off, changed, or not")


def test_a_changed_backup_is_refused(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    damaged = bytearray(made.file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    made.file.write_bytes(damaged)
    refused(made.file, identity, tmp_path / "new", register.at_rest, "cut off, changed, or not")


def test_a_forged_backup_is_refused_although_anybody_can_encrypt_to_the_recipient(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    """The recipient is public: a forger who knows the format and the fingerprint lacks the register's root key."""
    made = back_up(register, tmp_path / "backups", identity)
    plain = bytearray()
    age.read(made.file, identities(identity), plain.extend)
    *lines, last = bytes(plain).splitlines(keepends=True)
    del lines[-1]  # an event is left out, and the manifest made to agree
    manifest = json.loads(last)
    manifest["digest"] = hashlib.sha256(b"".join(lines)).hexdigest()
    manifest["rows"]["audit_event"] -= 1
    manifest["audit"] = [19, json.loads(lines[-1])]
    forged = b"".join([*lines, json.dumps(manifest).encode(), b"\n"])
    age.write(made.file, [forged], [age.recipient(recipient(identity))])
    refused(made.file, identity, tmp_path / "new", register.at_rest, "not written by this register")


def test_a_missing_copy_of_the_keys_is_named(register: Register, tmp_path: Path, identity: Path) -> None:
    made = back_up(register, tmp_path / "backups", identity)
    backup.newest(tmp_path / "backups", register.root.fingerprint(), "keys").unlink()
    refused(made.file, identity, tmp_path / "new", register.at_rest, "no such backup of keys")


def test_a_chain_that_breaks_is_not_restored(register: Register, tmp_path: Path, identity: Path) -> None:
    with register.engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET event = X'7b7d' WHERE number = 7")
    made = back_up(register, tmp_path / "backups", identity)
    refused(made.file, identity, tmp_path / "new", register.at_rest, "chain breaks at event 7")


def test_a_full_disk_leaves_the_backups_as_they_were(register: Register, tmp_path: Path, identity: Path) -> None:
    folder = tmp_path / "backups"
    back_up(register, folder, identity)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    record(register, 400)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            back_up(register, folder, identity, AT + dt.timedelta(days=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_recipient_that_is_none_is_refused_before_anything_is_written(register: Register, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no age recipient"):
        backup.back_up(register, tmp_path / "backups", ["age1nonsense"], AT)
    with pytest.raises(BadInput, match="no recipient was given"):
        backup.back_up(register, tmp_path / "backups", [], AT)
    with pytest.raises(BadInput, match="inside the register's own folder"):
        backup.back_up(register, register.at_rest / "backups", [RECIPIENT], AT)
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("store", list(STORES))
def test_every_column_of_every_table_can_be_copied(store: str) -> None:
    kinds = {kind(column) for table in STORES[store].sorted_tables for column in table.columns}
    assert {"plain", "bytes"} <= kinds <= {"plain", "bytes", "moment", "date"}


ENDLESSLY = """
import sys
from pathlib import Path
from tests.registry.test_backup import AT, backup, identities, open_register, recipient, restore, shutil
identity, folder, new = Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
register = open_register(Path(sys.argv[1]))
print("begun", flush=True)
while True:
    if sys.argv[5] == "backup":
        backup.back_up(register, folder, [recipient(identity)], AT)
    else:
        (data,) = folder.glob("*-data-*.age")
        restore(data, identities(identity), new, register.at_rest)
        shutil.rmtree(new)
"""


def cut_off(what: str, register: Register, identity: Path, folder: Path, new: Path, moments: random.Random) -> None:
    """A child that backs up or restores over and over, killed at some moment."""
    words = map(str, (register.at_rest, identity, folder, new, what))
    killed("-c", ENDLESSLY, *words, within=0.25, moments=moments)


@pytest.mark.slow
def test_killed_during_a_backup_there_is_always_a_whole_one(register: Register, tmp_path: Path, identity: Path) -> None:
    record(register, 200)
    folder, moments = tmp_path / "backups", random.Random(4)
    made = back_up(register, folder, identity)
    for _ in range(8):
        cut_off("backup", register, identity, folder, tmp_path / "new", moments)
        restored = restore(made.file, identities(identity), tmp_path / "new", register.at_rest)
        assert restored.manifest.rows["audit_event"] == 220
        shutil.rmtree(tmp_path / "new")
    back_up(register, folder, identity)
    assert len(files(folder)) == 3  # the next backup has cleared away what was left


@pytest.mark.slow
def test_killed_during_a_restore_there_is_the_whole_register_or_none(
    register: Register, tmp_path: Path, identity: Path
) -> None:
    record(register, 200)
    folder, new, moments = tmp_path / "backups", tmp_path / "new", random.Random(5)
    made = back_up(register, folder, identity)
    for _ in range(8):
        cut_off("restore", register, identity, folder, new, moments)
        if not (new / "register.sqlite").exists():
            restore(made.file, identities(identity), new, register.at_rest)
        again = open_register(new)
        with again.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM audit_event").scalar_one() == 220
        again.close()
        assert not (new / "restoring").exists() or (new / "register.sqlite").exists()
        shutil.rmtree(new)
