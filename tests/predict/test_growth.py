from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import t as student

from bianque.model.errors import HistoryTooShort
from bianque.predict.growth import daily_new, fit_trend, growth

NAN = np.nan
counts_with_gaps = npst.arrays(
    np.float64,
    st.tuples(st.integers(1, 25), st.integers(1, 4)),
    elements=st.one_of(st.just(NAN), st.integers(0, 5000).map(float)),
)


def regression(counts, steps=()):
    """Quasi-Poisson regression of one window by least squares on the working response: slope, its error, dispersion."""
    days = np.flatnonzero(~np.isnan(counts))
    y = counts[days]
    design = np.column_stack([np.ones(len(days)), days - len(counts) + 1, *[(days > step) for step in steps]])
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(y.mean())
    for _ in range(60):
        mean = np.exp(design @ coefficients)
        response = design @ coefficients + (y - mean) / mean
        root = np.sqrt(mean)[:, None]
        coefficients = np.linalg.lstsq(root * design, root[:, 0] * response, rcond=None)[0]
    mean = np.exp(design @ coefficients)
    dispersion = max(((y - mean) ** 2 / mean).sum() / (len(days) - design.shape[1]), 1.0)
    covariance = dispersion * np.linalg.inv(design.T @ (mean[:, None] * design))
    return coefficients, np.sqrt(np.diag(covariance)), dispersion, len(days) - design.shape[1]


def test_a_series_that_doubles_every_four_days_does():
    found = growth(1000 * 2.0 ** (np.arange(10) / 4)[:, None])
    np.testing.assert_allclose(found.rate[-1, 0], np.log(2) / 4, rtol=1e-9)
    np.testing.assert_allclose(found.doubling_days[-1, 0], 4.0, rtol=1e-9)
    assert found.doubling_lower[-1, 0] < 4 < found.doubling_upper[-1, 0]


def test_a_series_that_halves_has_a_negative_doubling_time():
    found = growth(100_000 * 2.0 ** (-np.arange(10) / 3)[:, None])
    np.testing.assert_allclose(found.doubling_days[-1, 0], -3.0, rtol=1e-9)
    assert found.doubling_lower[-1, 0] < -3 < found.doubling_upper[-1, 0] < 0


