"""The files behind the tables: after a deletion, no bytes of it may be left in them."""

from __future__ import annotations

from sqlalchemy import Engine

from bianque.model.errors import BadRegister
from bianque.registry.register import Register


def scrub(register: Register) -> bool:
    """Rewrite the stores of the register and of its keys without the space of what was deleted.

    returns  whether it was done; on PostgreSQL only the owner of the tables can, and does it apart
    raises   BadRegister  when somebody reads for so long that the log cannot be cut
    """
    if register.engine.dialect.name != "sqlite":
        return False
    for engine in (register.keys, register.engine):
        _scrub_sqlite(engine)
    return True


def _scrub_sqlite(engine: Engine) -> None:
    """The log may hold pages from before the deletion, and pages that were rebalanced hold remains between cells."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
            answer = cursor.fetchone()
            if answer and answer[0]:  # busy
                raise BadRegister(
                    "the log could not be cut: somebody has been reading for longer than half a minute",
                    kept="the keys are destroyed and the rows deleted; bytes of them may be left in the log",
                    remedy="end that reading, then run `bianque people check --tidy`",
                )
    finally:
        connection.close()
