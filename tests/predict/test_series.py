from __future__ import annotations

import numpy as np
import pytest

from bianque.model.errors import HistoryTooShort
from bianque.predict.series import Reason, as_counts, interpolated, needed_days, reasons, trailing

NAN = np.nan


def test_a_series_without_a_day_is_too_short():
    with pytest.raises(HistoryTooShort, match="no day"):
        as_counts(np.zeros((0, 3)))


def test_a_series_without_a_region_is_not_an_error():
    assert as_counts(np.zeros((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("counts", [np.zeros(3), np.full((3, 1), -1.0), np.full((3, 1), np.inf)])
def test_what_is_no_count_is_refused(counts):
    with pytest.raises(ValueError, match="count"):
        as_counts(counts)


def test_an_unknown_day_lies_on_the_line_between_its_neighbours_and_never_becomes_zero():
    series = np.array([[NAN], [4.0], [NAN], [NAN], [10.0], [NAN], [NAN]])
    np.testing.assert_allclose(interpolated(series)[:, 0], [NAN, 4, 6, 8, 10, 10, 10])
    assert np.isnan(interpolated(np.full((3, 2), NAN))).all()


def test_five_of_seven_days_are_needed():
    assert [needed_days(window) for window in (5, 7, 14)] == [4, 5, 10]


def test_days_before_the_record_are_unknown_in_a_window():
    window = trailing(np.array([[1.0], [2.0], [3.0]]), 3)
    np.testing.assert_array_equal(window[:, 0], [[NAN, NAN, 1], [NAN, 1, 2], [1, 2, 3]])


def test_the_first_rule_gives_the_reason():
    holds = np.array([True, True, False]), np.array([False, True, False])
    found = reasons((3,), (holds[1], Reason.TOO_EARLY), (holds[0], Reason.TOO_FEW_CASES))
    assert found.tolist() == ["too_few_cases", "too_early", None]
