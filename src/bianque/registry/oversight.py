"""The audit as it is read: which events, newest first. Whoever reads them passed the gate, which is an event too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from bianque.model.decision import Outcome
from bianque.registry.audit import Link, link
from bianque.registry.tables.audit import audit_event

ROWS_HELD = 1_000  # of the audit, at once


def events(
    connection: Connection,
    *,
    since: dt.datetime | None = None,
    account: str | None = None,
    actions: Collection[str] | None = None,
    refused: bool | None = None,
    rule: str | None = None,
    limit: int = 100,
) -> list[Link]:
    """Events that fit every part that is given, newest first. `refused`: those that ended in a no, or did not."""
    asked = select(audit_event).order_by(audit_event.c.number.desc())
    if rule is None:  # the rule stands in the event itself, where the database does not look
        asked = asked.limit(limit)
    if since is not None:
        asked = asked.where(audit_event.c.at >= _text(since))
    if account is not None:
        asked = asked.where(audit_event.c.account == account)
    if actions is not None:
        asked = asked.where(audit_event.c.action.in_(actions))
    if refused is not None:
        denied = audit_event.c.outcome == Outcome.DENY
        asked = asked.where(denied if refused else ~denied)
    rows = connection.execute(asked.execution_options(yield_per=ROWS_HELD))
    found = (link(row.number, row.event, row.hash) for row in rows)
    return list(islice((one for one in found if rule in (None, one.event.rule)), limit))


@dataclass(frozen=True, slots=True)
class Refusals:
    """What one rule refused one account at one action: how often, since when, and the last time."""

    count: int
    first: str
    last: Link


def refusals(connection: Connection, since: dt.datetime) -> list[Refusals]:
    """Every refusal since a moment, gathered by account, action and rule; the line with the newest one first."""
    denied = (audit_event.c.at >= _text(since)) & (audit_event.c.outcome == Outcome.DENY)
    asked = select(audit_event).where(denied).order_by(audit_event.c.number)
    found: dict[tuple[str, str, str], Refusals] = {}
    for row in connection.execute(asked.execution_options(yield_per=ROWS_HELD)):
        one = link(row.number, row.event, row.hash)
        key = (one.event.account, one.event.action, one.event.rule)
        before = found.get(key)
        found[key] = Refusals(before.count + 1 if before else 1, before.first if before else one.event.at, one)
    return sorted(found.values(), key=lambda line: line.last.number, reverse=True)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many accounts read how many persons, and how many attempts were refused."""

    readers: int
    subjects: int
    refused: int


def totals(connection: Connection, since: dt.datetime, reading: Collection[str]) -> Totals:
    """Over the events since a moment; `reading` are the actions by which a person is read."""
    recent = audit_event.c.at >= _text(since)
    read = recent & audit_event.c.action.in_(reading) & audit_event.c.outcome.in_((Outcome.ALLOW, Outcome.ALLOW_MASKED))
    counted = select(func.count(audit_event.c.account.distinct()), func.count(audit_event.c.subject.distinct())).where(
        read & (audit_event.c.subject != "")
    )
    readers, subjects = connection.execute(counted).one()
    refused = select(func.count()).where(recent, audit_event.c.outcome == Outcome.DENY)
    return Totals(readers, subjects, connection.execute(refused).scalar_one())


def _text(at: dt.datetime) -> str:
    """A moment as events write it."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
