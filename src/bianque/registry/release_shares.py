"""Accounts' key pairs, and the copies of the release key's shares sealed to them. Inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from bianque.registry.tables.releases import account_key, release_share


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An account's public key, and its private one under its password."""

    public: bytes
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """One holder's copy of an organisation's share."""

    account: str
    organisation: str
    sealed: bytes = field(repr=False)


def pair(connection: Connection, account: str) -> KeyPair | None:
    """An account's key pair, if it has one."""
    row = connection.execute(select(account_key).where(account_key.c.account == account)).first()
    return KeyPair(row.public_key, row.private_key_sealed) if row else None


def set_pair(connection: Connection, account: str, agency: str, new: KeyPair, at: dt.datetime) -> None:
    """Another key pair: copies of shares that were sealed to the former one are of no use any more and go."""
    former = pair(connection, account)
    if former and former.public != new.public:
        connection.execute(delete(release_share).where(release_share.c.account == account))
    values = {"public_key": new.public, "private_key_sealed": new.sealed, "made_at": at}
    if former:
        connection.execute(update(account_key).where(account_key.c.account == account).values(**values))
    else:
        connection.execute(insert(account_key).values(account=account, agency=agency, **values))


def forget(connection: Connection, account: str) -> bool:
    """The pair of an account whose password is lost opens nothing any more: it goes, and its copies of shares too.

    returns  whether there was one
    """
    connection.execute(delete(release_share).where(release_share.c.account == account))
    return connection.execute(delete(account_key).where(account_key.c.account == account)).rowcount > 0


def keep(connection: Connection, agency: str, emergency: str, copy: Copy, by: str, at: dt.datetime) -> None:
    """A holder's copy, in the place of a former one."""
    mine = (release_share.c.emergency == emergency) & (release_share.c.account == copy.account)
    connection.execute(delete(release_share).where(mine))
    connection.execute(
        insert(release_share).values(
            emergency=emergency,
            account=copy.account,
            agency=agency,
            organisation=copy.organisation,
            sealed=copy.sealed,
            given_by=by,
            given_at=at,
        )
    )


def copies(connection: Connection, emergency: str) -> list[Copy]:
    """Every holder's copy of an emergency's shares."""
    rows = connection.execute(select(release_share).where(release_share.c.emergency == emergency))
    return [Copy(row.account, row.organisation, row.sealed) for row in rows]
