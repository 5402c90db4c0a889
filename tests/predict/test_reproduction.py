from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from bianque.model.errors import HistoryTooShort
from bianque.predict.reproduction import CASES_FOR_CV_30, reproduction, serial_interval_weights

NAN = np.nan
WEIGHTS = serial_interval_weights(5.0, 2.0)


@pytest.mark.parametrize("name", ["Flu2009_param", "Flu2009_nonparam", "SARS2003"])
def test_rt_gives_every_figure_of_EpiEstim(rows, column, name):  # noqa: N802
    """R 4.2.2, EpiEstim 2.2.4 (shared/data/surveillance/oracle)."""
    counts = column(f"oracle/epiestim_{name}_incidence.csv.gz", "I")
    if name == "Flu2009_param":
        weights = serial_interval_weights(2.6, 1.5, days=len(counts))
    else:
        weights = column(f"oracle/epiestim_{name}_si.csv.gz", "si")[:, 0]
    found = reproduction(counts, weights)
    published = rows(f"oracle/epiestim_{name}.csv.gz")
    for row in published:
        day = int(row["t_end"]) - 1
        for field, text in row.items():
            if field in ("t_start", "t_end"):
                continue
            level = re.fullmatch(r"Quantile\.([\d.]+)\(R\)", field)
            ours = (
                found.quantile(float(level[1]))
                if level
                else {"Mean(R)": found.mean, "Std(R)": found.sd, "Median(R)": found.median}[field]
            )[day, 0]
            if text == "NA":
                assert np.isnan(ours)
                assert found.reason[day, 0] == "too_early"
            else:
                np.testing.assert_allclose(ours, float(text), rtol=1e-6, err_msg=f"{field} on day {day + 1}")
    first = int(published[0]["t_end"]) - 1
    assert np.isnan(found.mean[:first]).all()
    assert len(published) == len(counts) - first


def test_the_first_estimate_of_the_school_outbreak_is_the_published_one(column):
    """First and largest R of the README's table of oracles."""
    counts = column("oracle/epiestim_Flu2009_param_incidence.csv.gz", "I")
    found = reproduction(counts, serial_interval_weights(2.6, 1.5))
    assert round(found.mean[7, 0], 5) == 1.73580
    assert round(np.nanmax(found.mean), 5) == 1.74917


@pytest.mark.parametrize(("mean", "sd"), [(2.6, 1.5), (7.5, 3.4), (15.3, 9.3), (1.4, 0.6)])
def test_serial_interval_weights_are_a_distribution_without_day_zero(mean, sd):
    weights = serial_interval_weights(mean, sd)
    days = np.arange(len(weights))
    assert weights[0] == 0
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(), 1.0, atol=1e-8)
    np.testing.assert_allclose((weights * days).sum(), mean, rtol=1e-6)


def test_a_serial_interval_of_a_day_or_less_is_refused():
    with pytest.raises(ValueError, match="above 1 day"):
        serial_interval_weights(1.0, 0.5)


