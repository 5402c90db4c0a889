"""Notices: what the data-protection officer is told in the moment it happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    GLASS_BROKEN = "glass_broken"  # emergency access was opened
    ASSISTANCE_ASKED = "assistance_asked"  # of the police
    PROTECTION_ENDED = "protection_ended"
    DISPOSAL_PLANNED = "disposal_planned"


@dataclass(frozen=True, slots=True)
class Notice:
    """`about` is the id of what was done, `account` who did it."""

    id: str
    agency: str
    emergency: str
    kind: NoticeKind
    about: str
    account: str
    at: dt.datetime
    seen_by: str = ""
    seen_at: dt.datetime | None = None
