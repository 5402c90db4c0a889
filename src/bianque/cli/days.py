"""Days on the command line: one form, YYYY-MM-DD, and the day of whoever types."""

from __future__ import annotations

import datetime as dt

from bianque.model.dates import iso_day
from bianque.model.errors import BadInput


def this_day() -> dt.date:
    """The calendar day of whoever types: at seven in the morning in Beijing, UTC is still on the day before."""
    return dt.date.today()  # noqa: DTZ011  no time zone is meant


def day(text: str, option: str) -> dt.date:
    """The day an option was given.

    raises  BadInput  when it is none
    """
    try:
        return iso_day(text)
    except ValueError as cause:
        raise BadInput(f"{option} {text!r} is no date", remedy="write it as YYYY-MM-DD") from cause


def day_that_came(text: str | None, option: str, today: dt.date) -> dt.date | None:
    """A day that has come: nobody knows yet what will be known on a later one. None where the option was left out.

    raises  BadInput  when it is no day, or in the future
    """
    if text is None:
        return None
    given = day(text, option)
    if given > today:
        raise BadInput(
            f"{option} {given} is in the future: today is {today}",
            kept="nothing was changed",
            remedy=f"give a day up to {today}, or leave {option} out",
        )
    return given
