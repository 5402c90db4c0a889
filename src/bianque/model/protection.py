"""Protected persons: who is in danger when their record is read?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Because(StrEnum):
    WITNESS = "witness"
    SHELTER = "shelter"
    THREATENED = "threatened"


@dataclass(frozen=True, slots=True)
class Protection:
    """The protection of one record: who put it on, who asked to take it off, and who else took it off."""

    id: str
    person: str
    because: Because
    put_on_by: str
    put_on_at: dt.datetime
    off_asked_by: str = ""
    off_asked_at: dt.datetime | None = None
    off_reason: str = ""
    off_by: str = ""
    off_at: dt.datetime | None = None
