from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import nbinom

from bianque.model.errors import HistoryTooShort
from bianque.predict.changepoint import ALPHA, MIN_COUNT, definition_changes, without
from bianque.predict.growth import daily_new, growth
from bianque.predict.reproduction import reproduction, serial_interval_weights

NAN = np.nan


def level(value: float, days: int) -> np.ndarray:
    return np.full((days, 1), float(value))


def test_the_new_definition_of_12_february_2020_is_flagged_on_the_day_and_nothing_else_is_in_hubei(provinces):
    """34 provinces, 10 January to 30 April 2020 (shared/data/surveillance)."""
    new = daily_new(provinces.cumulative)[0]
    hubei = provinces.names.index("湖北省")
    day = provinces.days.index(dt.date(2020, 2, 12))
    assert new[day, hubei] == 13797
    as_of_the_day = definition_changes(new[: day + 1])
    assert np.argwhere(as_of_the_day.flag).tolist() == [[day, hubei]]
    assert as_of_the_day.expected[day, hubei] < as_of_the_day.upper[day, hubei] < 13797
    found = definition_changes(new)
    # The other one is Shandong, 20 February: 200 infections in a prison, all reported on that day.
    shandong = provinces.names.index("山东省"), provinces.days.index(dt.date(2020, 2, 20))
    assert sorted(map(tuple, np.argwhere(found.flag).tolist())) == sorted([(day, hubei), (shandong[1], shandong[0])])


def test_the_change_of_12_february_2020_is_not_growth_and_not_a_rise_of_rt(provinces):
    """34 provinces, 10 January to 30 April 2020 (shared/data/surveillance)."""
    new = daily_new(provinces.cumulative)[0]
    hubei = provinces.names.index("湖北省")
    day = provinces.days.index(dt.date(2020, 2, 12))
    flag = definition_changes(new).flag
    clean = without(new, flag)
    weights = serial_interval_weights(7.5, 3.4)
    raised, kept = (reproduction(c, weights).mean[day - 1 : day + 8, hubei] for c in (new, clean))
    assert growth(new).rate[day, hubei] > 0.2
    assert raised[1] > raised[0] + 0.5
    assert (growth(clean, changes=flag).rate[day : day + 10, hubei] < 0).all()
    assert kept[1] < kept[0]
    assert kept.max() < raised[0] + 0.01


def test_a_level_that_stays_is_flagged_once():
    found = definition_changes(np.concatenate([level(100, 20), level(700, 20)]))
    assert np.flatnonzero(found.flag[:, 0]).tolist() == [20]
    assert found.reason[21:26, 0].tolist() == ["soon_after_change"] * 5
    assert set(found.reason[26:, 0]) == {None}
    np.testing.assert_allclose(found.expected[26:, 0], 700)


def test_a_second_change_is_flagged_too():
    counts = np.concatenate([level(100, 10), level(700, 10), level(7000, 10)])
    assert np.flatnonzero(definition_changes(counts).flag[:, 0]).tolist() == [10, 20]


def test_a_day_is_judged_by_the_days_before_it_alone():
    counts = np.random.default_rng(4).poisson(200, (30, 3)).astype(float)
    counts[20, 1] = 4000
    whole = definition_changes(counts)
    for until in (10, 21, 25):
        part = definition_changes(counts[:until])
        np.testing.assert_array_equal(part.flag, whole.flag[:until])
        np.testing.assert_array_equal(part.upper, whole.upper[:until])


def test_fast_growth_is_not_a_change_of_definition():
    doubling_daily_and_a_half = 20 * np.exp(np.log(2) / 1.5 * np.arange(20))[:, None]
    assert not definition_changes(doubling_daily_and_a_half).flag.any()


def test_a_weekend_reported_on_monday_is_not_a_change_of_definition():
    week = [100.0, 100, 100, 100, 100, 0, 0]
    counts = np.array([week, [300.0, *week[1:]], [300.0, *week[1:]]]).ravel()[:, None]
    assert not definition_changes(counts).flag.any()


def test_one_superspreading_event_is_not_a_change_of_definition():
    counts = level(3, 20)
    counts[-1] = MIN_COUNT
    assert not definition_changes(counts).flag.any()


def test_clustered_counts_are_almost_never_flagged():
    """Negative binomial with the dispersion of superspreading; 34 regions and a year of days."""
    mean = np.tile(np.geomspace(3, 3000, 34), (365, 1))
    counts = np.random.default_rng(6).negative_binomial(mean / 25, 1 / 26).astype(float)
    assert definition_changes(counts).flag.sum() == 0


def test_the_limit_is_that_of_the_negative_binomial_it_stands_for():
    for mean in (30.0, 300.0, 3000.0):
        found = definition_changes(level(mean, 9))
        highest = mean * np.exp(np.log(2) / 1.5)
        low, high = nbinom.ppf(1 - ALPHA, np.array([1.0, 1.6]) * highest / 25, 1 / 26)
        assert max(low, 3 * mean) * 0.97 <= found.upper[-1, 0] <= max(high, 3 * mean) * 1.03


def test_missing_days_are_not_zeros_that_a_normal_day_jumps_from():
    counts = level(1000, 20)
    counts[12:14] = NAN
    found = definition_changes(counts)
    assert not found.flag.any()
    assert found.reason[12, 0] == "count_unknown"
    np.testing.assert_allclose(found.expected[14, 0], 1000)


def test_without_makes_flagged_days_unknown_and_leaves_the_others():
    counts = np.array([[1.0, 2], [3, 4]])
    flag = np.array([[False, False], [True, False]])
    np.testing.assert_array_equal(without(counts, flag), [[1, 2], [NAN, 4]])


def test_no_day_at_all_is_too_short():
    with pytest.raises(HistoryTooShort):
        definition_changes(np.zeros((0, 2)))


@given(
    npst.arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.one_of(st.just(NAN), st.integers(0, 5000).map(float)),
    )
)
@settings(deadline=None, max_examples=100)
def test_a_cell_has_an_upper_limit_or_a_reason_and_only_the_former_can_be_flagged(counts):
    found = definition_changes(counts)
    assessed = found.reason == np.array(None)
    assert np.isfinite(found.upper[assessed]).all()
    assert not found.flag[~assessed].any()
    assert (counts[found.flag] > found.upper[found.flag]).all()


def test_a_jump_of_many_orders_of_magnitude_is_flagged_without_overflow() -> None:
    """A slip of the pen, 10 million for 100. Warnings are errors here."""
    counts = np.full((40, 1), 100.0)
    counts[20:] = 1e7
    counts[30, 0] = 1e10
    assert definition_changes(counts).flag[20, 0]
