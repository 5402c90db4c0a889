from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.predict.forecast import QUANTILE_LEVELS
from bianque.predict.score import auc, bootstrap_interval, coverage, precision_at, relative_wis, wis

NAN = np.nan


@pytest.mark.parametrize(("with_us", "forecasts", "expected"), [(True, 6354, 0.731), (False, 6234, 0.742)])
def test_the_relative_wis_of_the_hubs_ensemble_is_the_published_one(flusight, with_us, forecasts, expected):
    """FluSight 2023/24, ensemble to baseline, natural scale, horizons 0-3 (shared/data/surveillance)."""
    unit = np.full(len(flusight.observed), True) if with_us else flusight.location != "US"
    means = [
        wis(values[unit], flusight.levels, flusight.observed[unit]).mean()
        for values in (flusight.ensemble, flusight.baseline)
    ]
    assert unit.sum() == forecasts
    assert round(relative_wis(*means), 3) == expected


def test_coverage_of_the_hubs_forecasts_is_the_share_of_weeks_inside(flusight):
    """FluSight 2023/24 (shared/data/surveillance); the share counted here without the package."""
    for values, half, most in ((flusight.ensemble, 0.488, 0.920), (flusight.baseline, 0.281, 0.896)):
        lower, upper = (
            values[:, np.isclose(flusight.levels, 0.25)][:, 0],
            values[:, np.isclose(flusight.levels, 0.75)][:, 0],
        )
        counted = np.mean([low <= y <= up for low, y, up in zip(lower, flusight.observed, upper, strict=True)])
        assert coverage(values, flusight.levels, flusight.observed, 0.5) == pytest.approx(counted)
        assert round(coverage(values, flusight.levels, flusight.observed, 0.5), 3) == half
        assert round(coverage(values, flusight.levels, flusight.observed, 0.95), 3) == most


def interval_score_sum(values, levels, observed):
    """Weighted interval score as defined by Bracher et al. 2021, equation 1 and 2."""
    pairs = len(levels) // 2
    total = 0.5 * abs(observed - values[pairs])
    for k in range(pairs):
        alpha, lower, upper = 2 * levels[k], values[k], values[-1 - k]
        score = upper - lower
        score += 2 / alpha * max(lower - observed, 0) + 2 / alpha * max(observed - upper, 0)
        total += alpha / 2 * score
    return total / (pairs + 0.5)


@given(st.lists(st.floats(0, 1e4), min_size=23, max_size=23), st.floats(0, 2e4))
def test_wis_equals_its_definition_by_intervals(quantiles, observed):
    values = np.sort(quantiles)
    expected = interval_score_sum(values, QUANTILE_LEVELS, observed)
    assert float(wis(values, QUANTILE_LEVELS, observed)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_certain_forecast_scores_its_absolute_error():
    np.testing.assert_allclose(wis(np.full((2, 23), 10.0), QUANTILE_LEVELS, np.array([10.0, 13.0])), [0, 3])


def test_an_unknown_truth_has_no_score_and_no_part_in_coverage():
    values = np.tile(np.arange(23.0), (2, 1))
    assert np.isnan(wis(values, QUANTILE_LEVELS, np.array([NAN, 11.0]))).tolist() == [True, False]
    assert coverage(values, QUANTILE_LEVELS, np.array([NAN, 11.0]), 0.95) == 1.0
    assert np.isnan(coverage(values, QUANTILE_LEVELS, np.array([NAN, NAN]), 0.95))


def test_levels_that_are_no_pairs_about_a_median_are_refused():
    with pytest.raises(ValueError, match="median"):
        wis([1.0, 2.0], [0.25, 0.75], 1.0)
    with pytest.raises(ValueError, match="median"):
        wis([1.0, 2.0, 3.0], [0.2, 0.5, 0.9], 1.0)
    with pytest.raises(ValueError, match="60% interval"):
        coverage([1.0, 2.0, 3.0], [0.1, 0.5, 0.9], 1.0, 0.6)


def test_a_baseline_without_error_has_no_ratio():
    assert np.isnan(relative_wis(1.0, 0.0))


def test_auc_counts_the_pairs_in_the_right_order_and_half_the_ties():
    assert auc([3, 2, 1], [1, 0, 0]) == 1.0
    assert auc([1, 2, 3], [1, 0, 0]) == 0.0
    assert auc([2, 2, 2], [1, 0, 0]) == 0.5
    assert auc([2, 2, 1], [1, 0, 0]) == 0.75
    assert np.isnan(auc([1, 2], [1, 1]))
    assert auc([3, 2, NAN, 1], [1, 0, 1, NAN]) == 1.0


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_equals_the_count_of_pairs(units):
    score, truth = np.array([u[0] for u in units]), np.array([u[1] for u in units])
    pairs = [(a > b) + 0.5 * (a == b) for a in score[truth] for b in score[~truth]]
    found = auc(score, truth)
    assert found == pytest.approx(np.mean(pairs)) if pairs else np.isnan(found)


def test_precision_at_k_is_the_share_of_hits_and_ties_count_as_their_mean():
    assert precision_at([5, 4, 3, 2], [1, 0, 1, 1], 2) == 0.5
    assert precision_at([5, 3, 3, 3], [1, 1, 0, 0], 2) == pytest.approx((1 + 1 / 3) / 2)
    assert precision_at([0, 0, 0, 0], [1, 0, 0, 0], 2) == 0.25
    assert np.isnan(precision_at([1, NAN], [1, 1], 2))


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=3, max_size=12), st.integers(1, 3), st.randoms())
def test_precision_at_k_does_not_depend_on_the_order_of_tied_units(units, k, random):
    shuffled = list(units)
    random.shuffle(shuffled)
    first, second = (precision_at([u[0] for u in us], [u[1] for u in us], k) for us in (units, shuffled))
    assert first == pytest.approx(second)


def test_the_bootstrap_interval_of_a_mean_is_about_two_standard_errors_wide():
    sample = np.random.default_rng(1).normal(10, 2, 400)
    lower, upper = bootstrap_interval(lambda x: float(x.mean()), sample, rng=np.random.default_rng(2))
    np.testing.assert_allclose([lower, upper], sample.mean() + np.array([-1.96, 1.96]) * sample.std() / 20, atol=0.03)


def test_the_bootstrap_resamples_score_and_truth_together_and_leaves_out_what_has_no_value():
    score, truth = np.arange(6.0), np.array([0, 0, 0, 0, 0, 1])
    assert bootstrap_interval(auc, score, truth, rng=np.random.default_rng(3), draws=200) == (1.0, 1.0)
    ends = bootstrap_interval(auc, score, np.zeros(6), rng=np.random.default_rng(3), draws=20)
    assert np.isnan(ends).all()
    assert np.isnan(bootstrap_interval(auc, [], [], rng=np.random.default_rng(3))).all()
    with pytest.raises(ValueError, match="numbers of units"):
        bootstrap_interval(auc, [1.0], [1, 0], rng=np.random.default_rng(3))
