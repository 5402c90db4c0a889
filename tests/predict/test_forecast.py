from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from bianque.model.errors import HistoryTooShort
from bianque.predict.forecast import QUANTILE_LEVELS, baseline, renewal
from bianque.predict.reproduction import serial_interval_weights
from bianque.predict.score import coverage

NAN = np.nan
WEIGHTS = serial_interval_weights(5.0, 2.0)
MEDIAN = 11


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def epidemic(reproduction: np.ndarray, seed: int, regions: int, overdispersion: float) -> np.ndarray:
    """Counts of a renewal process whose reproduction number is known."""
    rng = seeded(seed)
    counts = np.full((5 + len(reproduction), regions), 40.0)
    for day, number in enumerate(reproduction, start=5):
        reach = min(len(WEIGHTS) - 1, day)
        mean = number * (WEIGHTS[1 : reach + 1, None] * counts[day - 1 :: -1][:reach]).sum(axis=0)
        counts[day] = rng.poisson(mean * rng.gamma(1 / overdispersion, overdispersion, regions))
    return counts


def models(counts, seed=0, horizon=14, draws=400):
    return [
        baseline(counts, horizon=horizon, rng=seeded(seed), draws=draws),
        renewal(counts, WEIGHTS, horizon=horizon, rng=seeded(seed), draws=draws),
    ]


def test_the_levels_are_the_23_of_the_hubs():
    assert len(QUANTILE_LEVELS) == 23
    np.testing.assert_allclose(QUANTILE_LEVELS, 1 - QUANTILE_LEVELS[::-1])
    assert QUANTILE_LEVELS[[0, 1, 2, MEDIAN]].tolist() == [0.01, 0.025, 0.05, 0.5]


def test_the_levels_are_those_of_the_published_forecasts(flusight):
    """FluSight 2023/24 (shared/data/surveillance)."""
    np.testing.assert_allclose(flusight.levels, QUANTILE_LEVELS)


def test_the_baseline_stays_flat_and_spreads():
    counts = seeded(1).poisson(500, (40, 3)).astype(float)
    found = baseline(counts, rng=seeded())
    np.testing.assert_allclose(found.values[..., MEDIAN], np.tile(counts[-1], (14, 1)))
    width = found.values[..., -2] - found.values[..., 1]
    assert (width[-1] > 2 * width[0]).all()


def test_the_baseline_is_symmetric_where_it_does_not_touch_zero():
    counts = 10_000 + seeded(2).normal(0, 30, (40, 1)).cumsum(axis=0)
    values = baseline(counts, rng=seeded()).values
    middle = values[..., [MEDIAN]]
    np.testing.assert_allclose(middle - values[..., :MEDIAN], values[..., :MEDIAN:-1] - middle)


def test_constant_counts_are_expected_to_stay():
    found = renewal(np.full((60, 1), 1000.0), WEIGHTS, rng=seeded())
    np.testing.assert_allclose(found.values[:, 0, MEDIAN], 1000, rtol=0.1)


def test_an_epidemic_that_grows_is_expected_to_grow():
    counts = epidemic(np.full(40, 1.5), seed=3, regions=1, overdispersion=0.02)
    found = renewal(counts, WEIGHTS, rng=seeded())
    undamped = counts[-7:, 0].mean() * np.exp(np.log(1.5) / 5 * 17)
    assert counts[-1, 0] < found.values[13, 0, MEDIAN] < undamped


@pytest.mark.slow
def test_intervals_hold_the_truth_of_an_epidemic_that_follows_the_model():
    rng = seeded(5)
    inside = []
    for seed in range(40):
        path = np.exp(np.cumsum(rng.normal(0, 0.1, 44)))[:, None].ravel()
        path = np.clip(1.2 * path / path[29], 0.3, 3.0)
        counts = epidemic(path, seed, regions=4, overdispersion=0.05)
        found = renewal(counts[:-14], WEIGHTS, rng=seeded(seed), draws=500)
        inside.append([coverage(found.values, QUANTILE_LEVELS, counts[-14:], p) for p in (0.5, 0.95)])
    half, most = np.nanmean(inside, axis=0)
    assert 0.35 <= half <= 0.65
    assert 0.85 <= most <= 0.99


def test_the_same_generator_gives_the_same_forecast():
    counts = seeded(4).poisson(50, (30, 4)).astype(float)
    for first, second in zip(models(counts, seed=9), models(counts, seed=9), strict=True):
        np.testing.assert_array_equal(first.values, second.values)


