"""Figures as a reader of a language sees them."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from bianque.model.situation import Estimate
from bianque.services import numerals
from bianque.services.numerals import Form


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [
        (44653.0, "count", "44,653"),
        (0.0, "count", "0"),
        (12.44, "decimal", "12.4"),
        (0.0883, "decimal", "0.088"),
        (0.00001, "decimal", "<0.0001"),
        (1286440.0, "decimal", "1,286,440"),
        (1.4159, "ratio", "1.42"),
        (0.0806, "percent", "+8.1%"),
        (-0.084, "percent", "−8.4%"),
        (0.00001, "percent", "0.0%"),
        (-0.04, "days", "0.0"),
        (math.inf, "days", "∞"),
        (None, "count", "–"),
        (math.nan, "ratio", "–"),
    ],
)
def test_a_figure_is_written_with_the_digits_it_deserves(value: float | None, form: Form, written: str) -> None:
    assert numerals.number(value, form) == written


def test_unknown_and_hidden_are_told_apart_from_zero_and_from_each_other() -> None:
    assert len({numerals.number(0.0), numerals.UNKNOWN, numerals.HIDDEN}) == 3


def test_an_interval_has_both_ends_or_is_not_written() -> None:
    assert numerals.interval(1.2, 1.64, "ratio") == "1.20–1.64"
    assert numerals.interval(None, 1.64, "ratio") == ""
    assert numerals.interval(1.2, math.nan, "ratio") == ""


def test_a_dash_beside_a_sign_gets_room() -> None:
    assert numerals.interval(-14.7, -2.9, "days") == "−14.7 – −2.9"
    assert numerals.interval(-0.05, 0.17, "percent") == "−5.0% – +17.0%"


def test_an_estimate_is_written_with_its_interval() -> None:
    rt = Estimate(value=1.42, lower=1.21, upper=1.64, level=0.95, as_of=dt.date(2020, 2, 1), method="rt_cori")
    assert numerals.estimate(rt, "ratio") == "1.42 (1.21–1.64)"
    assert numerals.estimate(rt, "ratio", "zh-CN") == "1.42（1.21–1.64）"
    unknown = rt.model_copy(update={"value": None, "lower": None, "upper": None})
    assert numerals.estimate(unknown, "ratio") == "–"


@pytest.mark.parametrize(
    ("value", "step", "form", "written"),
    [
        (800.0, 200.0, "ratio", "800"),
        (1.5, 0.5, "ratio", "1.5"),
        (0.4, 0.2, "percent", "+40%"),
        (-0.025, 0.025, "percent", "−2.5%"),
        (0.0, 0.2, "percent", "0%"),
        (10000.0, 2500.0, "count", "10,000"),
    ],
)
def test_a_tick_has_no_more_decimals_than_its_step(value: float, step: float, form: Form, written: str) -> None:
    assert numerals.tick(value, step, form) == written


def test_days_and_lists_are_written_as_in_the_language() -> None:
    day = dt.date(2020, 2, 11)
    assert (numerals.day(day, "zh-CN"), numerals.day(day, "en")) == ("2020年2月11日", "11 Feb 2020")
    assert (numerals.short_day(day, "zh-CN"), numerals.short_day(day, "en")) == ("2月11日", "11 Feb")
    assert numerals.day(None, "en") == numerals.UNKNOWN
    assert numerals.listing(["A", "B"], "zh-CN") == "A、B"
    assert numerals.listing(["A", "B"], "en") == "A, B"


@pytest.mark.parametrize(
    ("logarithm", "text"),
    [(0.0, "100%"), (-1e-4, ">99%"), (-1e-2, "99%"), (-2.0, "14%"), (-8.0, "0.034%"), (-1000.0, "10⁻⁴³⁴")],
)
def test_a_share_is_written_from_its_logarithm(logarithm: float, text: str) -> None:
    assert numerals.share(logarithm) == text


@pytest.mark.parametrize(("value", "text"), [(-0.001, "0.00"), (-8787.5, "−8,787.50"), (0.0, "0.00")])
def test_a_free_energy_has_two_decimals_and_no_minus_before_nothing(value: float, text: str) -> None:
    assert numerals.energy(value) == text
