"""Which colour a figure gets on the map."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from bianque.model.situation import Situation
from bianque.model.text import Text
from bianque.services import numerals, scales


def colour(situation: Situation, code: str, metric: scales.MetricKey) -> str:
    return next(cell.colour for cell in scales.choropleth(situation, metric).cells if cell.code == code)


def with_growth(situation: Situation, value: float | None, lower: float | None, upper: float | None) -> Situation:
    """The picture with another growth rate in its first region."""
    first = situation.regions[0]
    growth = first.growth.model_copy(update={"value": value, "lower": lower, "upper": upper})
    return situation.model_copy(
        update={"regions": [first.model_copy(update={"growth": growth}), *situation.regions[1:]]}
    )


def test_growing_is_orange_shrinking_blue_and_an_interval_that_holds_zero_neither(today: Situation) -> None:
    shades = scales.DIVERGING["light"]
    assert colour(with_growth(today, 0.2, 0.1, 0.3), "A", "growth") == shades[-1]
    assert colour(with_growth(today, -0.2, -0.3, -0.1), "A", "growth") == shades[0]
    assert colour(with_growth(today, 0.2, -0.1, 0.5), "A", "growth") == shades[len(shades) // 2]
    assert colour(with_growth(today, None, None, None), "A", "growth") == scales.UNKNOWN_COLOUR["light"]


def test_hidden_unknown_and_zero_have_three_colours(today: Situation) -> None:
    drawn = scales.choropleth(today, "total")
    cells = {cell.code: cell for cell in drawn.cells}
    assert (cells["B"].text, cells["B"].value, cells["B"].colour) == (numerals.HIDDEN, None, drawn.hidden_colour)
    assert cells["D"].text == "0"
    unknown = today.regions[3].model_copy(update={"total": None})
    blank = scales.choropleth(today.model_copy(update={"regions": [*today.regions[:3], unknown]}), "total")
    assert len({cells["B"].colour, cells["D"].colour, blank.cells[3].colour}) == 3


@pytest.mark.parametrize("metric", scales.METRICS)
@pytest.mark.parametrize("ground", get_args(scales.Ground))
def test_every_value_has_one_class_and_the_legend_shows_its_colour(
    today: Situation, metric: scales.MetricKey, ground: scales.Ground
) -> None:
    drawn = scales.choropleth(today, metric, ground)
    assert all(a.upper == b.lower for a, b in pairwise(drawn.classes))
    assert len({c.label for c in drawn.classes}) == len(drawn.classes)
    shown = {c.colour for c in drawn.classes} | {drawn.unknown_colour, drawn.hidden_colour}
    assert {cell.colour for cell in drawn.cells} <= shown


def test_an_estimate_on_the_map_is_written_as_its_reader_writes(today: Situation) -> None:
    growing = with_growth(today, 0.2, 0.1, 0.3)
    assert scales.choropleth(growing, "growth").cells[0].text == "+20.0% (+10.0% – +30.0%)"
    assert scales.choropleth(growing, "growth", language="zh-CN").cells[0].text == "+20.0%（+10.0% – +30.0%）"


def test_the_classes_of_growth_are_the_same_every_day(today: Situation) -> None:
    other = with_growth(today, 3.0, 2.0, 4.0)
    assert scales.choropleth(today, "growth").classes == scales.choropleth(other, "growth").classes


def test_a_label_of_whole_numbers_does_not_overlap_the_next(today: Situation) -> None:
    labels = [c.label for c in scales.choropleth(today, "total").classes]
    assert labels[0] == "0"
    ends = [label.replace(",", "").split("–") for label in labels if "–" in label]
    assert all(int(a[1]) + 1 == int(b[0]) for a, b in pairwise(ends))


def test_infected_arrivals_in_cities_add_up_to_their_province_on_the_map(today: Situation) -> None:
    """GB/T 2260: Xiaogan 420900 and Huanggang 421100 lie in Hubei 420000, Xinyang 411500 in Henan 410000."""
    row = today.importation[0]
    cities = [
        row.model_copy(update={"destination": code, "expected": expected, "name": Text(zh=code, en=code)})
        for code, expected in (("420900", 20.0), ("421100", 10.0), ("411500", 5.0))
    ]
    provinces = [today.regions[n].model_copy(update={"code": code}) for n, code in enumerate(("420000", "410000"))]
    china = today.model_copy(update={"region_system": "cn", "regions": provinces, "importation": cities})
    cells = {cell.code: cell.value for cell in scales.choropleth(china, "importation").cells}
    assert cells == {"420000": 30.0, "410000": 5.0}


def test_two_travel_feeds_are_never_added(today: Situation) -> None:
    row = today.importation[0]
    elsewhere = row.model_copy(update={"feed": "cities", "destination": "not on the map"})
    both = today.model_copy(update={"importation": [elsewhere, *today.importation]})
    assert {arrival.feed for arrival in scales.ranking(both)} == {row.feed}
    assert scales.ranking(today.model_copy(update={"importation": []})) == []