def test_days_not_yet_reported_at_the_end_are_simulated_and_the_forecast_starts_after_the_last_row():
    counts = np.full((40, 3), 400.0) + seeded(6).normal(0, 20, (40, 3))
    counts[-2:, 1] = NAN
    for found in models(counts, draws=2000):
        assert found.values.shape == (14, 3, 23)
        np.testing.assert_allclose(found.values[0, 1, MEDIAN], 400, rtol=0.15)
        late = found.values[0, 1, -2] - found.values[0, 1, 1]
        complete = found.values[0, 0, -2] - found.values[0, 0, 1]
        assert late > complete


def test_missing_days_are_not_read_as_zero():
    counts = np.full((40, 1), 400.0)
    counts[33:35] = NAN
    for found in models(counts):
        np.testing.assert_allclose(found.values[0, 0, MEDIAN], 400, rtol=0.1)


def test_a_region_without_a_forecast_says_why_and_the_others_have_one():
    counts = np.full((30, 5), 50.0)
    counts[:, 0] = NAN
    counts[:, 1] = 0.0
    counts[-8:, 2] = NAN
    counts[:-1, 3] = 0.0
    flat, grown = models(counts)
    assert flat.reason == ["too_few_days", None, "too_few_days", None, None]
    assert grown.reason == ["too_few_days", "too_few_cases", "too_few_days", "too_early", None]
    for found in (flat, grown):
        missing = np.array([reason is not None for reason in found.reason])
        assert np.isnan(found.values[:, missing]).all()
        assert np.isfinite(found.values[:, ~missing]).all()


def test_no_region_can_be_forecast_and_nothing_breaks():
    for found in models(np.full((3, 2), NAN)):
        assert np.isnan(found.values).all()
        assert None not in found.reason


def test_no_day_at_all_is_too_short():
    with pytest.raises(HistoryTooShort):
        baseline(np.zeros((0, 1)), rng=seeded())
    with pytest.raises(HistoryTooShort):
        renewal(np.zeros((0, 1)), WEIGHTS, rng=seeded())


def test_an_explosion_stays_a_number():
    counts = 10 * np.exp(0.9 * np.arange(25))[:, None]
    for found in models(counts):
        assert np.isfinite(found.values).all()


@pytest.mark.slow
def test_34_regions_and_14_days_take_less_than_half_a_second_for_both_models():
    counts = epidemic(np.full(60, 1.1), seed=7, regions=34, overdispersion=0.1)
    begin = time.process_time()
    baseline(counts, rng=seeded())
    renewal(counts, serial_interval_weights(7.5, 3.4), rng=seeded())
    assert time.process_time() - begin < 0.5


@given(
    npst.arrays(
        np.float64,
        st.tuples(st.integers(1, 40), st.integers(1, 3)),
        elements=st.one_of(st.just(NAN), st.integers(0, 3000).map(float)),
    ),
    st.integers(1, 14),
)
@settings(deadline=None, max_examples=60)
def test_quantiles_rise_from_zero_up_or_there_is_a_reason(counts, horizon):
    for found in models(counts, horizon=horizon, draws=60):
        assert found.values.shape == (horizon, counts.shape[1], 23)
        for region, reason in enumerate(found.reason):
            values = found.values[:, region]
            if reason is None:
                assert (values >= 0).all()
                assert (np.diff(values, axis=-1) >= 0).all()
            else:
                assert np.isnan(values).all()


def test_a_window_that_follows_no_single_reproduction_number_gets_no_renewal_forecast() -> None:
    """Three hundred reports after weeks of two a day are a backlog or a cluster, no transmission of that week."""
    made = renewal(np.array([2.0] * 27 + [300.0])[:, None], WEIGHTS, rng=np.random.default_rng(1))
    assert made.reason == ["no_single_r"]
    assert np.isnan(made.values).all()


def test_growth_is_expected_to_slow_down() -> None:
    """log R keeps nine tenths a day: the growth of the second week is less than that of the first."""
    counts = epidemic(np.full(40, 1.5), seed=3, regions=1, overdispersion=0.02)
    median = renewal(counts, WEIGHTS, rng=seeded()).values[:, 0, MEDIAN]
    assert np.log(median[13] / median[7]) < 0.6 * np.log(median[6] / median[0])
