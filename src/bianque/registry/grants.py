"""Grants: leave for one account, and the history of it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.account import GivenGrant
from bianque.model.authority import Grant, Purpose
from bianque.registry.tables.accounts import account, account_grant


def add(connection: Connection, given: GivenGrant) -> None:
    grant = given.grant
    connection.execute(
        insert(account_grant).values(
            id=grant.id,
            account=given.account,
            emergency=grant.emergency,
            purpose=grant.purpose,
            basis=grant.basis,
            regions=json.dumps(grant.regions),
            starts=grant.starts,
            expires=grant.expires,
            reason=grant.reason,
            protected=grant.protected,
            given_by=given.given_by,
            given_by_organisation=given.given_by_organisation,
            given_at=given.given_at,
        )
    )


def find(connection: Connection, id_: str) -> GivenGrant | None:
    row = connection.execute(select(account_grant).where(account_grant.c.id == id_)).first()
    return _given(row) if row else None


def of(connection: Connection, holder: str) -> list[GivenGrant]:
    """Every grant an account ever had, newest first."""
    where = account_grant.c.account == holder
    rows = connection.execute(select(account_grant).where(where).order_by(account_grant.c.given_at.desc()))
    return [_given(row) for row in rows]


def listed(connection: Connection, agency: str, *, expires_by: dt.datetime | None = None) -> list[GivenGrant]:
    """The grants of an agency's accounts that are not revoked, by expiry; `expires_by` leaves later ones out."""
    asked = (
        select(account_grant)
        .join(account, account.c.id == account_grant.c.account)
        .where(account.c.agency == agency, account_grant.c.revoked_at.is_(None))
        .order_by(account_grant.c.expires)
    )
    if expires_by is not None:
        asked = asked.where(account_grant.c.expires <= expires_by)
    return [_given(row) for row in connection.execute(asked)]


def confirm(connection: Connection, id_: str, by: str) -> bool:
    """A second person's consent; False when another gave it, or the grant was revoked, meanwhile."""
    where = (
        account_grant.c.id == id_,
        account_grant.c.confirmed_by == "",
        account_grant.c.revoked_at.is_(None),
    )
    return connection.execute(update(account_grant).where(*where).values(confirmed_by=by)).rowcount == 1


def revoke(connection: Connection, id_: str, by: str, at: dt.datetime) -> bool:
    """False when it was revoked before."""
    where = (account_grant.c.id == id_, account_grant.c.revoked_at.is_(None))
    return connection.execute(update(account_grant).where(*where).values(revoked_at=at, revoked_by=by)).rowcount == 1


def _given(row: Row[Any]) -> GivenGrant:
    grant = Grant(
        id=row.id,
        emergency=row.emergency,
        purpose=Purpose(row.purpose),
        basis=row.basis,
        regions=tuple(json.loads(row.regions)),
        starts=row.starts,
        expires=row.expires,
        reason=row.reason,
        protected=row.protected,
    )
    return GivenGrant(
        grant=grant,
        account=row.account,
        given_by=row.given_by,
        given_at=row.given_at,
        given_by_organisation=row.given_by_organisation,
        confirmed_by=row.confirmed_by,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
    )
