"""Notices in the register."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bianque.model.authority import Authority
from bianque.model.notice import Notice, NoticeKind
from bianque.registry.tables.notices import notice


def tell(connection: Connection, authority: Authority, kind: NoticeKind, about: str) -> None:
    """A notice in the transaction of what it tells about: neither is there without the other."""
    connection.execute(
        insert(notice).values(
            id=uuid.uuid4().hex,
            agency=authority.agency,
            emergency=authority.emergency_id,
            kind=kind,
            about=about,
            account=authority.account,
            at=authority.at,
        )
    )


def unseen(connection: Connection, authority: Authority) -> list[Notice]:
    """Those of the authority's agency that nobody has acknowledged, of all emergencies, oldest first."""
    rows = connection.execute(
        select(notice)
        .where(notice.c.agency == authority.agency, notice.c.seen_at.is_(None))
        .order_by(notice.c.at, notice.c.id)
    )
    return [_notice(row) for row in rows]


def seen(connection: Connection, authority: Authority, about: str, at: dt.datetime) -> int:
    """Acknowledge the notices about something; how many there were."""
    return connection.execute(
        update(notice)
        .where(notice.c.agency == authority.agency, notice.c.about == about, notice.c.seen_at.is_(None))
        .values(seen_by=authority.account, seen_at=at)
    ).rowcount


def _notice(row: Row[Any]) -> Notice:
    kind = NoticeKind(row.kind)
    return Notice(row.id, row.agency, row.emergency, kind, row.about, row.account, row.at, row.seen_by, row.seen_at)
