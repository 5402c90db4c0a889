"""Forty counties with residents and names that no real place has."""

from __future__ import annotations

import numpy as np
import pytest

from bianque.drill import Exercise, names
from bianque.drill.mobility import daily_factors, gravity
from bianque.drill.scenario import TRAVEL_CUT_DAY, Calendar
from bianque.model import regions

from .conftest import START


def test_no_name_is_one_of_GB_T_2260() -> None:  # noqa: N802  the standard's name
    real = regions.china().regions.values()
    taken = {name.removesuffix(end) for r in real for name in (r.name_zh, r.short_zh) for end in ("市", "县", "区", "")}
    english = {r.name_en.casefold() for r in real}
    ours = [(names.PROVINCE_ZH.removesuffix("省"), names.PROVINCE_EN), (names.CAPITAL_ZH, names.CAPITAL_EN)]
    for zh, en in [*ours, *names.COUNTIES]:
        assert zh not in taken
        assert en.casefold() not in english


def test_no_code_is_one_of_GB_T_2260_and_all_start_with_99(exercise: Exercise) -> None:  # noqa: N802
    codes = [region.code for region in exercise.province.regions]
    assert len(set(codes)) == 40
    assert all(len(code) == 6 and code.startswith("99") and code not in regions.china() for code in codes)
    assert names.PROVINCE_CODE not in regions.china()


def test_names_are_given_once() -> None:
    for column in zip(*names.COUNTIES, strict=True):
        assert len({*column}) == 39


def test_twelve_million_people_live_in_the_province_and_the_capital_is_the_largest_county(exercise: Exercise) -> None:
    population = exercise.province.population
    assert population.sum() == 12_000_000
    assert population.argmax() == 0
    assert population.min() > 10_000
    assert [r.population for r in exercise.province.regions] == population.tolist()


def test_people_travel_most_to_near_and_large_counties(exercise: Exercise) -> None:
    """Balcan et al. 2009: the log of the volume falls by one over 82 km between counties of the same size."""
    same = np.full(3, 300_000)
    distances = np.array([[0.0, 82.0, 164.0], [82.0, 0.0, 82.0], [164.0, 82.0, 0.0]])
    volumes = gravity(same, distances)
    assert np.log(volumes[0, 1] / volumes[0, 2]) == pytest.approx(1)
    assert volumes.sum() == pytest.approx(900_000 * 0.015)
    assert (np.diagonal(volumes) == 0).all()
    larger = gravity(np.array([300_000, 300_000, 3_000_000]), np.full((3, 3), 82.0))
    assert larger[0, 2] > 2 * larger[0, 1]
    assert (exercise.flows[:, range(40), range(40)] == 0).all()


def test_the_holiday_empties_the_capital_and_its_travel_is_cut_afterwards(exercise: Exercise) -> None:
    out, back = exercise.flows[:, 0, :].sum(axis=1), exercise.flows[:, :, 0].sum(axis=1)
    assert (out[15:22] > 1.5 * back[15:22]).all()
    assert out[TRAVEL_CUT_DAY:].max() < 0.6 * out[:15].min()
    ordinary = daily_factors(Calendar(START, 21), 40)[3]
    assert (ordinary == ordinary[0, 1]).all()
