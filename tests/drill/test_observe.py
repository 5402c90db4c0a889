"""The feeds show the truth late, incompletely and with noise, and never more than it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray

from bianque.drill import Exercise, draw_exercise, observe
from bianque.drill.scenario import DEFINITION_CHANGE_DAY

from .conftest import START

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def wave() -> Exercise:
    """120 days: the epidemic goes up and down again, so that a lead can be seen."""
    return draw_exercise(seed=7, days=120, start=START)


def week_means(counts: NDArray[np.int64]) -> Floats:
    return np.convolve(counts.sum(axis=1).astype(np.float64), np.full(7, 1 / 7), "valid")


def best_lead(signal: Floats, cases: Floats) -> int:
    """The lag, in days from −14 to 14, at which the signal is most correlated with later cases."""

    def correlation(lead: int) -> float:
        early, late = (signal[: len(signal) - lead], cases[lead:]) if lead >= 0 else (signal[-lead:], cases[:lead])
        return float(np.corrcoef(early, late)[0, 1])

    return max(range(-14, 15), key=correlation)


def new_cases_without_the_backlog(exercise: Exercise) -> NDArray[np.int64]:
    new = np.diff(exercise.feeds.confirmed, axis=0, prepend=0)
    new[DEFINITION_CHANGE_DAY] -= exercise.feeds.backlog
    return new


def test_cumulative_counts_never_fall_and_never_exceed_the_truth(exercise: Exercise) -> None:
    feeds, truth = exercise.feeds, exercise.epidemic
    for counts in (feeds.confirmed, feeds.deaths):
        assert (np.diff(counts, axis=0, prepend=0) >= 0).all()
    assert (feeds.confirmed <= np.cumsum(truth.onsets, axis=0)).all()
    assert (np.cumsum(truth.onsets, axis=0) <= np.cumsum(truth.infections, axis=0)).all()
    assert (feeds.deaths <= feeds.confirmed).all()


def test_searches_and_fever_clinic_visits_come_before_the_cases(wave: Exercise) -> None:
    cases = week_means(new_cases_without_the_backlog(wave))
    for term in ("fever", "cough"):
        assert 2 <= best_lead(week_means(wave.feeds.searches[term]), cases) <= 8
    assert 2 <= best_lead(week_means(wave.feeds.visits), cases) <= 5


def test_the_leads_follow_from_the_delays() -> None:
    """Mean report 5.0 days after onset, search 1.2 days, fever clinic 2.0 days."""
    assert observe.lead_days() == pytest.approx({"searches": 3.8, "fever_clinic": 3.0}, abs=0.1)


def test_the_definition_change_shows_as_a_jump_of_one_day(exercise: Exercise) -> None:
    new = np.diff(exercise.feeds.confirmed.sum(axis=1), prepend=0)
    day, backlog = DEFINITION_CHANGE_DAY, exercise.feeds.backlog.sum()
    assert backlog > 100
    assert new[day] > 3 * new[day - 7 : day].max()
    assert new[day] > 2.5 * new[day + 1 : day + 8].max()
    assert new[day] - backlog == pytest.approx(new[day + 1 : day + 8].mean(), rel=0.5)


def test_an_exercise_that_ends_before_the_definition_change_has_none() -> None:
    short = draw_exercise(seed=7, days=DEFINITION_CHANGE_DAY, start=START)
    new = np.diff(short.feeds.confirmed.sum(axis=1), prepend=0)
    assert new.max() < 5 * max(1, np.sort(new)[-5])


def test_fewer_cases_are_reported_at_weekends(wave: Exercise) -> None:
    new = new_cases_without_the_backlog(wave).sum(axis=1)
    weekday = np.array([(START + dt.timedelta(days=day)).weekday() for day in range(len(new))])
    late = np.arange(len(new)) >= 60
    weekend, monday = new[late & (weekday >= 5)].mean(), new[late & (weekday == 0)].mean()
    assert weekend < 0.9 * new[late & (weekday < 5)].mean()
    assert monday > 1.2 * weekend


def test_a_report_about_another_province_moves_searches_everywhere_and_cases_nowhere(exercise: Exercise) -> None:
    pneumonia = exercise.feeds.searches["pneumonia"].sum(axis=1)
    assert pneumonia[9] > 5 * pneumonia[2:9].mean()
    assert exercise.feeds.confirmed[9].sum() < 20
    before = exercise.feeds.searches["pneumonia"][2:9].mean(axis=0)
    assert (exercise.feeds.searches["pneumonia"][9] > before).all()
    assert exercise.feeds.visits.sum(axis=1)[9] < 1.5 * exercise.feeds.visits.sum(axis=1)[2:9].mean()
