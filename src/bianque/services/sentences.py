"""The sentence a section opens with: how many signals, and whether the data can be trusted today."""

from __future__ import annotations

from bianque.model import catalogue
from bianque.model.situation import Situation
from bianque.services import numerals


def signals(situation: Situation, count: int, language: str) -> str:
    """How many counts of the last week were above what history explains."""
    key = "signals_none" if count == 0 else "signals_one" if count == 1 else "signals_some"
    return catalogue.text(key, language, count=count, day=numerals.day(situation.last_date, language))


def quality(situation: Situation, language: str) -> str:
    """How many feeds are late, and how many rows could not be used."""
    late = sum(feed.late for feed in situation.feeds)
    return catalogue.text(
        "quality_late" if late else "quality_on_time",
        language,
        feeds=len(situation.feeds),
        late=late,
        rows=numerals.number(sum(feed.quarantined for feed in situation.feeds)),
    )
