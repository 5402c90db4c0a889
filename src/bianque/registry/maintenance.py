"""The files behind the tables: after a deletion, no bytes of it may be left in them."""

from __future__ import annotations

import sqlite3
import uuid

from sqlalchemy import Connection, Engine, delete, insert, select

from bianque.model.authority import Authority
from bianque.model.errors import BadRegister
from bianque.registry.register import Register
from bianque.registry.tables.settings import setting

DUE = "scrub due"


def announce(register: Register, authority: Authority) -> None:
    """Write down that traces are about to be left in the files, so that a crash before `scrub` is noticed."""
    with register.writing(authority) as connection:
        note_due(connection)


def note_due(connection: Connection) -> None:
    """Write down, in a transaction of the register, that traces of what was deleted may be left: each time anew, so
    that who scrubs takes away the note that was there before, and no later one."""
    connection.execute(delete(setting).where(setting.c.name == DUE))
    connection.execute(insert(setting), [{"name": DUE, "value": uuid.uuid4().hex}])


def due(register: Register, authority: Authority) -> bool:
    """Whether traces of what was deleted may be left."""
    with register.reading(authority) as connection:
        return _noted(connection) is not None


def scrub(register: Register, authority: Authority) -> bool:
    """Rewrite the three stores without the space of what was deleted.

    returns  whether it was done; on PostgreSQL only the owner of the tables can, and does it apart (compaction.py)
    raises   BadRegister  when somebody reads for so long that the log cannot be cut, or the disk is full
    """
    if register.engine.dialect.name != "sqlite":
        announce(register, authority)  # what was deleted since the last note a compaction may not have met
        return False
    with register.reading(authority) as connection:
        before = _noted(connection)
    for engine in register.stores().values():
        scrub_store(engine)
    with register.writing(authority) as connection:
        connection.execute(delete(setting).where(setting.c.name == DUE, setting.c.value == before))
    return True


def _noted(connection: Connection) -> str | None:
    return connection.execute(select(setting.c.value).where(setting.c.name == DUE)).scalar()


def scrub_store(engine: Engine) -> None:
    """Rewrite one store on SQLite; on PostgreSQL its owner does that apart.

    The log may hold pages from before the deletion, and pages that were rebalanced hold remains between cells.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
            answer = cursor.fetchone()
            if answer and answer[0]:  # busy
                raise _left(engine, "its log could not be cut: somebody has been reading for longer than half a minute")
    except sqlite3.OperationalError as cause:
        raise _left(engine, f"it could not be written anew: {cause}") from cause
    finally:
        connection.close()


def _left(engine: Engine, what: str) -> BadRegister:
    return BadRegister(
        f"{engine.url.database}: {what}",
        kept="what was to be erased is erased; bytes of it may be left in the file",
        remedy="end what reads, see that the disk has room, then run `bianque people check --tidy`",
    )
