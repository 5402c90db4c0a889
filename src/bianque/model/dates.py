"""Days and instants as they are written: one way each, so that they compare as texts."""

from __future__ import annotations

import datetime as dt


def iso_day(text: str) -> dt.date:
    """The day of a text of the form YYYY-MM-DD.

    raises  ValueError  for any other form, the other ones of ISO 8601 (20200124, 2020-W04-5) among them: one day has
            one name
    """
    day = dt.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"{text!r} is not of the form YYYY-MM-DD")
    return day


def instant(at: dt.datetime) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
