"""A register restored from a backup: proved before it takes its place, and never in the place of another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519
from sqlalchemy import select

from bianque.model.audit import first_break
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import (
    age,
    backup,
    destructions,
    erased_identifiers,
    hardware_root,
    maintenance,
    private_files,
    register_file,
    restore_on_postgresql,
    sessions,
)
from bianque.registry import root as roots
from bianque.registry.backup import Kept
from bianque.registry.hardware_root import HARDWARE_FILE
from bianque.registry.proof import Sample, sample
from bianque.registry.register import Register, empty, on_sqlite
from bianque.registry.restore_on_postgresql import Database
from bianque.registry.root import DOOR_FILE, FILE, Root
from bianque.registry.store_copy import Head, Loading, Manifest
from bianque.registry.tables import STORES
from bianque.registry.tables.audit import audit_event

BUILDING = "restoring"  # folder inside the new register's: what is not proved yet


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what the proof found. `heads` are by store; the manifest is that of the data."""

    heads: dict[str, Head]
    manifest: Manifest
    sample: Sample
    swept: int  # identifiers behind the door that were erased after the copy of its store was made
    backups: Kept  # what the register knows of its backups: an erasure in it reaches those that it came from

    @property
    def head(self) -> Head:
        """Of the data backup."""
        return self.heads["register"]

    @property
    def keys_made(self) -> str:
        """When the copy of the keys was made."""
        return self.heads["keys"].made


def restore(
    source: Path,
    identities: Sequence[x25519.Identity],
    to: Path,
    keys_in: Path | None = None,
    on: Database | None = None,
) -> Restored:
    """A register in folder `to` from the data backup `source` and the newest copies of keys and door beside it.

    keys_in  folder that holds root.key (or root.pkcs11) and door.key; None: `to` does already, put there by the escrow
    on       the database on PostgreSQL that it goes to once it is proved; None: it stays on SQLite, for one agency

    The register appears when its proof is complete: digest, counts and code of each copy, the audit's chain up to the
    recorded head, and what is sealed opens in a sample of every table or is an erased person's. Nobody is
    logged in there. What it holds of people erased since is yet to be swept; what the door has erased since is.

    raises  BadRegister  when there is a register already, the backup is of another, the copies beside it are older,
                         the proof fails, nobody is readable since data keys were rotated, or the database does not
                         take it
            BadInput     when the identity does not open a file, one is missing or cut off, or it is of other agencies
    """
    _must_be_free(to)
    keys_in = keys_in or to
    root = hardware_root.root_of(keys_in)
    files = {"register": source} | {
        store: backup.newest(source.parent, root.fingerprint(), store) for store in backup.NEWEST_ONLY
    }
    for store, file in files.items():
        if not file.is_file():
            raise BadInput(
                f"{file}: there is no such backup of {store}",
                kept="nothing was changed",
                remedy="keep the newest copies of keys and door beside the data backup, and give its root key",
            )
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    building = to / BUILDING
    _clear(building)  # of one that was killed
    building.mkdir(mode=0o700)
    try:
        restored = _build(building, root, files, identities)
        with _beside(to, keys_in, restored.backups):
            if on is None:
                _take_the_place(building, to)
            else:
                with closing(on_sqlite(building, root)) as built:
                    restore_on_postgresql.move(built, restored.heads, to, on)
    finally:
        _clear(building)
    return restored


def _clear(building: Path) -> None:
    """Wrapped keys that were not restored are overwritten: they may be of somebody who is erased afterwards."""
    for path in building.glob("keys.sqlite*"):
        private_files.overwrite(path)
    shutil.rmtree(building, ignore_errors=True)


@contextmanager
def _beside(to: Path, keys_in: Path, backups: Kept) -> Iterator[None]:
    """What lies beside the stores: the keys, and where the backups are. Where no register comes of it, what was put
    there is overwritten."""
    names = (FILE, DOOR_FILE, HARDWARE_FILE)
    put = [name for name in names if (keys_in / name).exists() and not (to / name).exists()]
    try:
        for name in put:
            roots.write(to / name, (keys_in / name).read_bytes())
        backup.remember(to, backups)
        yield
    except BaseException:
        if not _is_there(to):
            for path in [to / name for name in (*put, backup.STATE_FILE)]:
                if path.exists():
                    private_files.overwrite(path)
        raise


