"""Deadlines: by which day is a data subject to be answered, and which law says so?"""

from __future__ import annotations

import calendar
import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import Field, model_validator

from bianque.model.errors import BadInput
from bianque.model.text import Strict, Text


class Deadline(Strict):
    """What one law says, in months or days from the receipt of the request."""

    id: str = Field(description="id of the deadline")
    law: Text = Field(description="name of the law")
    article: str = Field(description="article")
    months: Annotated[int, Field(ge=0)] = 0
    days: Annotated[int, Field(ge=0)] = 0
    configured: bool = Field(default=False, description='the law says "in time", and the days are ours')
    source: str = Field(description="where it was published, and when it came into force")

    @model_validator(mode="after")
    def _one_period(self) -> Self:
        if bool(self.months) == bool(self.days):
            raise ValueError(f"deadline {self.id}: give months or days")
        return self

    def due(self, received: dt.date) -> dt.date:
        """The last day to answer what was received on a day.

        A month ends on the day with the same number, or on the last of a shorter month (Regulation (EEC, Euratom)
        No 1182/71, art. 3(2)(c)).
        """
        if self.days:
            return received + dt.timedelta(days=self.days)
        months = received.year * 12 + received.month - 1 + self.months
        year, month = months // 12, months % 12 + 1
        return dt.date(year, month, min(received.day, calendar.monthrange(year, month)[1]))


@cache
def deadlines() -> tuple[Deadline, ...]:
    """Every deadline, in the order of the file."""
    read = tomllib.loads(files("bianque.safeguard").joinpath("deadlines.toml").read_text("utf-8"))
    return tuple(Deadline.model_validate(entry) for entry in read["deadline"])


def deadline(id_: str) -> Deadline:
    """The deadline of an id, as a request that was received has it.

    raises  BadInput  when there is none any more
    """
    for one in deadlines():
        if one.id == id_:
            return one
    raise BadInput(
        f"no deadline is called {id_}",
        kept="the requests that were received under it",
        remedy="put the law back into safeguard/deadlines.toml: a law stays there as long as a request names it",
    )


def earliest(received: dt.date) -> tuple[dt.date, Deadline]:
    """The last day to answer, and the deadline that sets it: the earliest of all."""
    return min(((one.due(received), one) for one in deadlines()), key=lambda pair: pair[0])
