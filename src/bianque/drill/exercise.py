"""The exercise: a province, its travel, its epidemic and its feeds, from one seed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from bianque.drill.epidemic import Epidemic, draw_epidemic
from bianque.drill.mobility import draw_flows
from bianque.drill.observe import Feeds, draw_feeds
from bianque.drill.province import Province, draw_province
from bianque.drill.scenario import Calendar
from bianque.drill.shapes import Ints
from bianque.model.errors import BadInput


@dataclass(frozen=True, slots=True)
class Exercise:
    """Everything of one exercise. `flows` is days × counties × counties, persons, origin before destination."""

    seed: int
    calendar: Calendar
    province: Province
    flows: Ints
    epidemic: Epidemic
    feeds: Feeds


def draw_exercise(*, seed: int, days: int, start: dt.date) -> Exercise:
    """The exercise of a seed: the same seed, days and start give the same exercise.

    With more days it begins with the same days. Each part draws from a stream of its own, so that what is added to one
    part later leaves the others as they are.

    raises  BadInput  when the seed is negative or the number of days is out of range
    """
    if seed < 0:
        raise BadInput(f"seed {seed} is negative", remedy="give a whole number from 0 up")
    calendar = Calendar(start, days)
    land, travel, disease, surveillance = (
        np.random.Generator(np.random.PCG64(stream)) for stream in np.random.SeedSequence(seed).spawn(4)
    )
    province = draw_province(land)
    flows = draw_flows(province, calendar, travel)
    epidemic = draw_epidemic(province.population, flows, calendar, disease)
    return Exercise(
        seed=seed,
        calendar=calendar,
        province=province,
        flows=flows,
        epidemic=epidemic,
        feeds=draw_feeds(province, epidemic, calendar, surveillance),
    )