def _build(building: Path, root: Root, files: dict[str, Path], identities: Sequence[x25519.Identity]) -> Restored:
    register = empty(building, root)
    try:
        loaded = {store: _load(register, store, file, identities) for store, file in files.items()}
        heads = {store: head for store, (head, _) in loaded.items()}
        _must_be_newer(register, files, heads)
        backups = _backups(register, files["register"], heads, identities)
        with register.system() as connection:
            maintenance.note_due(connection)
            sessions.end_all(connection)  # some of them were ended after the backup
        _prove_chain(register, files["register"])
        found = sample(register)
        if found.replaced and not found.readable:
            raise BadRegister(
                f"{files['register']}: nobody in it is readable: it is from before a rotation of data keys",
                kept="nothing was changed",
                remedy="give a data backup that was made after the rotation",
            )
        swept = erased_identifiers.sweep(register)
        for engine in register.stores().values():
            with engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        register.close()
    return Restored(heads, loaded["register"][1], found, swept, backups)


def _backups(register: Register, source: Path, heads: dict[str, Head], identities: Sequence[x25519.Identity]) -> Kept:
    """The folder that the data come from, and whom its newest copies are for: copies from before they said it are
    written anew for whoever restores."""
    recipients = heads["keys"].recipients or [str(identity.to_public()) for identity in identities]
    return Kept(
        folder=str(source.parent.resolve()),
        recipients=tuple(recipients),
        data=source.name,
        made=heads["register"].made,
        known=backup.destroyed(register),
    )


def _must_be_free(to: Path) -> None:
    """No register in the folder, and no log of one: SQLite would write it into the stores that are restored."""
    if _is_there(to):
        raise BadRegister(
            f"{to}: there is a register already", kept="it as it is", remedy="move it away, or give another folder"
        )
    logs = [f"{store}.sqlite-{log}" for store in STORES for log in ("wal", "journal")]
    if left := [name for name in logs if (to / name).exists()]:
        raise BadRegister(
            f"{to}: the log of another register lies there: {', '.join(left)}",
            kept="it as it is",
            remedy="move it to the store it belongs to, or give another folder",
        )


def _is_there(to: Path) -> bool:
    return any((to / name).exists() for name in ("register.sqlite", register_file.REGISTER_FILE))


def _must_be_newer(register: Register, files: dict[str, Path], heads: dict[str, Head]) -> None:
    """A backup writes the data first: copies from before it lack keys, or hold some that were destroyed since. Clocks
    say when they were made; what was destroyed is counted, and a clock that was set back hides nothing of it."""
    data = heads["register"]
    for store in backup.NEWEST_ONLY:
        with register.snapshot(store) as connection:
            destroyed = destructions.count(connection, store)
        made, older = heads[store].made, ""
        if destroyed < data.destroyed[store]:
            older = f"it knows {destroyed} destructions, and {data.destroyed[store]} were before the data were copied"
        elif made < data.made:
            older = f"made {made}, before the data ({data.made})"
        if older:
            raise BadRegister(
                f"{files[store]}: this copy of {store} is an older one: {older}",
                kept="nothing was changed",
                remedy="give the newest copy, or a data backup that is older than it",
            )


def _load(register: Register, store: str, file: Path, identities: Sequence[x25519.Identity]) -> tuple[Head, Manifest]:
    engine = register.stores()[store].execution_options(sqlite_begin="IMMEDIATE")
    with engine.begin() as connection:
        loading = Loading(connection, STORES[store], store, register.root, str(file))
        age.read(file, list(identities), loading.take)
        manifest = loading.finish()
    assert loading.head is not None
    return loading.head, manifest


def _prove_chain(register: Register, file: Path) -> None:
    with register.engine.connect() as connection:
        chain = select(audit_event.c.number, audit_event.c.event, audit_event.c.hash).order_by(audit_event.c.number)
        with connection.execute(chain, execution_options={"yield_per": 1_000}) as found:
            broken = first_break((row.number, row.event, row.hash) for row in found)
    if broken is not None:
        raise BadRegister(
            f"{file}: the audit's chain breaks at event {broken}",
            kept="nothing was changed",
            remedy="take an older backup, and show this one to whoever answers for the audit",
        )


def _take_the_place(building: Path, to: Path) -> None:
    """register.sqlite goes last: without it there is no register, and the next restore begins anew."""
    for store in ("keys", "door", "register"):
        (building / f"{store}.sqlite").rename(to / f"{store}.sqlite")
        private_files.settle(to)
