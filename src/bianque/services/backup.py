"""Backups, and what is brought back from one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.registry import age, backup, restore
from bianque.registry.backup import Backup
from bianque.registry.register import Register
from bianque.registry.restore import Restored
from bianque.registry.restore_on_postgresql import Database
from bianque.services import gate


def back_up(register: Register, authority: Authority, folder: Path, recipients: Sequence[str]) -> Backup:
    """A data backup in a folder, encrypted to age recipients, and the newest copies of keys and door beside it.

    raises  PolicyRefusal  when the rules say no; BadInput when a recipient is none; OSError when the disk is full
    """
    gate.permit(register, authority, Action.BACK_UP, Resource("backup", agency=authority.agency))
    return backup.back_up(register, folder, recipients, authority.at)


def bring_back(
    source: Path, identity: Path, to: Path, keys_in: Path | None = None, *, owner: str = "", agency: str = ""
) -> Restored:
    """A register from a backup. Nobody is asked: where it is restored there is no account yet, and without the
    identity and the register's keys nothing of it opens.

    owner    address of a database on PostgreSQL, with the role that is to own everything; empty: SQLite
    agency   which agency's rows go there: a backup holds what others share with it too
    raises   BadRegister  when there is a register already, or the proof fails; BadInput when a file is not what it
             should be, or a database is named without the agency
    """
    if bool(owner) is not bool(agency):
        raise BadInput(
            "on PostgreSQL a register is restored for one agency",
            kept="nothing was changed",
            remedy="give --postgresql and --agency together",
        )
    on = Database(owner, agency) if owner else None
    return restore.restore(source, age.identities(identity), to, keys_in, on)
