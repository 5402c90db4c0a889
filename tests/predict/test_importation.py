from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import poisson

from bianque.predict.importation import expected_arrivals, prevalence_from_cases, rank
from bianque.predict.score import auc

NAN = np.nan


def arrivals(flows, prevalence, lower, upper, level=0.95):
    return expected_arrivals(np.atleast_2d(np.asarray(flows, dtype=float)), [prevalence], [lower], [upper], level=level)


def test_arrivals_are_outflow_times_prevalence():
    found = expected_arrivals([[1000.0, 200.0], [50.0, 0.0]], [0.01, 0.2], [0.005, 0.1], [0.02, 0.4])
    np.testing.assert_allclose(found.expected, [[10, 2], [10, 0]])
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()
    assert found.upper[1, 1] == 0


def test_the_interval_is_that_of_drawn_prevalences_and_travellers():
    rng = np.random.default_rng(1)
    log_sd = np.log(3) / 1.959964
    drawn = rng.poisson(2000 * 0.01 * np.exp(log_sd * rng.standard_normal(400_000)))
    found = arrivals([2000.0], 0.01, 0.01 / 3, 0.03)
    np.testing.assert_allclose([found.lower[0, 0], found.upper[0, 0]], np.quantile(drawn, [0.025, 0.975]), atol=1)


def test_each_side_of_the_interval_has_its_own_width():
    rng = np.random.default_rng(2)
    z = rng.standard_normal(400_000)
    prevalence = 0.01 * np.exp(np.where(z < 0, np.log(2), np.log(8)) / 1.959964 * z)
    drawn = rng.poisson(5000 * prevalence)
    found = arrivals([5000.0], 0.01, 0.005, 0.08)
    np.testing.assert_allclose([found.lower[0, 0], found.upper[0, 0]], np.quantile(drawn, [0.025, 0.975]), rtol=0.02)


def test_with_certain_prevalence_only_chance_is_left():
    found = arrivals([10.0, 400.0, 50_000.0], 0.1, 0.1, 0.1)
    for column, mean in enumerate((1.0, 40.0, 5000.0)):
        assert found.lower[0, column] == pytest.approx(poisson.ppf(0.025, mean), rel=0.002)
        assert found.upper[0, column] == pytest.approx(poisson.ppf(0.975, mean), rel=0.002)


def test_the_closed_form_for_many_arrivals_continues_the_exact_one():
    below, above = arrivals([99_999.0], 0.01, 0.005, 0.03), arrivals([100_001.0], 0.01, 0.005, 0.03)
    for end in ("lower", "upper"):
        assert getattr(below, end)[0, 0] == pytest.approx(getattr(above, end)[0, 0], rel=0.005)


def test_very_many_travellers_leave_the_interval_of_prevalence():
    found = arrivals([1e9], 1e-3, 4e-4, 5e-3)
    np.testing.assert_allclose([found.lower[0, 0], found.upper[0, 0]], [4e5, 5e6], rtol=1e-3)


def test_what_is_unknown_stays_unknown_and_says_why():
    found = expected_arrivals([[1.0, NAN], [1.0, 1.0]], [0.1, NAN], [0.1, NAN], [0.1, NAN])
    assert found.reason.tolist() == [[None, "no_flow"], ["no_prevalence", "no_prevalence"]]
    assert np.isnan(found.expected).tolist() == [[False, True], [True, True]]
    assert np.isnan(found.upper).tolist() == [[False, True], [True, True]]


def test_no_reported_case_is_not_no_infected_traveller():
    prevalence = prevalence_from_cases([0.0], [1e6])
    found = expected_arrivals([[1e6]], prevalence.value, prevalence.lower, prevalence.upper)
    assert found.expected[0, 0] == 0
    assert found.lower[0, 0] == 0
    assert 2 <= found.upper[0, 0] <= 6


def test_an_interval_whose_lower_end_is_zero_is_used_as_it_is():
    found = arrivals([1000.0], 0.01, 0.0, 0.02)
    assert found.lower[0, 0] == 0
    assert found.upper[0, 0] >= 20


@pytest.mark.parametrize(
    ("flows", "prevalence"),
    [([[-1.0]], (0.1, 0.1, 0.1)), ([[1.0]], (0.1, 0.2, 0.3)), ([[1.0]], (0.1, 0.05, 0.09)), ([1.0], (0.1, 0.1, 0.1))],
)
def test_what_contradicts_itself_is_refused(flows, prevalence):
    with pytest.raises(ValueError, match="flow"):
        expected_arrivals(flows, *[[p] for p in prevalence])


def test_reported_prevalence_has_a_jeffreys_interval():
    found = prevalence_from_cases(np.array([50.0, 0.0, NAN, 5.0]), np.array([1e6, 1e6, 1e6, 0.0]))
    np.testing.assert_allclose(found.value, [5e-5, 0, NAN, NAN])
    np.testing.assert_allclose(found.lower[0], 3.76e-5, rtol=0.01)
    np.testing.assert_allclose(found.upper[0], 6.53e-5, rtol=0.01)
    assert found.lower[1] == 0
    assert found.upper[1] > 2e-6


def test_places_start_with_the_most_arrivals_and_ties_share_one():
    np.testing.assert_array_equal(rank([1.0, 5.0, NAN, 5.0, 0.5]), [3, 1, NAN, 1, 4])


def test_from_one_source_destinations_are_ordered_as_by_its_outflow(rows):
    """296 cities, outflow of Wuhan 1 to 24 January 2020, cases of 5 February (shared/data/surveillance)."""
    panel = rows("cn_city_panel_outflow_search_to_20200205.csv.gz")
    on = {day: [r for r in panel if r["date"] == day] for day in ("2020-01-24", "2020-02-05")}
    outflow = np.array([float(r["wuhan_outflow"]) for r in on["2020-01-24"]])
    cases = np.array([float(r["confirmed"]) for r in on["2020-02-05"]])
    assert [r["city_code"] for r in on["2020-01-24"]] == [r["city_code"] for r in on["2020-02-05"]]
    found = arrivals(outflow, 0.0006, 0.0003, 0.002)
    np.testing.assert_array_equal(rank(found.expected[0]), rank(outflow))
    assert (cases >= 50).sum() == 51
    assert round(auc(found.expected[0], cases >= 50), 3) == 0.951


@given(
    npst.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 5)), elements=st.floats(0, 1e6)),
    st.floats(1e-6, 0.1),
    st.floats(1, 5),
)
@settings(deadline=None, max_examples=60)
def test_the_interval_is_ordered_and_more_travellers_never_mean_fewer_arrivals(flows, prevalence, factor):
    value = np.full(len(flows), prevalence)
    found = expected_arrivals(flows, value, value / factor, value * factor)
    assert (found.lower <= found.upper).all()
    order = np.argsort(flows.ravel())
    for end in (found.expected, found.lower, found.upper):
        assert (np.diff(end.ravel()[order]) >= -0.005 * end.ravel()[order][1:]).all()
