"""The feeds: what does a surveillance system see of the truth?  Late, incompletely, and with noise of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bianque.drill import scenario
from bianque.drill.delays import delayed, gamma_days, mean_days
from bianque.drill.epidemic import Epidemic
from bianque.drill.province import Province
from bianque.drill.scenario import Calendar
from bianque.drill.shapes import Floats, Ints

TESTED, CLINICAL = 0.50, 0.20  # of symptomatic infections: confirmed by test; diagnosed clinically only; chosen
# Onset to report: within the 5–9 days from onset to hospital of Linton et al. 2020, J Clin Med 9:538.
REPORT_MEAN, REPORT_SD, REPORT_DAYS_MAX = 5.0, 3.0, 25  # days
# Of what is due, Monday first; the rest waits for the next day. Chosen.
REPORTED_THE_SAME_DAY = (0.97, 0.97, 0.97, 0.97, 0.97, 0.75, 0.68)
CASE_FATALITY = 0.023  # Wu and McGoogan 2020, JAMA 323:1239
# Report to death: the median 17 days from onset to death of Linton et al. 2020, less the 5 from onset to report.
DEATH_MEAN, DEATH_SD, DEATH_DAYS_MAX = 12.0, 7.0, 60

TERMS = ("fever", "cough", "pneumonia", "mask")
SEARCHES_PER_100K = {"fever": 26.0, "cough": 40.0, "pneumonia": 5.0, "mask": 10.0}  # on an ordinary day; chosen
SEARCHES_PER_ONSET = {"fever": 4.0, "cough": 3.0, "pneumonia": 1.5, "mask": 1.0}  # by the ill and those around; chosen
SEARCH_DELAY = np.array([0.35, 0.30, 0.20, 0.10, 0.05])  # of the searches 0, 1, … days after onset; chosen
SEARCH_WEEKDAY = (1.03, 1.01, 1.00, 1.00, 0.98, 0.96, 1.02)  # Monday first; chosen
SEARCH_COUNTY_SD, SEARCH_DAY_SD = 0.20, 0.04  # sd of logs: how much a county searches; what moves a day; chosen
SEARCH_DISPERSION = 60.0  # of the negative binomial of a county's day; chosen

VISITS_PER_100K = 8.0  # fever-clinic visits for other causes on an ordinary day; chosen
VISITING = 0.55  # of symptomatic infections; chosen
VISIT_MEAN, VISIT_SD, VISIT_DAYS_MAX = 2.0, 1.5, 12  # days from onset; chosen
VISIT_WEEKDAY = (1.15, 1.05, 1.00, 1.00, 1.00, 0.90, 0.90)  # Monday first; chosen
VISIT_COUNTY_SD, VISIT_DISPERSION = 0.20, 60.0  # as for searches; chosen


@dataclass(frozen=True, slots=True)
class Feeds:
    """What is written. Every array is days × counties.

    confirmed, deaths  cumulative, persons
    searches           term → searches of the day
    visits             fever-clinic visits of the day
    backlog            clinically diagnosed cases counted in one day by the definition change: counties
    """

    confirmed: Ints
    deaths: Ints
    searches: dict[str, Ints]
    visits: Ints
    backlog: Ints


def draw_feeds(province: Province, epidemic: Epidemic, calendar: Calendar, rng: np.random.Generator) -> Feeds:
    """Case counts, searches and visits as the systems of the province would give them out."""
    case_rng, death_rng, search_rng, visit_rng = rng.spawn(4)
    daily, backlog = _reports(epidemic.onsets, calendar, case_rng)
    dying, delay = death_rng.spawn(2)
    deaths = delayed(dying.binomial(daily, CASE_FATALITY), death_delay(), delay)
    return Feeds(
        confirmed=np.cumsum(daily, axis=0),
        deaths=np.cumsum(deaths, axis=0),
        searches=_searches(province.population, epidemic.onsets, calendar, search_rng),
        visits=_visits(province.population, epidemic.onsets, calendar, visit_rng),
        backlog=backlog,
    )


def report_delay() -> Floats:
    """Probabilities of 0, 1, 2, … days from onset until a case is due for its report."""
    return gamma_days(REPORT_MEAN, REPORT_SD, REPORT_DAYS_MAX)


def death_delay() -> Floats:
    """Probabilities of 0, 1, 2, … days from report to death; day 0 has none."""
    return gamma_days(DEATH_MEAN, DEATH_SD, DEATH_DAYS_MAX, first=1)


def visit_delay() -> Floats:
    """Probabilities of 0, 1, 2, … days from onset to a visit of the fever clinic."""
    return gamma_days(VISIT_MEAN, VISIT_SD, VISIT_DAYS_MAX)


def lead_days() -> dict[str, float]:
    """By how many days searches and visits come before the report of the same cases, on average, weekends aside."""
    report = mean_days(report_delay())
    return {"searches": report - mean_days(SEARCH_DELAY), "fever_clinic": report - mean_days(visit_delay())}


def _reports(onsets: Ints, calendar: Calendar, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Cases reported each day, and the backlog counted on the day of the definition change."""
    split, tested_delay, clinical_delay, tested_desk, clinical_desk = rng.spawn(5)
    kinds = split.multinomial(onsets, [TESTED, CLINICAL, 1 - TESTED - CLINICAL])
    tested = _over_weekends(delayed(kinds[..., 0], report_delay(), tested_delay), calendar, tested_desk)
    clinical = _over_weekends(delayed(kinds[..., 1], report_delay(), clinical_delay), calendar, clinical_desk)
    change = scenario.DEFINITION_CHANGE_DAY
    backlog = clinical[:change].sum(axis=0)
    clinical[:change] = 0
    if calendar.days > change:
        clinical[change] += backlog
    return tested + clinical, backlog


