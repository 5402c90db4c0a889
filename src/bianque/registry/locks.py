"""Targets locked by a recorded risk rule. Every function works inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from bianque.registry.bulk import AT_ONCE
from bianque.registry.tables.releases import target_lock


@dataclass(frozen=True, slots=True)
class Lock:
    """Who locked a pseudonym as a target, by which rule, on which evidence."""

    pseudonym: str
    rule: str
    evidence: str
    locked_by: str
    organisation: str
    locked_at: dt.datetime


def add(connection: Connection, agency: str, emergency: str, locks: Sequence[Lock]) -> None:
    """New locks."""
    rows = [
        {
            "id": uuid.uuid4().hex,
            "agency": agency,
            "emergency": emergency,
            "pseudonym": lock.pseudonym,
            "rule": lock.rule,
            "evidence": lock.evidence,
            "locked_by": lock.locked_by,
            "organisation": lock.organisation,
            "locked_at": lock.locked_at,
        }
        for lock in locks
    ]
    connection.execute(insert(target_lock), rows)


def standing(connection: Connection, emergency: str, pseudonyms: Sequence[str]) -> dict[str, Lock]:
    """The locks that stand on some pseudonyms; of several on one, the newest."""
    found: dict[str, Lock] = {}
    for start in range(0, len(pseudonyms), AT_ONCE):
        some = target_lock.c.pseudonym.in_(pseudonyms[start : start + AT_ONCE])
        rows = connection.execute(
            select(target_lock)
            .where(target_lock.c.emergency == emergency, target_lock.c.lifted_at.is_(None), some)
            .order_by(target_lock.c.locked_at)
        )
        for row in rows:
            found[row.pseudonym] = Lock(
                row.pseudonym, row.rule, row.evidence, row.locked_by, row.organisation, row.locked_at
            )
    return found


def lift(connection: Connection, emergency: str, pseudonyms: Sequence[str], by: str, at: dt.datetime) -> int:
    """How many locks do not stand any more. They stay on record."""
    lifted = 0
    for start in range(0, len(pseudonyms), AT_ONCE):
        some = target_lock.c.pseudonym.in_(pseudonyms[start : start + AT_ONCE])
        lifted += connection.execute(
            update(target_lock)
            .where(target_lock.c.emergency == emergency, target_lock.c.lifted_at.is_(None), some)
            .values(lifted_by=by, lifted_at=at)
        ).rowcount
    return lifted
