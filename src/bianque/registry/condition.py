"""The condition of a register at rest: rights, chain, leftovers, escrow, backups; what is wrong and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select

from bianque.model.audit import first_break
from bianque.registry import backup, escrow, hardware_root, private_files, proof, restore
from bianque.registry import root as roots
from bianque.registry.register import Register
from bianque.registry.tables.audit import audit_event

BACKUP_AGE = dt.timedelta(days=2)  # an older newest backup is worth a word


class State(StrEnum):
    GOOD = "ok"
    WARNING = "warning"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what to do where it is not well."""

    name: str
    state: State
    found: str
    remedy: str = ""


def findings(register: Register, at: dt.datetime) -> Iterator[Finding]:
    """Everything worth looking at, of a register that could be opened: on PostgreSQL its roles were checked then."""
    yield _rights(register.at_rest)
    yield _chain(register)
    yield _sealed(register)
    yield _marks(register)
    yield _root(register.at_rest)
    yield keys_escrow(register.at_rest, register.root)
    yield from _backups(register, at)
    yield _strays(register.at_rest)


def _rights(folder: Path) -> Finding:
    open_to_others = [path.name for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]
    if not open_to_others:
        return Finding("rights", State.GOOD, "only the owner may read the folder and its files")
    named = ", ".join(sorted(open_to_others))
    return Finding("rights", State.WRONG, f"others than the owner may read: {named}", "chmod -R go= FOLDER")


def _chain(register: Register) -> Finding:
    chain = select(audit_event.c.number, audit_event.c.event, audit_event.c.hash).order_by(audit_event.c.number)
    with (
        register.snapshot("register") as connection,
        connection.execute(chain, execution_options={"yield_per": 1_000}) as found,
    ):
        count = 0

        def counted() -> Iterator[tuple[int, bytes, bytes]]:
            nonlocal count
            for row in found:
                count += 1
                yield row.number, row.event, row.hash

        broken = first_break(counted())
    if broken is None:
        return Finding("audit", State.GOOD, f"{count} events, each chained to the one before")
    return Finding(
        "audit",
        State.WRONG,
        f"the chain breaks at event {broken}",
        "show it to the data-protection officer; compare with the last backup",
    )


def _sealed(register: Register) -> Finding:
    found = proof.sample(register)
    says = f"in a sample {found.readable} people are readable, {found.erased} erased"
    if found.replaced:
        return Finding(
            "sealed values",
            State.WRONG,
            f"{says}, {found.replaced} sealed with a key that is gone",
            "this register was restored from a backup older than a rotation of data keys: restore a newer one",
        )
    if found.erased:
        return Finding("sealed values", State.WARNING, says, "`bianque register sweep` finishes their erasure")
    return Finding("sealed values", State.GOOD, says)


def _marks(register: Register) -> Finding:
    found = proof.changed(register)
    if not found:
        return Finding("columns in clear", State.GOOD, "as they were written, in every row")
    rows = ", ".join(f"{count} of {table}" for table, count in sorted(found.items()))
    return Finding(
        "columns in clear",
        State.WRONG,
        f"rows that somebody without the key changed: {rows}; nobody is shown them",
        "show it to the data-protection officer; look into the database's own log, and restore the newest backup",
    )


def _root(folder: Path) -> Finding:
    in_file, in_module = (folder / roots.FILE).exists(), (folder / hardware_root.HARDWARE_FILE).exists()
    if in_file and in_module:
        return Finding(
            "root key",
            State.WARNING,
            f"{roots.FILE} lies in clear beside the one in the hardware module",
            "`bianque register hardware` seals it anew and overwrites the file",
        )
    return Finding("root key", State.GOOD, "in a hardware module" if in_module else "in a file of its own")


def keys_escrow(folder: Path, root: roots.Root) -> Finding:
    """Whether the loss of the keys can be made good."""
    known = escrow.remembered(folder, root)
    if known is None:
        return Finding(
            "escrow",
            State.WARNING,
            "there is none: with the folder's keys lost, nobody can read this register or its backups again",
            "`bianque register escrow make`",
        )
    if not known.complete:
        missing = " and ".join(f"share {n}" for n, day in enumerate(known.confirmed, start=1) if not day)
        return Finding(
            "escrow",
            State.WARNING,
            f"made {known.made[:10]}; nobody has shown yet that {missing} can be opened",
            "each holder: `bianque register escrow confirm SHEET`",
        )
    return Finding("escrow", State.GOOD, f"made {known.made[:10]}, confirmed by both holders")


def _backups(register: Register, at: dt.datetime) -> Iterator[Finding]:
    known = backup.kept(register.at_rest)
    again = "`bianque register backup`"
    if known is None:
        yield Finding("backups", State.WARNING, "there is none", f"{again} --to FOLDER --recipient age1…")
        return
    yield _newest_backup(known, at, again)
    if backup.owed(register):
        yield Finding(
            "erasure in backups",
            State.WRONG,
            f"the copy of the keys in {known.folder} may still hold keys that were destroyed",
            f"bring the folder back, then {again}",
        )
    for path in known.left_behind:
        yield Finding(
            "copy of the keys left behind", State.WRONG, path, f"bring that folder back, then {again} overwrites it"
        )


def _newest_backup(known: backup.Kept, at: dt.datetime, again: str) -> Finding:
    if not known.made:
        return Finding(
            "backups",
            State.WRONG,
            "none opens: data keys were rotated after the newest",
            f"{again} --to {known.folder}",
        )
    age = at - dt.datetime.fromisoformat(known.made)
    if age > BACKUP_AGE:
        return Finding("backups", State.WARNING, f"the newest is {age.days} days old", again)
    return Finding("backups", State.GOOD, f"the newest was made {known.made}")


def _strays(folder: Path) -> Finding:
    left = [*folder.glob(f"*{private_files.PART}"), *folder.glob(restore.BUILDING)]
    if not left:
        return Finding("leftovers", State.GOOD, "no file of a command that was cut off")
    named = ", ".join(sorted(path.name for path in left))
    return Finding("leftovers", State.WARNING, f"of a command that was cut off: {named}", "delete them")