@pytest.mark.parametrize("weights", [[0.2, 0.8], [0.0, -1.0, 2.0], [0.0], [[0.0, 1.0]], [0.0, NAN]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="serial interval"):
        reproduction(np.ones((10, 1)), weights)


def test_constant_counts_mean_that_each_case_infects_one():
    found = reproduction(np.full((60, 1), 1000.0), WEIGHTS)
    np.testing.assert_allclose(found.mean[-1, 0], 1.0, atol=1e-3)


def test_missing_days_are_left_out_and_not_read_as_zero():
    counts = np.full((60, 3), 1000.0)
    counts[50:52, 1] = NAN
    counts[50:52, 2] = 0.0
    gap = reproduction(counts, WEIGHTS)
    np.testing.assert_allclose(gap.mean[50:, 1], 1.0, atol=1e-3)
    assert gap.mean[52, 2] < 0.8
    assert gap.cases[52, 1] == 5000
    assert gap.sd[52, 1] > gap.sd[52, 0]


def test_a_region_begins_on_its_first_known_day():
    counts = np.random.default_rng(2).poisson(30, (40, 1)).astype(float)
    later = np.concatenate([np.full((9, 1), NAN), counts])
    np.testing.assert_allclose(reproduction(later, WEIGHTS).mean[9:], reproduction(counts, WEIGHTS).mean, rtol=1e-9)
    assert reproduction(later, WEIGHTS).reason[:16, 0].tolist() == ["too_early"] * 16


def test_a_cell_without_an_estimate_says_why():
    counts = np.full((40, 3), 20.0)
    counts[-3:, 0] = NAN
    counts[:, 1] = NAN
    counts[:, 2] = 1.0
    found = reproduction(counts, WEIGHTS, min_cases=CASES_FOR_CV_30)
    assert found.reason[-1].tolist() == ["too_few_days", "too_early", "too_few_cases"]
    assert np.isnan(found.mean[-1]).all()
    assert found.reason[3, 2] == "too_early"


def test_eleven_cases_give_a_coefficient_of_variation_below_30_percent():
    counts = np.zeros((30, 1))
    counts[-7:, 0] = [2, 1, 2, 1, 2, 1, 2]
    found = reproduction(counts, WEIGHTS)
    assert found.cases[-1, 0] == CASES_FOR_CV_30
    assert found.sd[-1, 0] / found.mean[-1, 0] < 0.3


def test_no_day_at_all_is_too_short():
    with pytest.raises(HistoryTooShort):
        reproduction(np.zeros((0, 1)), WEIGHTS)


counts_with_gaps = npst.arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.integers(1, 3)),
    elements=st.one_of(st.just(NAN), st.integers(0, 300).map(float)),
)


@given(counts_with_gaps)
@settings(deadline=None, max_examples=100)
def test_quantiles_rise_and_every_gap_has_a_reason(counts):
    found = reproduction(counts, WEIGHTS)
    assessed = found.reason == np.array(None)
    assert (np.isfinite(found.mean) == assessed).all()
    levels = np.array([found.quantile(p)[assessed] for p in (0.025, 0.25, 0.5, 0.75, 0.975)])
    assert (np.diff(levels, axis=0) >= 0).all()


@given(counts_with_gaps)
@settings(deadline=None, max_examples=50)
def test_the_future_does_not_change_an_estimate_on_a_known_day(counts):
    until = max(len(counts) // 2, 1)
    now, later = reproduction(counts[:until], WEIGHTS), reproduction(counts, WEIGHTS)
    last_known = ~np.isnan(counts[until - 1])
    np.testing.assert_allclose(now.mean[-1, last_known], later.mean[until - 1, last_known], rtol=1e-9)


def poisson_epidemic(days: int = 60) -> np.ndarray:
    return np.random.default_rng(8).poisson(np.full((days, 1), 200.0)).astype(float)


def test_reports_that_scatter_like_a_poisson_count_keep_epiestims_interval() -> None:
    weights = serial_interval_weights(5.0, 2.0)
    counts = np.full((40, 1), 200.0)  # no scatter at all: the dispersion stays at its least, 1
    plain, tempered = (reproduction(counts, weights, overdispersed=wide) for wide in (False, True))
    np.testing.assert_allclose(tempered.upper[20:], plain.upper[20:])


def test_reports_that_scatter_more_widen_the_interval_and_keep_the_mean() -> None:
    weights = serial_interval_weights(5.0, 2.0)
    weekend = np.where(np.arange(60) % 7 < 2, 0.4, 1.24)[:, None]
    plain, tempered = (reproduction(poisson_epidemic() * weekend, weights, overdispersed=w) for w in (False, True))
    narrow, wide = plain.upper - plain.lower, tempered.upper - tempered.lower
    assert (wide[20:] > 3 * narrow[20:]).all()
    np.testing.assert_allclose(tempered.mean[20:], plain.mean[20:], rtol=0.1)


def test_a_window_that_follows_no_single_r_is_not_assessed() -> None:
    """A thousand reports after weeks of two a day: a backlog, whatever R the sums would give."""
    weights = serial_interval_weights(5.0, 2.0)
    counts = np.array([2.0] * 30 + [1000.0])[:, None]
    assert reproduction(counts, weights).reason[-1, 0] is None
    assert reproduction(counts, weights, overdispersed=True).reason[-1, 0] == "no_single_r"
