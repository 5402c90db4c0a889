"""Which version a store's tables are of, and how they come to the newest: Alembic's revisions, on both engines.

A new register is made with the tables as they are and stamped with the newest revision. An older one runs the
revisions after its own, each store in one transaction; a revision's `upgrade(store)` is told which store it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bianque.model.errors import BadRegister

REVISIONS = Path(__file__).with_name("migrations")


def of(connection: Connection) -> str | None:
    """The revision of a store; None where nothing was made yet."""
    return MigrationContext.configure(connection).get_current_revision()


def stamp(connection: Connection) -> None:
    """Record that a store has just been made with the newest tables."""
    MigrationContext.configure(connection).stamp(_scripts(REVISIONS), "head")


def must_be_current(connection: Connection, store: str) -> None:
    """raises  BadRegister  when a store is of an older or of a newer version than this Bianque"""
    scripts, found = _scripts(REVISIONS), of(connection)
    wanted = scripts.get_current_head()
    if found == wanted:
        return
    if found is None:
        raise BadRegister(f"{store}: there is no register here", remedy="make one with `bianque register create`")
    if found in {script.revision for script in scripts.walk_revisions()}:
        raise BadRegister(
            f"{store}: the register is of an older version ({found}; this Bianque needs {wanted})",
            kept="the register as it is",
            remedy="make a backup, then run `bianque register upgrade`",
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


@cache
def _scripts(*folders: Path) -> ScriptDirectory:
    return ScriptDirectory(str(REVISIONS), version_locations=folders)
