"""Sessions, log-ins under way and ceremonies under way, each found by the digest of a token that is kept nowhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from sqlalchemy import Connection, insert, select, update

from bianque.registry.tables.accounts import ceremony, session, ticket


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in."""

    digest: str
    account: str
    started: dt.datetime
    seen: dt.datetime
    proved: dt.datetime
    emergency: str = ""
    purpose: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody who gave the right password. `strong`: and the second factor."""

    digest: str
    account: str
    strong: bool
    expires: dt.datetime


_SESSION = [session.c[field.name] for field in fields(Session)]
_TICKET = [ticket.c[field.name] for field in fields(Ticket)]


def add(connection: Connection, new: Session) -> None:
    connection.execute(
        insert(session).values(
            digest=new.digest, account=new.account, started=new.started, seen=new.seen, proved=new.proved
        )
    )


def find(connection: Connection, digest: str) -> Session | None:
    row = connection.execute(select(*_SESSION).where(session.c.digest == digest)).first()
    return Session(*row) if row else None


def of(connection: Connection, account: str) -> list[Session]:
    """The sessions of an account, newest first."""
    rows = connection.execute(select(*_SESSION).where(session.c.account == account).order_by(session.c.started.desc()))
    return [Session(*row) for row in rows]


def touch(connection: Connection, digest: str, seen: dt.datetime) -> None:
    connection.execute(update(session).where(session.c.digest == digest).values(seen=seen))


def choose(connection: Connection, digest: str, emergency: str, purpose: str, basis: str) -> None:
    connection.execute(
        update(session).where(session.c.digest == digest).values(emergency=emergency, purpose=purpose, basis=basis)
    )


def rotate(connection: Connection, digest: str, another: str, proved: dt.datetime) -> bool:
    """The session goes on under another token; False when it has ended meanwhile."""
    done = connection.execute(
        update(session).where(session.c.digest == digest).values(digest=another, proved=proved, seen=proved)
    )
    connection.execute(ceremony.delete().where(ceremony.c.bearer == digest))
    return done.rowcount == 1


def end(connection: Connection, digest: str) -> None:
    connection.execute(session.delete().where(session.c.digest == digest))
    connection.execute(ceremony.delete().where(ceremony.c.bearer == digest))


def end_others(connection: Connection, account: str, digest: str) -> int:
    """End every session of an account but one."""
    gone = connection.execute(session.delete().where(session.c.account == account, session.c.digest != digest))
    return gone.rowcount


def end_all(connection: Connection) -> None:
    """End every session, and every log-in and ceremony under way."""
    for table in (session, ticket, ceremony):
        connection.execute(table.delete())


def sweep(connection: Connection, started: dt.datetime, seen: dt.datetime, at: dt.datetime) -> None:
    """Forget sessions that started or were seen too long ago, and what else has run out."""
    connection.execute(session.delete().where((session.c.started <= started) | (session.c.seen <= seen)))
    connection.execute(ticket.delete().where(ticket.c.expires <= at))
    connection.execute(ceremony.delete().where(ceremony.c.expires <= at))


def add_ticket(connection: Connection, new: Ticket) -> None:
    connection.execute(
        insert(ticket).values(digest=new.digest, account=new.account, strong=new.strong, expires=new.expires)
    )


def take_ticket(connection: Connection, digest: str) -> bool:
    """Use a ticket up; False when somebody else has."""
    connection.execute(ceremony.delete().where(ceremony.c.bearer == digest))
    return connection.execute(ticket.delete().where(ticket.c.digest == digest)).rowcount == 1


def find_ticket(connection: Connection, digest: str, at: dt.datetime) -> Ticket | None:
    row = connection.execute(select(*_TICKET).where(ticket.c.digest == digest, ticket.c.expires > at)).first()
    return Ticket(*row) if row else None


def begin(connection: Connection, bearer: str, kind: str, secret: bytes, expires: dt.datetime) -> None:
    """A ceremony of a ticket or session; it takes the place of one of the same kind."""
    connection.execute(ceremony.delete().where(ceremony.c.bearer == bearer, ceremony.c.kind == kind))
    connection.execute(insert(ceremony).values(bearer=bearer, kind=kind, secret=secret, expires=expires))


def under_way(connection: Connection, bearer: str, kind: str, at: dt.datetime) -> bytes | None:
    """The sealed secret of a ceremony that has not run out."""
    where = (ceremony.c.bearer == bearer, ceremony.c.kind == kind, ceremony.c.expires > at)
    return connection.execute(select(ceremony.c.secret).where(*where)).scalar()


def finish(connection: Connection, bearer: str, kind: str) -> bool:
    """Use a ceremony up; False when it was used before: a challenge counts once."""
    gone = connection.execute(ceremony.delete().where(ceremony.c.bearer == bearer, ceremony.c.kind == kind))
    return gone.rowcount == 1
