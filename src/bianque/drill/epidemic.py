"""The epidemic: who is infected where and when?  This is the truth the feeds are made from.

A renewal process on counties. An infected person has a negative binomial number of infectees with mean R and
dispersion k (Lloyd-Smith et al. 2005, Nature 438:355), spread over the following days by the generation time, of which
a part falls to the counties people travel to. R follows the measures; every county acts for itself some time after
infections there pass a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bianque.drill import scenario
from bianque.drill.delays import delayed, gamma_days, lognormal_days
from bianque.drill.scenario import Calendar
from bianque.drill.shapes import Floats, Ints

# Serial interval, taken for the generation time: 18 most certain pairs (Nishiura, Linton and Akhmetzhanov 2020,
# Int J Infect Dis 93:284).
SERIAL_INTERVAL_MEAN, SERIAL_INTERVAL_SD = 4.7, 2.9  # days
GENERATION_DAYS_MAX = 21
BASIC_REPRODUCTION = 2.2  # Li et al. 2020, N Engl J Med 382:1199
DISPERSION = 0.43  # k; Adam et al. 2020, Nat Med 26:1714
INCUBATION_LOG_MEAN, INCUBATION_LOG_SD = 1.621, 0.418  # log days; Lauer et al. 2020, Ann Intern Med 172:577
INCUBATION_DAYS_MAX = 21
SYMPTOMATIC = 0.80  # of infections; Buitrago-Garcia et al. 2020, PLoS Med 17:e1003346
STAY_DAYS = 2.0  # days a traveller spends away, in which he infects there instead of at home; chosen
COUNTY_LOG_SD = 0.18  # sd of the log of a county's factor on R; chosen
# A county acts by itself some days after its infections reach a number: infection to report takes about ten days,
# deciding the rest. The days and the factor on R are drawn for each county: not all are quick or strict. Chosen.
LOCAL_TRIGGER = 40  # infections since day 0
LOCAL_REACTION_DAYS = (9, 16)
LOCAL_FACTOR = (0.35, 0.60)


@dataclass(frozen=True, slots=True)
class Epidemic:
    """The truth. Every array is days × counties, except where said.

    infections    by day of infection;  imported: those infected from outside the county, by a visit there or here
    onsets        by day of first symptoms; infections without symptoms have none
    reproduction  instantaneous R: infectees an infection would have if the day's conditions lasted
    pressure      infectiousness present: past infections weighted with the generation time, where the people are.
                  The mean of the day's infections is reproduction × pressure, without those from outside the province
    acting        day each county's own measure begins, −1 where it does not: counties
    seeded        day of each county's first infection, −1 where there is none: counties
    """

    infections: Ints
    imported: Ints
    onsets: Ints
    reproduction: Floats
    pressure: Floats
    acting: Ints
    seeded: Ints

    def province_reproduction(self) -> Floats:
        """R of the province: the counties' R weighted with their pressure. NaN before the first infection."""
        weight = self.pressure.sum(axis=1)
        total = (self.reproduction * self.pressure).sum(axis=1)
        return np.asarray(np.divide(total, weight, out=np.full(weight.shape, np.nan), where=weight > 0))


@dataclass(frozen=True, slots=True)
class _Conduct:
    """How counties differ: factor on R, days from trigger to own measure, factor of that measure. Each of counties."""

    factor: Floats
    reaction: Ints
    measure: Floats


def generation_time() -> Floats:
    """Probabilities of 0, 1, 2, … days from an infection to those it causes; day 0 has none."""
    return gamma_days(SERIAL_INTERVAL_MEAN, SERIAL_INTERVAL_SD, GENERATION_DAYS_MAX, first=1)


def incubation() -> Floats:
    """Probabilities of 0, 1, 2, … days from infection to first symptoms; day 0 has none."""
    return lognormal_days(INCUBATION_LOG_MEAN, INCUBATION_LOG_SD, INCUBATION_DAYS_MAX, first=1)


