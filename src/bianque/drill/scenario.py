"""The scenario: what happens on which day?  Days count from 0, the first day of the exercise.

The timetable does not depend on how long the exercise is, so a longer one begins with the shorter one, and a team can
be handed the days to come.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model.errors import BadInput
from bianque.model.text import Text

DAYS_MIN, DAYS_MAX = 21, 365  # a shorter one shows no cases to speak of; a longer one leaves the plausible


@dataclass(frozen=True, slots=True)
class Measure:
    """A province-wide measure: from this day on every reproduction number is multiplied by `factor`."""

    day: int
    factor: float
    name: Text


@dataclass(frozen=True, slots=True)
class News:
    """A news event: searches per 100,000 residents that it adds on its first day; the effect halves from there.

    `local` says whether it is about this outbreak. The one that is not moves searches where there is no case.
    """

    day: int
    searches: dict[str, float]
    local: bool
    name: Text


SPILLOVER_DAYS = 10  # days 0–9
SPILLOVER_PER_DAY = 4.0  # infections in the capital from outside; enough that extinction plays no part

MEASURES = (
    Measure(22, 0.75, Text(zh="全省发布公众健康提示", en="Public health advice for the whole province")),
    Measure(72, 0.60, Text(zh="全省限制聚集", en="Gatherings limited in the whole province")),
)

CAPITAL_DAY, CAPITAL_FACTOR = 26, 0.50  # the capital's own measure, as a factor on its R
# The holiday wave leaves the capital before its travel is cut, and part of it cannot come back.
HOLIDAY_OUT_DAYS = (15, 22)  # first day, first day after
HOLIDAY_STILL_DAYS = (22, 28)
HOLIDAY_BACK_DAYS = (28, 36)
TRAVEL_CUT_DAY, TRAVEL_CUT = 28, 0.35  # what is left of travel from and to the capital

DEFINITION_CHANGE_DAY = 40

NEWS_HALF_LIFE_DAYS = 1.5
NEWS = (
    News(
        9,
        {"fever": 18.0, "cough": 14.0, "pneumonia": 60.0, "mask": 45.0},
        local=False,
        name=Text(zh="外省肺炎疫情的报道", en="Reports about pneumonia in another province"),
    ),
    News(
        22,
        {"fever": 30.0, "cough": 22.0, "pneumonia": 70.0, "mask": 160.0},
        local=True,
        name=Text(zh="全省健康提示的报道", en="Reports about the public health advice"),
    ),
    News(
        40,
        {"fever": 12.0, "cough": 8.0, "pneumonia": 45.0, "mask": 20.0},
        local=True,
        name=Text(zh="病例定义变更的报道", en="Reports about the new case definition"),
    ),
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one exercise."""

    start: dt.date
    days: int

    def __post_init__(self) -> None:
        if not DAYS_MIN <= self.days <= DAYS_MAX:
            raise BadInput(
                f"an exercise of {self.days} days cannot be made",
                remedy=f"give a number of days from {DAYS_MIN} to {DAYS_MAX}",
            )
        if self.start > dt.date.max - dt.timedelta(days=self.days):
            raise BadInput(f"{self.days} days from {self.start} leave the calendar", remedy="give an earlier start")

    def date(self, day: int) -> dt.date:
        return self.start + dt.timedelta(days=day)

    def weekday(self, day: int) -> int:
        """0 is Monday."""
        return self.date(day).weekday()