def test_growth_equals_a_quasi_poisson_regression_of_each_window():
    rng = np.random.default_rng(3)
    counts = rng.negative_binomial(4, 4 / (4 + 40 * np.exp(0.1 * np.arange(30))[:, None] * np.ones(6))).astype(float)
    counts[rng.random(counts.shape) < 0.1] = NAN
    trend, found = fit_trend(counts), growth(counts, level=0.9)
    compared = 0
    for day in range(6, 30):
        for region in range(6):
            window = counts[day - 6 : day + 1, region]
            if (~np.isnan(window)).sum() < 5:
                assert np.isnan(found.rate[day, region])
                continue
            coefficients, errors, dispersion, degrees = regression(window)
            reach = student.ppf(0.95, degrees) * errors[1]
            np.testing.assert_allclose(trend.log_level[day, region], coefficients[0], rtol=1e-7)
            np.testing.assert_allclose(trend.log_level_error[day, region], errors[0], rtol=1e-7)
            np.testing.assert_allclose(trend.dispersion[day, region], dispersion, rtol=1e-7)
            np.testing.assert_allclose(found.rate[day, region], coefficients[1], rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(found.lower[day, region], coefficients[1] - reach, rtol=1e-7, atol=1e-9)
            compared += 1
    assert compared > 100


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    mean = 60 * np.exp(0.06 * np.arange(7))[:, None] * np.ones(4000)
    size = mean / 4  # variance 5 × mean
    found = growth(rng.negative_binomial(size, 0.2).astype(float))
    inside = (found.lower[-1] <= 0.06) & (found.upper[-1] >= 0.06)
    assert 0.94 <= inside.mean() <= 0.97


def test_a_doubling_time_has_no_bounds_when_the_rate_may_be_zero():
    found = growth(np.array([[20.0], [24], [19], [22], [21], [18], [23]]))
    assert found.lower[-1, 0] < 0 < found.upper[-1, 0]
    assert np.isnan(found.doubling_lower[-1, 0])
    assert np.isnan(found.doubling_upper[-1, 0])
    assert found.reason[-1, 0] is None
    assert found.doubling_reason[-1, 0] == "rate_interval_holds_zero"


def test_a_cell_without_a_rate_says_why():
    counts = np.full((7, 5), 20.0)
    counts[:3, 0] = NAN
    counts[:, 1] = 1.0
    counts[:, 2] = 0.0
    counts[:-1, 3] = 0.0
    assert growth(counts).reason[-1].tolist() == [
        "too_few_days",
        "too_few_cases",
        "too_few_cases",
        "cases_at_one_end",
        None,
    ]


def test_a_missing_day_is_left_out_and_not_read_as_zero():
    whole = 50 * np.exp(0.1 * np.arange(7))[:, None] * np.ones(2)
    gap, zero = whole.copy(), whole.copy()
    gap[3], zero[3] = NAN, 0.0
    np.testing.assert_allclose(growth(gap).rate[-1], 0.1, rtol=1e-9)
    assert growth(gap).upper[-1, 0] < growth(zero).upper[-1, 0]


def test_a_new_definition_that_counts_twice_as_many_is_not_growth():
    level = np.where(np.arange(20) > 10, 200.0, 100.0)[:, None]
    level[10] = 1500.0
    changes = np.zeros(level.shape, dtype=bool)
    changes[10] = True
    read_as_growth = growth(np.where(changes, NAN, level))
    found = growth(level, changes=changes)
    assert read_as_growth.lower[13, 0] > 0
    np.testing.assert_allclose(found.rate[6:, 0], 0.0, atol=1e-9)


def test_two_levels_with_one_rate_equal_a_regression_with_a_step():
    rng = np.random.default_rng(8)
    counts = rng.poisson(np.r_[50 * np.exp(0.1 * np.arange(5)), 0, 160 * np.exp(0.1 * np.arange(5))])[:, None] * 1.0
    changes = np.zeros(counts.shape, dtype=bool)
    changes[5] = True
    window = counts[2:9, 0].copy()
    window[3] = NAN
    coefficients, errors, dispersion, degrees = regression(window, steps=[3])
    trend = fit_trend(counts, changes=changes)
    np.testing.assert_allclose(trend.rate[8, 0], coefficients[1], rtol=1e-7)
    np.testing.assert_allclose(trend.rate_error[8, 0], errors[1], rtol=1e-7)
    np.testing.assert_allclose(trend.log_level[8, 0], coefficients[0] + coefficients[2], rtol=1e-7)
    np.testing.assert_allclose(trend.dispersion[8, 0], dispersion, rtol=1e-7)
    assert trend.degrees[8, 0] == degrees


def test_counts_that_explode_within_a_window_still_have_a_rate():
    found = growth(np.array([[0.0], [0], [0], [0], [0], [1], [1e6]]))
    assert found.reason[-1, 0] is None
    assert np.isfinite(found.rate[-1, 0])


def test_new_cases_are_the_increments_of_a_cumulative_series():
    new, correction = daily_new(np.array([[3.0], [3], [8], [15]]))
    np.testing.assert_array_equal(new[:, 0], [NAN, 0, 5, 7])
    assert not correction.any()


def test_a_fall_is_a_correction_and_its_day_unknown():
    new, correction = daily_new(np.array([[10.0], [8], [9]]))
    np.testing.assert_array_equal(new[:, 0], [NAN, NAN, 1])
    assert correction[:, 0].tolist() == [False, True, False]


def test_an_increment_over_a_gap_belongs_to_no_day():
    new, correction = daily_new(np.array([[10.0, 10], [NAN, NAN], [30, 8], [31, 9]]))
    np.testing.assert_array_equal(new[:, 0], [NAN, NAN, NAN, 1])
    assert correction[2].tolist() == [False, True]


def test_no_day_at_all_is_too_short():
    with pytest.raises(HistoryTooShort):
        growth(np.zeros((0, 2)))
    with pytest.raises(HistoryTooShort):
        daily_new(np.zeros((0, 2)))


@given(counts_with_gaps)
@settings(deadline=None, max_examples=150)
def test_a_cell_has_a_rate_with_its_interval_or_a_reason(counts):
    found = growth(counts)
    assessed = found.reason == np.array(None)
    assert (np.isfinite(found.rate) == assessed).all()
    assert (found.lower[assessed] <= found.rate[assessed]).all()
    assert (found.rate[assessed] <= found.upper[assessed]).all()
    bounded = ~np.isnan(found.doubling_lower)
    assert (found.doubling_lower[bounded] <= found.doubling_days[bounded]).all()
    assert (found.doubling_days[bounded] <= found.doubling_upper[bounded]).all()


@given(counts_with_gaps, st.randoms())
@settings(deadline=None, max_examples=50)
def test_the_order_of_regions_does_not_matter(counts, random):
    order = list(range(counts.shape[1]))
    random.shuffle(order)
    np.testing.assert_allclose(growth(counts[:, order]).rate, growth(counts).rate[:, order], rtol=1e-9, atol=1e-9)


@given(counts_with_gaps, st.integers(2, 9))
@settings(deadline=None, max_examples=50)
def test_a_multiple_of_the_counts_grows_at_the_same_rate(counts, factor):
    one, many = growth(counts), growth(counts * factor)
    assessed = one.reason == np.array(None)
    np.testing.assert_allclose(many.rate[assessed], one.rate[assessed], rtol=1e-6, atol=1e-7)


@given(counts_with_gaps, st.data())
@settings(deadline=None, max_examples=80)
def test_with_changes_too_a_cell_has_a_rate_with_its_interval_or_a_reason(counts, data):
    flags = data.draw(npst.arrays(np.bool_, counts.shape, elements=st.sampled_from([False] * 5 + [True])))
    found = growth(counts, changes=flags)
    assessed = found.reason == np.array(None)
    assert (np.isfinite(found.rate) == assessed).all()
    assert (np.isfinite(found.upper) == assessed).all()
    np.testing.assert_array_equal(found.rate, growth(np.where(flags, NAN, counts), changes=flags).rate)


@given(counts_with_gaps)
@settings(deadline=None, max_examples=30)
def test_no_change_is_the_same_as_none_given(counts):
    np.testing.assert_allclose(growth(counts, changes=np.zeros(counts.shape, bool)).upper, growth(counts).upper)
