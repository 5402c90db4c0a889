"""How a case is classified."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Case classification, as in the WHO case definitions."""

    SUSPECTED = "suspected"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
