"""Backups of a register: the data, and apart from it the newest copy of the wrapped keys and of the door's directory.

    FOLDER/FINGERPRINT-data-TIME.age   the register's rows: any number of them, kept as long as somebody likes
    FOLDER/FINGERPRINT-keys.age        the wrapped keys: the newest alone; erasure writes it anew
    FOLDER/FINGERPRINT-door.age        the door's directory: the newest alone; erasure writes it anew

A person who was erased has no wrapped key any more, in the register or in a backup: what an older data backup holds of
them cannot be read. The root key is in no backup; its escrow is (escrow.py).
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bianque import __version__
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import age, destructions, private_files
from bianque.registry.register import Register
from bianque.registry.store_copy import Copying, Head, Manifest
from bianque.registry.tables import STORES

STATE_FILE, LOCK_FILE = "backups.json", "backups.lock"
NEWEST_ONLY = ("keys", "door")
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)  # link(2) of a file system without hard links
OLD = ".old"  # how the name of a newest copy ends that was replaced and is about to be overwritten


@dataclass(frozen=True, slots=True)
class Kept:
    """What a register remembers of its backups: where they are, for whom, when, and what could not be done yet."""

    folder: str
    recipients: tuple[str, ...]
    data: str = ""  # file name of the last data backup
    made: str = ""  # when it was made, ISO 8601, UTC; '' when it opens no longer: data keys were rotated since
    known: Mapping[str, int] = field(default_factory=dict)  # destructions that the newest copies know of, by store
    left_behind: tuple[str, ...] = ()  # newest copies of an earlier FOLDER that was out of reach: to be overwritten


@dataclass(frozen=True, slots=True)
class Backup:
    """What one backup holds."""

    file: Path
    bytes: int
    manifest: Manifest
    left_behind: tuple[str, ...]


def back_up(register: Register, folder: Path, recipients: Sequence[str], at: dt.datetime) -> Backup:
    """Write a data backup, and the newest copies of keys and door, encrypted to age recipients.

    Each file is written whole or not at all. On PostgreSQL it holds what the agency that opened the register may read.

    raises  BadInput  when a recipient is none, or the folder lies in the register's own; OSError when the disk is full
    """
    keys = [age.recipient(text) for text in recipients]
    if not keys:
        raise BadInput("no recipient was given", remedy="give --recipient age1…: make one with `age-keygen`")
    if folder.resolve().is_relative_to(register.at_rest.resolve()):
        raise BadInput(f"{folder}: a backup inside the register's own folder is lost with it", remedy="give another")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(register):
        before = kept(register.at_rest)
        time = at.astimezone(dt.UTC)
        file = folder / f"{register.root.fingerprint()}-data-{time:%Y%m%dT%H%M%SZ}.age"
        now = Kept(str(folder.resolve()), tuple(text.strip() for text in recipients))
        head = replace(_head(register, "register", now, at), destroyed=destroyed(register))
        with register.snapshot("register") as connection:
            copying = Copying(connection, STORES["register"], head, register.root)
            age.write(file, copying, keys)
        known = _write_newest(register, now, at)
        left = _leave(register, before, now)
        made = time.isoformat(timespec="seconds")
        remember(register.at_rest, replace(now, data=file.name, made=made, known=known, left_behind=left))
    assert copying.manifest is not None
    return Backup(file, file.stat().st_size, copying.manifest, left)


def owed(register: Register) -> bool:
    """Whether the newest copies hold what was destroyed since: whoever is cut off between the two is found by it."""
    now = kept(register.at_rest)
    return now is not None and destroyed(register) != now.known


def rewrite_key_backup(register: Register, at: dt.datetime) -> bool:
    """Write the newest copies of keys and door anew and overwrite those before: what was destroyed is in none of them.

    returns  whether there are backups at all
    raises   BadInput  when their folder is out of reach: it stays owed, and the next backup does it
    """
    with _alone(register):
        now = kept(register.at_rest)
        if now is None:
            return False
        try:
            known = _write_newest(register, now, max(at, dt.datetime.fromisoformat(now.made)) if now.made else at)
        except OSError as cause:
            raise BadInput(
                f"{now.folder}: the backup of the keys could not be written anew: {cause.strerror}",
                kept="the register is done; the key that was destroyed is still in that backup",
                remedy="bring the folder back and run `bianque register backup`; until then `bianque register check`"
                " says that it is owed",
            ) from cause
        remember(register.at_rest, replace(now, known=known))
    return True


def outdate(register: Register) -> None:
    """Write down, before data keys are rotated, that no data backup opens from now on until another is made."""
    with _alone(register):
        if now := kept(register.at_rest):
            remember(register.at_rest, replace(now, data="", made=""))


def renew(register: Register, at: dt.datetime) -> Backup | None:
    """A data backup where the last ones lie and for whom they were; None when there are no backups.

    raises  BadInput  when their folder is out of reach
    """
    now = kept(register.at_rest)
    if now is None:
        return None
    try:
        return back_up(register, Path(now.folder), now.recipients, at)
    except OSError as cause:
        raise BadInput(
            f"{now.folder}: the data could not be backed up anew: {cause.strerror}",
            kept="the register is done; backups from before it do not open",
            remedy="bring the folder back and run `bianque register backup`; until then `bianque register check`"
            " says that there is none that opens",
        ) from cause


def kept(at_rest: Path) -> Kept | None:
    """What the register remembers of its backups; None when there was none yet.

    raises  BadRegister  when what was written down cannot be read
    """
    path = at_rest / STATE_FILE
    try:
        read = json.loads(path.read_text("utf-8"))
        read |= {name: tuple(read[name]) for name in ("recipients", "left_behind")}
        return Kept(**read)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as cause:
        raise BadRegister(f"{path}: this is no record of backups", remedy="delete it, then back up anew") from cause


def newest(folder: Path, fingerprint: str, store: str) -> Path:
    """The file of the newest copy of a store in a folder of backups."""
    return folder / f"{fingerprint}-{store}.age"


def remember(at_rest: Path, now: Kept) -> None:
    """Write down what a register in a folder is to know of its backups."""
    with private_files.new(at_rest / STATE_FILE) as file:
        file.write(json.dumps(asdict(now), ensure_ascii=False, indent=1).encode())


def _head(register: Register, store: str, now: Kept, at: dt.datetime) -> Head:
    made = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    return Head(store, register.root.fingerprint(), made, __version__, now.recipients)


def destroyed(register: Register) -> dict[str, int]:
    """How often something was destroyed in each store whose newest copy alone is kept."""
    counts = {}
    for store in NEWEST_ONLY:
        with register.snapshot(store) as connection:
            counts[store] = destructions.count(connection, store)
    return counts


def _write_newest(register: Register, now: Kept, at: dt.datetime) -> dict[str, int]:
    """How many destructions each new copy knows of. It has its name before the old one is overwritten: at no moment is
    there none."""
    known = {}
    keys = [age.recipient(text) for text in now.recipients]
    for store in NEWEST_ONLY:
        path = newest(Path(now.folder), register.root.fingerprint(), store)
        with _replaced(path), register.snapshot(store) as connection:
            known[store] = destructions.count(connection, store)
            age.write(path, Copying(connection, STORES[store], _head(register, store, now, at), register.root), keys)
    return known


@contextmanager
def _replaced(path: Path) -> Iterator[None]:
    """Overwrite what a file holds once another has taken its name. Until then it has a second one, and whoever is
    killed leaves that to the next. Where the file system has no second names (exFAT) it is held open instead: whoever
    is killed then leaves its blocks as they were, encrypted and without a name."""
    old = path.with_name(path.name + OLD)
    _drop(old, path)  # of one that was killed before it came to this
    if not path.exists():
        yield
        return
    try:
        os.link(path, old)
    except OSError as cause:
        if cause.errno not in NO_LINKS:
            raise
        with path.open("r+b") as former:
            yield
            private_files.zero(former)
    else:
        yield
        _drop(old, path)


def _drop(old: Path, path: Path) -> None:
    """Overwrite what was replaced; where nothing has replaced it yet, the two names are one file, which stays."""
    if not old.exists():
        return
    if path.exists() and old.samefile(path):
        old.unlink()
    else:
        private_files.overwrite(old)


def _leave(register: Register, before: Kept | None, now: Kept) -> tuple[str, ...]:
    """Overwrite the newest copies of an earlier folder; those out of reach are returned."""
    if before is None:
        return ()
    earlier = [*before.left_behind]
    if before.folder != now.folder:
        earlier += [str(newest(Path(before.folder), register.root.fingerprint(), store)) for store in NEWEST_ONLY]
    out_of_reach = []
    for name in map(Path, dict.fromkeys(earlier)):
        if name.parent == Path(now.folder):
            continue
        if name.exists():
            private_files.overwrite(name)
        elif not name.parent.is_dir():
            out_of_reach.append(str(name))
    return tuple(out_of_reach)


@contextmanager
def _alone(register: Register) -> Iterator[None]:
    """One backup or rewriting at a time: an older copy of the keys must never replace a newer one."""
    descriptor = os.open(register.at_rest / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
