"""The authority of whoever holds a lake's folder on this machine: de-identified facts, and no person."""

from __future__ import annotations

import datetime as dt

from bianque.model.authority import Authority, Purpose, Role
from bianque.model.organisation import HolderKind


def authority(at: dt.datetime) -> Authority:
    """Who may read the files of a lake may read what they say; a register knows nobody of this name."""
    return Authority(
        account="operator",
        organisation="",
        agency="",
        role=Role.OPERATOR,
        kind=HolderKind.COMMAND,
        at=at,
        purpose=Purpose.SITUATION_MONITORING,
    )


def now() -> Authority:
    """The same, at this moment: for a command line, which is its own clock."""
    return authority(dt.datetime.now(dt.UTC))
