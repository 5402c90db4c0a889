"""Accounts and what they prove themselves with. Every function works inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from bianque.model.account import Account
from bianque.model.authority import Role
from bianque.registry.tables.accounts import account, ceremony, passkey, session, ticket


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account's log-in is checked against."""

    password: str = field(repr=False)  # argon2id
    one_time_until: dt.datetime | None
    totp: bytes | None = field(repr=False)  # sealed
    totp_step: int


_SHOWN = (
    account.c.id,
    account.c.agency,
    account.c.organisation,
    account.c.role,
    account.c.created_at,
    account.c.one_time_until,
    account.c.made_by,
    account.c.opened_by,
    account.c.disabled_at,
    (account.c.totp.is_not(None) | exists().where(passkey.c.account == account.c.id)).label("enrolled"),
)


def add(connection: Connection, new: Account, password: str, until: dt.datetime, opened_by: str) -> None:
    """A new account with a one-time password, given as its hash; with `opened_by` empty nobody can log in to it yet."""
    connection.execute(
        insert(account).values(
            id=new.id,
            agency=new.agency,
            organisation=new.organisation,
            role=new.role,
            password=password,
            one_time_until=until,
            totp_step=0,
            created_at=new.created_at,
            made_by=new.made_by,
            opened_by=opened_by,
        )
    )


def find(connection: Connection, id_: str) -> Account | None:
    row = connection.execute(select(*_SHOWN).where(account.c.id == id_)).first()
    return _account(row) if row else None


def listed(connection: Connection, agency: str) -> list[Account]:
    """Every account of an agency, by login."""
    rows = connection.execute(select(*_SHOWN).where(account.c.agency == agency).order_by(account.c.id))
    return [_account(row) for row in rows]


def credentials(connection: Connection, id_: str) -> Credentials | None:
    """What the log-in of an account is checked against; none when it is disabled or waits for a second person."""
    columns = (account.c.password, account.c.one_time_until, account.c.totp, account.c.totp_step)
    where = (account.c.id == id_, account.c.disabled_at.is_(None), account.c.opened_by != "")
    row = connection.execute(select(*columns).where(*where)).first()
    return Credentials(*row) if row else None


def open_(connection: Connection, id_: str, by: str) -> bool:
    """A second person's consent; False when the account is open already or disabled."""
    where = (account.c.id == id_, account.c.opened_by == "", account.c.disabled_at.is_(None))
    return connection.execute(update(account).where(*where).values(opened_by=by)).rowcount == 1


def set_password(connection: Connection, id_: str, password: str, until: dt.datetime | None = None) -> None:
    """Another password, given as its hash; `until` makes it a one-time password."""
    connection.execute(update(account).where(account.c.id == id_).values(password=password, one_time_until=until))


def set_totp(connection: Connection, id_: str, sealed: bytes, step: int) -> None:
    """Another TOTP secret; the code of `step` that proved it is used up."""
    connection.execute(update(account).where(account.c.id == id_).values(totp=sealed, totp_step=step))


def take_step(connection: Connection, id_: str, step: int) -> bool:
    """Use the code of a time step; False when that code or a later one was used before."""
    done = connection.execute(
        update(account).where(account.c.id == id_, account.c.totp_step < step).values(totp_step=step)
    )
    return done.rowcount == 1


def disable(connection: Connection, id_: str, at: dt.datetime) -> None:
    """No more log-ins; what is logged in ends in the same transaction."""
    connection.execute(update(account).where(account.c.id == id_).values(disabled_at=at))
    end_everything(connection, id_)


def forget_second_factor(connection: Connection, id_: str) -> None:
    connection.execute(update(account).where(account.c.id == id_).values(totp=None, totp_step=0))
    connection.execute(passkey.delete().where(passkey.c.account == id_))


def end_everything(connection: Connection, id_: str) -> None:
    """End an account's sessions, log-ins under way and enrolments under way."""
    for table in (session, ticket):
        bearers = select(table.c.digest).where(table.c.account == id_)
        connection.execute(ceremony.delete().where(ceremony.c.bearer.in_(bearers)))
        connection.execute(table.delete().where(table.c.account == id_))


def _account(row: Row[Any]) -> Account:
    found = row._mapping
    return Account(
        id=found["id"],
        agency=found["agency"],
        organisation=found["organisation"],
        role=Role(found["role"]),
        created_at=found["created_at"],
        one_time=found["one_time_until"] is not None,
        enrolled=bool(found["enrolled"]),
        made_by=found["made_by"],
        opened=found["opened_by"] != "",
        disabled_at=found["disabled_at"],
    )
