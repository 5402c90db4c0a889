"""How the follow-up of a person ends."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of somebody who was followed up."""

    COMPLETED = "completed"
    BECAME_CASE = "became_case"
    MOVED = "moved"
    LOST_TO_FOLLOW_UP = "lost_to_follow_up"
