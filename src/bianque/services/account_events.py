"""What people do with their own accounts, on record: no rule decides on it, and every try is an event all the same."""

from __future__ import annotations

import datetime as dt

from bianque.model.account import Account, Act
from bianque.model.audit import Event
from bianque.model.decision import Outcome
from bianque.registry import audit
from bianque.registry.register import Transaction

UNKNOWN_LOGIN = "unknown-login"  # what was typed is not kept: it may be a password in the wrong field


def record(
    transaction: Transaction,
    account: Account | None,
    act: Act,
    at: dt.datetime,
    *,
    refused: str = "",
    session: str = "",
    reason: str = "",
) -> None:
    """Add the event of an act. `refused` is the rule that refused it; without one it was done."""
    done = Event(
        at=at.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        account=account.id if account else "",
        role=account.role if account else "",
        organisation=account.organisation if account else "",
        agency=account.agency if account else "",
        emergency="",
        purpose="",
        basis="",
        action=act,
        kind="account",
        resource=account.id if account else "",
        subject="",
        fields=(),
        outcome=Outcome.DENY if refused else Outcome.ALLOW,
        rule=refused or "own-account",
        reason=reason,
        session=session,
    )
    audit.append(transaction, [done])