def draw_epidemic(population: Ints, flows: Ints, calendar: Calendar, rng: np.random.Generator) -> Epidemic:
    """The epidemic that starts in the capital and travels with the flows (days × counties × counties, persons)."""
    conduct_rng, spill_rng, infection_rng, symptom_rng, onset_rng = rng.spawn(5)
    conduct = _conduct(len(population), conduct_rng)
    generation = generation_time()
    shape = (calendar.days, len(population))
    infections, imported = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    reproduction, pressure = np.zeros(shape), np.zeros(shape)
    acting = np.full(len(population), calendar.days, dtype=np.int64)
    acting[0] = scenario.CAPITAL_DAY
    for day in range(calendar.days):
        total = infections[:day].sum(axis=0)
        acting = np.where(total >= LOCAL_TRIGGER, np.minimum(acting, day + conduct.reaction), acting)
        reproduction[day] = _reproduction(day, conduct, acting, 1 - total / population)
        past = infections[max(0, day - GENERATION_DAYS_MAX) : day][::-1]
        staying, arriving = _travel(np.einsum("d,dc->c", generation[1 : len(past) + 1], past), flows[day], population)
        pressure[day] = staying + arriving
        from_here = _infectees(staying, reproduction[day], infection_rng)
        imported[day] = _infectees(arriving, reproduction[day], infection_rng)
        if day < scenario.SPILLOVER_DAYS:
            imported[day, 0] += spill_rng.poisson(scenario.SPILLOVER_PER_DAY)
        infections[day] = np.minimum(from_here + imported[day], population - total)
        imported[day] = np.minimum(imported[day], infections[day])
    symptomatic = symptom_rng.binomial(infections, SYMPTOMATIC)
    return Epidemic(
        infections=infections,
        imported=imported,
        onsets=delayed(symptomatic, incubation(), onset_rng),
        reproduction=reproduction,
        pressure=pressure,
        acting=np.where(acting < calendar.days, acting, -1),
        seeded=np.where(infections.any(axis=0), np.argmax(infections > 0, axis=0), -1),
    )


def _conduct(counties: int, rng: np.random.Generator) -> _Conduct:
    factor = np.exp(rng.normal(0, COUNTY_LOG_SD, counties))
    reaction = rng.integers(LOCAL_REACTION_DAYS[0], LOCAL_REACTION_DAYS[1] + 1, counties)
    measure = rng.uniform(*LOCAL_FACTOR, counties)
    # The capital sets the size of the exercise: it follows the timetable alone, so that no seed is far out of scale.
    factor[0], reaction[0], measure[0] = 1.0, scenario.DAYS_MAX, scenario.CAPITAL_FACTOR
    return _Conduct(factor, reaction, measure)


def _reproduction(day: int, conduct: _Conduct, acting: Ints, susceptible: Floats) -> Floats:
    province = math.prod(measure.factor for measure in scenario.MEASURES if day >= measure.day)
    own = np.where(day >= acting, conduct.measure, 1.0)
    return np.asarray(BASIC_REPRODUCTION * province * conduct.factor * own * susceptible)


def _travel(infectious: Floats, flows: Ints, population: Ints) -> tuple[Floats, Floats]:
    """Infectiousness that stays in its county, and that arrives in each from the others; together all there is.

    As many return as leave, so half of the travellers from i to j visit j and half come home from i. Both bring what
    circulates in i: the share of i's infectiousness that falls to j is all travellers × days of stay / residents of i.
    """
    away = STAY_DAYS * flows / population[:, None]
    away = away / np.maximum(1, 2 * away.sum(axis=1, keepdims=True))  # at most half, however small the county
    return infectious * (1 - away.sum(axis=1)), (infectious[:, None] * away).sum(axis=0)


def _infectees(pressure: Floats, reproduction: Floats, rng: np.random.Generator) -> Ints:
    """Negative binomial with mean R × pressure and dispersion k × pressure: the sum over that many infected."""
    rate = rng.standard_gamma(DISPERSION * pressure) * reproduction / DISPERSION
    return rng.poisson(rate).astype(np.int64)
