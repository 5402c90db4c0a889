"""The truth is a renewal process: what is put in can be found again in what comes out."""

from __future__ import annotations

import numpy as np
import pytest

from bianque.drill import Exercise, draw_exercise
from bianque.drill.delays import delayed, gamma_days, lognormal_days, mean_days
from bianque.drill.epidemic import DISPERSION, generation_time, incubation

from .conftest import START


def test_the_generation_time_has_the_mean_and_sd_of_its_source() -> None:
    """Nishiura, Linton and Akhmetzhanov 2020: mean 4.7, sd 2.9 days; rounding to whole days adds little."""
    weights = generation_time()
    days = np.arange(weights.size)
    assert weights[0] == 0
    assert weights.sum() == pytest.approx(1)
    assert mean_days(weights) == pytest.approx(4.7, abs=0.15)
    assert np.sqrt(np.sum(weights * days**2) - mean_days(weights) ** 2) == pytest.approx(2.9, abs=0.15)


def test_the_incubation_period_has_the_median_of_its_source() -> None:
    """Lauer et al. 2020: median 5.1 days, 97.5 % within 11.5 days."""
    below = np.cumsum(incubation())
    assert below[4] < 0.5 < below[5]
    assert below[11] == pytest.approx(0.975, abs=0.01)


def test_delays_are_probabilities_of_whole_days() -> None:
    for weights in (gamma_days(5.0, 3.0, 25), lognormal_days(1.621, 0.418, 21)):
        assert weights.sum() == pytest.approx(1)
        assert (weights >= 0).all()
    assert mean_days(gamma_days(5.0, 3.0, 25)) == pytest.approx(5.0, abs=0.05)


def test_what_is_delayed_is_neither_lost_nor_made() -> None:
    counts = np.zeros((20, 3), dtype=np.int64)
    counts[0] = [5, 0, 1000]
    arrived = delayed(counts, np.array([0.0, 0.5, 0.25, 0.25]), np.random.default_rng(1))
    assert arrived.sum(axis=0).tolist() == [5, 0, 1000]
    assert arrived[0].sum() == 0
    assert arrived[1, 2] == pytest.approx(500, abs=80)
    assert delayed(counts[:2], np.array([0.0, 0.5, 0.25, 0.25]), np.random.default_rng(1)).sum() < 1005


def test_infections_are_on_average_R_times_the_pressure(exercise: Exercise) -> None:  # noqa: N802  R is its name
    truth = exercise.epidemic
    expected = (truth.reproduction * truth.pressure)[30:].sum()
    assert truth.infections[30:].sum() == pytest.approx(expected, rel=0.05)


def test_dividing_infections_by_past_infections_gives_the_R_of_the_province(exercise: Exercise) -> None:  # noqa: N802
    """The renewal equation on the province's totals, in windows of ten days, without using the drill's own sums."""
    infections = exercise.epidemic.infections.sum(axis=1).astype(np.float64)
    weighted = np.convolve(infections, generation_time())[: len(infections)]
    known = exercise.epidemic.province_reproduction()
    for first in (30, 40, 50):
        window = slice(first, first + 10)
        assert infections[window].sum() / weighted[window].sum() == pytest.approx(known[window].mean(), rel=0.1)


def test_infections_spread_more_than_a_Poisson_count_would() -> None:  # noqa: N802
    """A day's infections from pressure Λ have variance RΛ (1 + R/k)."""
    ratios = []
    for seed in range(1, 4):
        truth = draw_exercise(seed=seed, days=60, start=START).epidemic
        mean = (truth.reproduction * truth.pressure)[30:]
        variance = mean * (1 + truth.reproduction[30:] / DISPERSION)
        seen = (truth.infections[30:] - mean) ** 2
        ratios.append(seen.sum() / variance.sum())
    assert np.mean(ratios) == pytest.approx(1, abs=0.2)


def test_it_starts_in_the_capital_and_others_are_seeded_from_elsewhere(exercise: Exercise) -> None:
    truth = exercise.epidemic
    assert truth.seeded[0] == truth.seeded[truth.seeded >= 0].min()
    for county, day in enumerate(truth.seeded.tolist()):
        if day >= 0:
            assert truth.infections[:day, county].sum() == 0
            assert truth.imported[day, county] == truth.infections[day, county] > 0
    assert (truth.imported <= truth.infections).all()


def test_nobody_is_infected_twice_in_a_year() -> None:
    exercise = draw_exercise(seed=5, days=365, start=START)
    assert (exercise.epidemic.infections.sum(axis=0) <= exercise.province.population).all()


@pytest.mark.slow
def test_ten_seeds_give_exercises_worth_training_on() -> None:
    for seed in range(1, 11):
        exercise = draw_exercise(seed=seed, days=60, start=START)
        confirmed = exercise.feeds.confirmed
        assert 1_000 < confirmed[-1].sum() < 40_000, seed
        last, before = confirmed[-1] - confirmed[-8], confirmed[-8] - confirmed[-15]
        assert ((last > 1.2 * before) & (last >= 10)).sum() >= 3, seed
        assert ((last < before) & (before >= 10)).sum() >= 1, seed
        assert (confirmed[-1] > 0).sum() >= 10, seed
