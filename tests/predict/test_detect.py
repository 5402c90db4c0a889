from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from bianque.model.errors import HistoryTooShort
from bianque.predict.detect import ears

NAN = np.nan


@pytest.mark.parametrize(("method", "alarms"), [("C1", 19), ("C2", 23), ("C3", 21)])
def test_ears_gives_the_thresholds_and_signals_of_R_surveillance_on_salmonella_newport(rows, column, method, alarms):  # noqa: N802
    """R 4.2.2, surveillance 1.20.3, earsC, baseline 7, alpha 0.001, from week 30 (shared/data/surveillance/oracle)."""
    found = ears(column("oracle/salmNewport_input.csv.gz", "observed"), method=method, baseline=7, alpha=0.001)
    published = rows(f"oracle/salmNewport_ears{method}.csv.gz")
    threshold = np.array([float(row["upperbound"]) for row in published])
    signal = np.array([row["alarm"] == "TRUE" for row in published])
    np.testing.assert_allclose(found.threshold[29:, 0], threshold, rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(found.signal[29:, 0], signal)
    assert signal.sum() == alarms
    assert len(published) == len(found.signal) - 29


def test_a_signal_says_what_was_expected_and_by_how_much_it_was_exceeded():
    counts = np.array([[4.0], [6], [5], [4], [6], [5], [5], [20]])
    found = ears(counts)
    assert found.signal[-1, 0]
    assert found.expected[-1, 0] == 5
    assert found.excess[-1, 0] == 15
    assert 5 < found.threshold[-1, 0] < 20
    assert found.reason[-1, 0] is None


def test_c2_does_not_let_the_first_days_of_a_rise_hide_the_third():
    counts = np.array([[4.0], [6], [5], [4], [6], [5], [5], [9], [9], [9]])
    assert not ears(counts, method="C1").signal[-1, 0]
    assert ears(counts, method="C2").signal[-1, 0]


def test_a_day_is_not_assessed_when_a_day_of_its_baseline_is_missing():
    counts = np.full((10, 2), 5.0)
    counts[4, 0] = NAN
    counts[9, 1] = NAN
    found = ears(counts)
    assert found.reason[-1].tolist() == ["baseline_incomplete", "count_unknown"]
    assert not found.signal[-1].any()
    assert np.isnan(found.threshold[-1]).all()


def test_a_missing_day_is_never_a_zero_in_the_baseline():
    counts = np.array([[100.0], [NAN], [100], [100], [100], [100], [100], [100], [130]])
    assert ears(counts).reason[-1, 0] == "baseline_incomplete"


def test_the_first_case_after_a_flat_baseline_is_a_signal_and_a_floor_of_the_sd_can_prevent_it():
    counts = np.zeros((8, 1))
    counts[-1] = 1
    assert ears(counts).signal[-1, 0]
    assert ears(counts).threshold[-1, 0] == 0
    assert not ears(counts, min_sd=0.5).signal[-1, 0]


def test_c3_divides_by_the_sd_and_says_where_it_cannot():
    counts = np.zeros((14, 1))
    counts[-1] = 1
    found = ears(counts, method="C3")
    assert found.reason[-1, 0] == "baseline_flat"
    assert not found.signal[-1, 0]
    assert ears(counts, method="C3", min_sd=0.5).reason[-1, 0] is None


@pytest.mark.parametrize(("method", "first"), [("C1", 7), ("C2", 9), ("C3", 11)])
def test_the_first_assessed_day_is_the_one_with_a_whole_baseline(method, first):
    counts = np.random.default_rng(1).poisson(50, (20, 1)).astype(float)
    reason = ears(counts, method=method).reason[:, 0]
    assert set(reason[:first]) == {"baseline_incomplete"}
    assert set(reason[first:]) == {None}


def test_a_baseline_of_one_day_is_refused():
    with pytest.raises(ValueError, match="2 days"):
        ears(np.ones((9, 1)), baseline=1)


def test_no_day_at_all_is_too_short():
    with pytest.raises(HistoryTooShort):
        ears(np.zeros((0, 2)))


counts_with_gaps = npst.arrays(
    np.float64,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.one_of(st.just(NAN), st.integers(0, 500).map(float)),
)


@given(counts_with_gaps, st.sampled_from(["C1", "C2", "C3"]))
@settings(deadline=None, max_examples=150)
def test_a_cell_has_a_threshold_or_a_reason(counts, method):
    found = ears(counts, method=method)
    assessed = found.reason == np.array(None)
    assert (np.isfinite(found.threshold) == assessed).all()
    assert (np.isfinite(found.expected) == assessed).all()
    assert not found.signal[~assessed].any()
    assert (found.signal[assessed] == (counts > found.threshold)[assessed]).all()


@given(counts_with_gaps, st.sampled_from(["C1", "C2", "C3"]), st.integers(2, 9))
@settings(deadline=None, max_examples=60)
def test_counts_in_another_unit_give_the_threshold_in_that_unit(counts, method, factor):
    one, many = ears(counts, method=method), ears(counts * factor, method=method)
    np.testing.assert_allclose(many.threshold, one.threshold * factor, rtol=1e-9, atol=1e-9)
