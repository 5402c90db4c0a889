"""Mobility: how many people travel from county to county each day?

Gravity with exponential decay, fitted to commuting in 29 countries (Balcan et al. 2009, PNAS 106:21484), made
symmetric because who travels also returns; on it a weekday pattern, a holiday that empties the capital and fills it
again, and a cut of the capital's travel.
"""

from __future__ import annotations

import numpy as np

from bianque.drill import scenario
from bianque.drill.province import Province
from bianque.drill.scenario import Calendar
from bianque.drill.shapes import Floats, Ints

ORIGIN_EXPONENT, DESTINATION_EXPONENT = 0.46, 0.64  # Balcan et al. 2009, distances below 300 km
DECAY_KM = 82.0  # same source
TRIPS_PER_RESIDENT = 0.015  # trips out of the own county a day, province-wide; chosen for the exercise
WEEKDAY = (1.00, 0.94, 0.95, 0.98, 1.16, 1.05, 1.10)  # Monday first; chosen: Friday out, Sunday back
HOLIDAY_OUT, HOLIDAY_BACK, HOLIDAY_STILL = 1.9, 1.7, 0.7  # factors on travel; chosen
PAIR_NOISE_SD = 0.10  # of the log of a pair's daily volume, beyond counting noise


def gravity(population: Ints, distances: Floats) -> Floats:
    """Mean travellers a day on an ordinary day: counties × counties, origin first, zero on the diagonal."""
    size = population.astype(np.float64)
    pull = np.outer(size**ORIGIN_EXPONENT, size**DESTINATION_EXPONENT) * np.exp(-distances / DECAY_KM)
    both_ways = pull + pull.T
    np.fill_diagonal(both_ways, 0)
    return np.asarray(both_ways * (TRIPS_PER_RESIDENT * size.sum() / both_ways.sum()))


def daily_factors(calendar: Calendar, counties: int) -> Floats:
    """What multiplies the ordinary day: days × counties × counties."""
    factors = np.ones((calendar.days, counties, counties))
    for day in range(calendar.days):
        factors[day] *= WEEKDAY[calendar.weekday(day)]
        if _within(day, scenario.HOLIDAY_OUT_DAYS):
            factors[day, 0, :] *= HOLIDAY_OUT
        elif _within(day, scenario.HOLIDAY_STILL_DAYS):
            factors[day] *= HOLIDAY_STILL
        elif _within(day, scenario.HOLIDAY_BACK_DAYS):
            factors[day, :, 0] *= HOLIDAY_BACK
        if day >= scenario.TRAVEL_CUT_DAY:
            factors[day, 0, :] *= scenario.TRAVEL_CUT
            factors[day, :, 0] *= scenario.TRAVEL_CUT
    return factors


def draw_flows(province: Province, calendar: Calendar, rng: np.random.Generator) -> Ints:
    """Travellers of each day: days × counties × counties, persons, origin before destination."""
    mean = gravity(province.population, province.distances) * daily_factors(calendar, len(province.regions))
    flows = np.zeros(mean.shape, dtype=np.int64)
    for day in range(calendar.days):  # day by day, so that a longer exercise begins with the shorter one
        noise = np.exp(rng.normal(-(PAIR_NOISE_SD**2) / 2, PAIR_NOISE_SD, mean.shape[1:]))
        flows[day] = rng.poisson(mean[day] * noise)
    return flows


def _within(day: int, period: tuple[int, int]) -> bool:
    return period[0] <= day < period[1]
