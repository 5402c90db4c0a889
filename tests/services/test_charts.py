"""What each curve shows."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from bianque.model.situation import ChangePoint, Situation
from bianque.services import charts


def test_the_forecast_begins_the_day_after_the_last_known_one_and_lasts_14_days(today: Situation) -> None:
    chart = charts.chart(today, today.whole, "daily", "en")
    assert chart.expected_from == today.last_date + dt.timedelta(days=1)
    assert len(chart.dates) == len(today.dates) + 14
    assert chart.bars is not None
    assert chart.bars.values[: len(today.dates)] == today.whole.new
    assert set(chart.bars.values[len(today.dates) :]) == {None}
    (median,) = chart.lines
    assert [value is None for value in median.values] == [day <= today.last_date for day in chart.dates]


def test_wider_intervals_hold_the_narrower_ones_and_the_median(today: Situation) -> None:
    chart = charts.chart(today, today.whole, "daily", "en")
    assert [r.percent for r in chart.ranges] == [95, 80, 50]
    (median,) = chart.lines
    for day in range(len(today.dates), len(chart.dates)):
        lows = [r.lower[day] or 0.0 for r in chart.ranges] + [median.values[day] or 0.0]
        highs = [r.upper[day] or 0.0 for r in chart.ranges] + [median.values[day] or 0.0]
        assert lows == sorted(lows)
        assert highs == sorted(highs, reverse=True)


def test_the_reader_may_choose_the_model(today: Situation) -> None:
    assert charts.models(today.whole) == ["forecast_renewal", "forecast_baseline"]
    default = charts.chart(today, today.whole, "daily", "en").lines[0].values
    renewal = charts.chart(today, today.whole, "daily", "en", model="forecast_renewal").lines[0].values
    baseline = charts.chart(today, today.whole, "daily", "en", model="forecast_baseline").lines[0].values
    assert default == renewal != baseline
    assert charts.chart(today, today.whole, "daily", "en", model="no such model").lines[0].values == default


def test_a_region_without_a_forecast_shows_its_days_alone(today: Situation) -> None:
    region = today.regions[0].model_copy(update={"forecasts": []})
    chart = charts.chart(today, region, "daily", "en")
    assert chart.dates == today.dates
    assert (chart.ranges, chart.lines) == ([], [])
    assert chart.expected_from is None


def test_hidden_days_of_a_small_place_are_named_and_have_no_bar(today: Situation) -> None:
    small = next(region for region in today.regions if region.hidden_dates)
    chart = charts.chart(today, small, "daily", "en")
    assert chart.hidden_dates == small.hidden_dates
    assert chart.bars is not None
    assert all(chart.bars.values[chart.dates.index(day)] is None for day in chart.hidden_dates)


def test_confirmed_and_deaths_run_up_to_their_totals(today: Situation) -> None:
    confirmed, deaths = charts.chart(today, today.whole, "cumulative", "en").lines
    assert (confirmed.values[-1], deaths.values[-1]) == (today.whole.total, today.whole.deaths_total)


@pytest.mark.parametrize("key", charts.CHARTS)
def test_an_axis_has_even_round_steps_and_holds_today(today: Situation, key: charts.ChartKey) -> None:
    chart = charts.chart(today, today.whole, key, "en")
    ticks = chart.axis.ticks()
    assert 3 <= len(ticks) <= 8
    assert all(b - a == pytest.approx(chart.axis.step) for a, b in pairwise(ticks))
    assert len(set(chart.axis.labels())) == len(ticks)
    values = [line.values[len(today.dates) - 1] for line in [*chart.lines, *([chart.bars] if chart.bars else [])]]
    assert all(chart.axis.lowest <= value <= chart.axis.highest for value in values if value is not None)


def test_the_wild_first_days_of_an_outbreak_do_not_flatten_what_is_known_today(today: Situation) -> None:
    """As of 24 January 2020 the first Rt was above 500 and the newest near 11, both within two weeks."""
    days = len(today.dates)
    recent = [515.0, 215.0, 45.0, 20.0, 13.0, 11.0, 10.6]
    values = [None] * (days - len(recent)) + recent
    band = today.whole.reproduction_series.model_copy(update={"value": values, "lower": values, "upper": values})
    chart = charts.chart(today, today.whole.model_copy(update={"reproduction_series": band}), "reproduction", "en")
    assert 10.6 < chart.axis.highest < 150
    assert chart.axis.cut


def test_growth_diverges_from_zero_and_reproduction_from_one(today: Situation) -> None:
    assert charts.chart(today, today.whole, "growth", "en").reference == 0.0
    assert charts.chart(today, today.whole, "reproduction", "en").reference == 1.0


def test_a_change_of_definition_is_marked_where_it_holds(today: Situation) -> None:
    alpha, beta = today.regions[:2]
    change = ChangePoint(
        date=today.dates[5],
        region=alpha.code,
        name=alpha.name,
        observed=90.0,
        expected=10.0,
        upper=30.0,
        kind="declared",
        reason=alpha.name,
        source="a test",
    )
    marked = today.model_copy(update={"change_points": [change]})
    assert [mark.date for mark in charts.chart(marked, alpha, "daily", "en").marks] == [change.date]
    assert charts.chart(marked, beta, "daily", "en").marks == []
