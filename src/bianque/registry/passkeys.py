"""Passkeys: the WebAuthn public keys of accounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from sqlalchemy import Connection, insert, select, update

from bianque.registry.tables.accounts import passkey


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key. `id` is the credential id, base64url."""

    id: str
    account: str
    public_key: bytes
    sign_count: int
    created_at: dt.datetime


_PASSKEY = [passkey.c[field.name] for field in fields(Passkey)]


def add(connection: Connection, new: Passkey) -> bool:
    """A new passkey; False when one of this id is registered, whosever it is (WebAuthn level 2, 7.1, step 22)."""
    if connection.execute(select(passkey.c.id).where(passkey.c.id == new.id)).first() is not None:
        return False
    connection.execute(
        insert(passkey).values(
            id=new.id,
            account=new.account,
            public_key=new.public_key,
            sign_count=new.sign_count,
            created_at=new.created_at,
        )
    )
    return True


def of(connection: Connection, account: str) -> list[Passkey]:
    """The passkeys of an account, oldest first."""
    rows = connection.execute(select(*_PASSKEY).where(passkey.c.account == account).order_by(passkey.c.created_at))
    return [Passkey(*row) for row in rows]


def used(connection: Connection, id_: str, before: int, sign_count: int) -> bool:
    """Record a use; False when the key was used at the same time elsewhere: its count is not `before` any more."""
    done = connection.execute(
        update(passkey).where(passkey.c.id == id_, passkey.c.sign_count == before).values(sign_count=sign_count)
    )
    return done.rowcount == 1


def remove(connection: Connection, account: str, id_: str) -> bool:
    return connection.execute(passkey.delete().where(passkey.c.account == account, passkey.c.id == id_)).rowcount == 1
