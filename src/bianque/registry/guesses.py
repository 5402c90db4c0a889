"""Failures at log-in, counted by scope: a keyed digest of an account, an address, or both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from bianque.registry.tables.accounts import guess, known_source


@dataclass(frozen=True, slots=True)
class Failures:
    count: int
    last: dt.datetime


def read(connection: Connection, scopes: Collection[str]) -> dict[str, Failures]:
    """Failures by scope; a scope without any is left out."""
    rows = connection.execute(select(guess).where(guess.c.scope.in_(scopes)))
    return {row.scope: Failures(row.failures, row.last) for row in rows}


def put(connection: Connection, scope: str, failures: Failures) -> None:
    """What a scope's failures are now; none at all forgets the scope."""
    if failures.count <= 0:
        connection.execute(guess.delete().where(guess.c.scope == scope))
        return
    values = {"failures": failures.count, "last": failures.last}
    if not connection.execute(update(guess).where(guess.c.scope == scope).values(values)).rowcount:
        connection.execute(insert(guess).values(scope=scope, **values))


def sweep(connection: Connection, failed_before: dt.datetime, known_before: dt.datetime) -> None:
    """Forget failures and addresses that are older."""
    connection.execute(guess.delete().where(guess.c.last < failed_before))
    connection.execute(known_source.delete().where(known_source.c.last < known_before))


def knows(connection: Connection, scope: str, since: dt.datetime) -> bool:
    """Whether an account has logged in from an address since a time."""
    where = (known_source.c.scope == scope, known_source.c.last >= since)
    return connection.execute(select(known_source.c.scope).where(*where)).first() is not None


def know(connection: Connection, scope: str, at: dt.datetime) -> None:
    if not connection.execute(update(known_source).where(known_source.c.scope == scope).values(last=at)).rowcount:
        connection.execute(insert(known_source).values(scope=scope, last=at))
