"""Which version a store's tables are of, and how they come to the newest: Alembic's revisions, on both engines.

A new register is made with the tables as they are and stamped with the newest revision. An older one runs the
revisions after its own, each store in one transaction; a revision's `upgrade(store)` is told which store it is in.

What is sealed can be moved only by who holds the root key, and on PostgreSQL each agency holds its own. A revision
that has to seal anew, because a column was renamed for example, adds what is new in `upgrade` and has a second
function, `reseal(vault)`, which each agency runs over its own rows; one that changes what marked rows say in clear has
them marked anew there (`marks.mark_every_row`). A revision of a later release takes away what is old. How far an
agency's rows have come is written in its setting `sealed_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, delete, insert, select

from bianque.model.errors import BadRegister
from bianque.registry.root import Root
from bianque.registry.tables.settings import setting

REVISIONS = Path(__file__).with_name("migrations")
SEALED_AT = "sealed_at"  # the setting


@dataclass(frozen=True, slots=True)
class Vault:
    """What a revision needs to seal anew: the root key, the agency's rows, and its wrapped keys to read."""

    root: Root = field(repr=False)
    register: Connection
    keys: Connection


def of(connection: Connection) -> str | None:
    """The revision of a store; None where nothing was made yet."""
    return MigrationContext.configure(connection).get_current_revision()


def stamp(connection: Connection) -> None:
    """Record that a store has just been made with the newest tables."""
    MigrationContext.configure(connection).stamp(_scripts(REVISIONS), "head")


def must_be_current(connection: Connection, store: str, *folders: Path) -> None:
    """raises  BadRegister  when a store is of an older or of a newer version than this Bianque"""
    scripts, found = _scripts(REVISIONS, *folders), of(connection)
    wanted = scripts.get_current_head()
    if found == wanted:
        return
    if found is None:
        raise BadRegister(f"{store}: there is no register here", remedy="make one with `bianque register create`")
    if found in {script.revision for script in scripts.walk_revisions()}:
        raise BadRegister(
            f"{store}: the register is of an older version ({found}; this Bianque needs {wanted})",
            kept="the register as it is",
            remedy="make a backup, then run `bianque register upgrade`, on PostgreSQL with the owner's address",
        )
    raise BadRegister(
        f"{store}: the register is of version {found}, which this Bianque does not know",
        kept="the register as it is",
        remedy="use the newer Bianque that wrote it",
    )


def upgrade(connection: Connection, store: str, *folders: Path) -> list[str]:
    """Run the revisions after a store's own in the connection's transaction; which were run, in order.

    folders  where revisions are, other than the package's own
    """
    scripts = _scripts(REVISIONS, *folders)
    ran: list[str] = []

    def steps(revision: Sequence[str], _: MigrationContext) -> Any:
        found = scripts._upgrade_revs("head", revision[0] if revision else None)  # type: ignore[arg-type]
        ran.extend(step.revision.revision for step in found)
        return found

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations(store=store)
    return ran


def record_sealed(connection: Connection) -> None:
    """Record that everything an agency seals from now on is sealed as the newest revision wants it."""
    _sealed_at(connection, _scripts(REVISIONS).get_current_head() or "")


def must_be_resealed(connection: Connection) -> None:
    """raises  BadRegister  when rows of the agency are still sealed as an older version did it"""
    if _to_reseal(connection, _scripts(REVISIONS)):
        raise BadRegister(
            "the tables are of this version, but what is sealed in them is of an older one",
            kept="the register as it is",
            remedy="make a backup, then run `bianque register upgrade` in this agency's folder",
        )


def reseal(vault: Vault, *folders: Path) -> list[str]:
    """Run what revisions have to seal anew, in the transaction of the vault's connection; which were run, in order."""
    scripts = _scripts(REVISIONS, *folders)
    ran = _to_reseal(vault.register, scripts)
    for script in ran:
        script.module.reseal(vault)
    _sealed_at(vault.register, scripts.get_current_head() or "")
    return [script.revision for script in ran]


def _to_reseal(connection: Connection, scripts: ScriptDirectory) -> list[Script]:
    since = connection.scalar(select(setting.c.value).where(setting.c.name == SEALED_AT))
    later = scripts.iterate_revisions("head", since or "base")
    return [script for script in reversed(list(later)) if hasattr(script.module, "reseal")]


def _sealed_at(connection: Connection, revision: str) -> None:
    connection.execute(delete(setting).where(setting.c.name == SEALED_AT))
    connection.execute(insert(setting), [{"name": SEALED_AT, "value": revision}])


@cache
def _scripts(*folders: Path) -> ScriptDirectory:
    return ScriptDirectory(str(REVISIONS), version_locations=folders)