def _over_weekends(due: Ints, calendar: Calendar, rng: np.random.Generator) -> Ints:
    """What is reported each day when a part of what is due waits for the next day, at weekends a larger one."""
    reported = np.zeros_like(due)
    waiting = np.zeros_like(due[0])
    for day in range(calendar.days):
        waiting = waiting + due[day]
        reported[day] = rng.binomial(waiting, REPORTED_THE_SAME_DAY[calendar.weekday(day)])
        waiting = waiting - reported[day]
    return reported


def _searches(population: Ints, onsets: Ints, calendar: Calendar, rng: np.random.Generator) -> dict[str, Ints]:
    """Searches of each term: the usual ones, those that news events cause, those of the ill and the people around."""
    hundred_thousands = population / 1e5
    weekday = np.array([SEARCH_WEEKDAY[calendar.weekday(day)] for day in range(calendar.days)])
    after_onset = _spread(onsets, SEARCH_DELAY)
    searches = {}
    for term, term_rng in zip(TERMS, rng.spawn(len(TERMS)), strict=True):
        county_rng, day_rng, count_rng = term_rng.spawn(3)
        habit = np.exp(county_rng.normal(0, SEARCH_COUNTY_SD, population.size))
        mood = np.exp(day_rng.normal(0, SEARCH_DAY_SD, calendar.days))
        usual = SEARCHES_PER_100K[term] * weekday * mood + media_attention(term, calendar.days)
        mean = usual[:, None] * habit * hundred_thousands + SEARCHES_PER_ONSET[term] * after_onset
        searches[term] = _counts(mean, SEARCH_DISPERSION, count_rng)
    return searches


def media_attention(term: str, days: int) -> Floats:
    """Searches per 100,000 residents that news events add on each day."""
    day = np.arange(days)
    added = np.zeros(days)
    for news in scenario.NEWS:
        since = day - news.day
        added += np.where(since >= 0, news.searches[term] * 0.5 ** (since / scenario.NEWS_HALF_LIFE_DAYS), 0)
    return added


def _visits(population: Ints, onsets: Ints, calendar: Calendar, rng: np.random.Generator) -> Ints:
    """Fever-clinic visits: those for other causes and those of the epidemic."""
    county_rng, count_rng = rng.spawn(2)
    weekday = np.array([VISIT_WEEKDAY[calendar.weekday(day)] for day in range(calendar.days)])
    habit = np.exp(county_rng.normal(0, VISIT_COUNTY_SD, population.size))
    usual = VISITS_PER_100K * weekday[:, None] * habit * (population / 1e5)
    return _counts(usual + VISITING * _spread(onsets, visit_delay()), VISIT_DISPERSION, count_rng)


def _spread(counts: Ints, probabilities: Floats) -> Floats:
    """Expected counts on later days: a convolution along the days."""
    spread = np.zeros(counts.shape)
    for lag, probability in enumerate(probabilities):
        if lag < len(counts):
            spread[lag:] += probability * counts[: len(counts) - lag]
    return spread


def _counts(mean: Floats, dispersion: float, rng: np.random.Generator) -> Ints:
    """Negative binomial counts, drawn day by day."""
    counts = np.zeros(mean.shape, dtype=np.int64)
    for day, expected in enumerate(mean):
        counts[day] = rng.poisson(expected * rng.standard_gamma(dispersion, expected.shape) / dispersion)
    return counts
