"""Small counts: what is hidden, and that nobody can compute it from what is shown."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bianque.model import disclosure
from bianque.model.disclosure import Family, mask, small_places
from bianque.model.situation import ChangePoint, RegionPicture, Series, Signal, Situation

from .conftest import FIRST, NAME, region, situation

LARGE = 500_000


def shown(*regions: RegionPicture) -> dict[str, RegionPicture]:
    return {r.code: r for r in mask(situation(regions)).regions}


def test_the_rule_in_words_names_its_two_numbers_in_both_languages() -> None:
    rule = disclosure.rule()
    assert "1至4" in rule.zh
    assert "1 to 4" in rule.en
    assert "100,000" in rule.zh
    assert "100,000" in rule.en


@pytest.mark.parametrize(
    ("count", "population", "hidden"),
    [(0, 5, False), (1, 5, True), (4, 99_999, True), (5, 5, False), (4, 100_000, False), (4, None, True),
     (None, 5, False), (-3, 5, True)],
)  # fmt: skip
def test_a_count_of_1_to_4_in_a_small_or_unknown_place_is_hidden(
    count: float | None, population: int | None, hidden: bool
) -> None:
    here, _ = disclosure.hidden_days([[count], [count]])
    assert (disclosure.is_small_place(population) and bool(here)) is hidden


def test_a_large_place_and_the_whole_show_every_count() -> None:
    large, other = region("L", [0, 1, 2, 3], population=LARGE), region("M", [1, 1, 0, 0], population=LARGE)
    made = situation([large, other])
    assert mask(made) == made


def test_zero_and_five_are_shown_between_them_nothing_is() -> None:
    places = shown(region("A", [0, 1, 4, 5]), region("B", [0, 2, 3, 5]))
    assert places["A"].new == [0, None, None, 5]
    assert places["A"].hidden_dates == [dt.date(2027, 1, 2), dt.date(2027, 1, 3)]


def test_a_sum_with_a_hidden_day_is_hidden_since_the_days_shown_would_give_that_day() -> None:
    """5 + 5 + 6 + 7 + 5 + 8 + 3 = 39: the week less the six days shown is 3."""
    place = shown(region("A", [5, 5, 6, 7, 5, 8, 3]), region("B", [5, 5, 5, 5, 5, 5, 4]))["A"]
    assert place.new == [5, 5, 6, 7, 5, 8, None]
    assert place.hidden == ["total", "new_last", "new_7_days", "incidence_7_days_per_100k"]
    assert (place.total, place.new_last, place.new_7_days, place.incidence_7_days_per_100k) == (None,) * 4


def test_running_totals_end_where_the_first_day_is_hidden_so_that_two_pictures_have_no_difference_to_take() -> None:
    counts = [[0, 6, 0, 2, 9, 9, 9, 9, 9, 9, 9], [0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]]
    place = shown(region("A", counts[0]), region("B", counts[1]))["A"]
    assert place.cumulative == [0, 6, 6] + [None] * 8
    assert (place.total, place.new_7_days, place.hidden) == (None, 63, ["total"])


def test_a_week_without_a_hidden_day_keeps_its_sum() -> None:
    place = shown(region("A", [0, 0, 0, 5, 6, 7, 8]), region("B", [0] * 7))["A"]
    assert (place.total, place.new_7_days, place.hidden) == (26, 26, [])
    assert place.cumulative == [0, 0, 0, 5, 11, 18, 26]


def test_deaths_follow_the_same_rule() -> None:
    place = shown(
        region("A", [0] * 4, deaths=[0, 1, 0, 7]), region("B", [0] * 4, deaths=[0, 2, 0, 0]), region("C", [0] * 4)
    )["A"]
    assert (place.deaths_total, place.deaths_cumulative) == (None, [0, None, None, None])
    assert place.hidden == ["deaths_total"]


def test_one_hidden_place_alone_would_be_the_whole_less_the_others_so_all_small_places_hide_that_day() -> None:
    made = mask(
        situation(
            [region("A", [0, 3]), region("B", [0, 0]), region("C", [0, 9]), region("L", [2, 2], population=LARGE)]
        )
    )
    assert [place.new for place in made.regions] == [[0, None], [0, None], [0, None], [2, 2]]
    assert made.whole.new == [2, 14]


@pytest.mark.parametrize(
    ("counts", "all_hidden"),
    [((1, 1), True), ((1, 2), True), ((4, 4), True), ((1, 3), False), ((2, 2), False), ((3, 4), False)],
)
def test_hidden_counts_whose_sum_leaves_too_few_possibilities_take_the_day_with_them(
    counts: tuple[float, float], all_hidden: bool
) -> None:
    places = shown(region("A", [counts[0]]), region("B", [counts[1]]), region("C", [0]))
    assert places["A"].new == places["B"].new == [None]
    assert places["C"].new == [None if all_hidden else 0]


@pytest.mark.parametrize(
    ("new", "totals", "counts"),
    [
        ([None, None, None], [5, None, 13], [5, None, 8]),
        ([5, None, 6], [5, None, 13], [5, 2, 6]),
        ([None, 5, 6], [None, 5, 13], [0, 5, 6]),
        ([None, 5, 6], [None, 7, 13], [2, 5, 6]),
    ],
)
def test_what_a_total_holds_beyond_the_days_known_is_a_count_of_the_day_unknown(
    new: list[float | None], totals: list[float | None], counts: list[float | None]
) -> None:
    assert disclosure.daily_counts(new, totals) == counts


def test_a_place_that_is_hidden_hides_its_parts_since_they_add_up_to_it() -> None:
    families = {
        "M": Family("", "city"), "N": Family("", "city"), "A": Family("N", "county"), "B": Family("N", "county"),
    }  # fmt: skip
    counts: dict[str, Series] = {"M": [2, 0], "N": [12, 0], "A": [5, 0], "B": [7, 0]}
    hidden = disclosure.hidden_by_family(counts, families, dict.fromkeys(families, 50_000))
    assert hidden == dict.fromkeys("MNAB", frozenset({0}))


def test_where_one_place_is_small_the_next_smallest_stands_by_it() -> None:
    assert small_places({"A": 9_000, "B": 200_000, "C": 150_000}) == {"A", "C"}
    assert small_places({"A": None, "B": 200_000, "C": 50_000}) == {"A", "C"}
    assert small_places({"B": 200_000, "C": 150_000}) == frozenset()
    places = shown(region("A", [3]), region("B", [20], population=900_000), region("C", [30], population=LARGE))
    assert [places[code].new for code in "ABC"] == [[None], [20], [None]]


def signal(code: str, feed: str, observed: float) -> Signal:
    return Signal(
        date=FIRST, region=code, name=NAME, feed=feed, measure="confirmed", method="ears_c2", observed=observed,
        expected=0.14, threshold=1.31, excess=observed - 0.14, alpha=0.001, baseline_days=7,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "feed", "figures"),
    [
        ("A", "cases", False),  # 7 × 0.14 = 1: the baseline has one case on one hidden day
        ("A", "clinics", False),
        ("A", "searches", True),  # searches are no persons
        ("L", "cases", True),
        ("P", "cases", True),
        ("city of another level", "cases", False),
    ],
)
def test_a_signal_of_persons_in_a_small_place_carries_no_figures(code: str, feed: str, figures: bool) -> None:
    made = situation([region("A", [0]), region("B", [0]), region("L", [0], population=LARGE)])
    (masked,) = mask(made.model_copy(update={"signals": [signal(code, feed, 7.0)]})).signals
    values = (masked.observed, masked.expected, masked.threshold, masked.excess)
    assert values == ((7.0, 0.14, 1.31, 6.86) if figures else (None,) * 4)
    assert (masked.region, masked.method) == (code, "ears_c2")


def test_a_change_of_definition_in_a_small_place_keeps_its_day_and_loses_what_hidden_days_gave() -> None:
    def change(code: str, day: int, observed: float) -> ChangePoint:
        return ChangePoint(
            date=FIRST + dt.timedelta(days=day), region=code, name=NAME, observed=observed, expected=2.0, upper=6.0,
            kind="declared", reason=NAME, source="a bulletin",
        )  # fmt: skip

    made = situation([region("A", [0, 0, 3, 90]), region("B", [0, 0, 2, 0])])
    changes = [change("A", 1, 0.0), change("A", 2, 3.0), change("A", 3, 90.0), change("P", 3, 90.0), change("X", 3, 90)]
    masked = mask(made.model_copy(update={"change_points": changes})).change_points
    assert [(c.observed, c.expected, c.upper) for c in masked] == [
        (0, 2, 6), (None, None, None), (90, None, None), (90, 2, 6), (90, None, None),
    ]  # fmt: skip


daily = st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 9, None])


@st.composite
def histories(draw: st.DrawFn) -> list[list[float | None]]:
    """Days of two to four small places and one large place."""
    days = draw(st.integers(1, 9))
    places = draw(st.integers(2, 4))
    counts = draw(st.lists(st.lists(daily, min_size=days, max_size=days), min_size=places + 1, max_size=places + 1))
    return [*counts]


def picture(counts: list[list[float | None]]) -> Situation:
    *small, large = counts
    places = [region(f"S{n}", new, deaths=[count or 0 for count in new]) for n, new in enumerate(small)]
    return mask(situation([*places, region("L", large, population=LARGE)]))


@settings(max_examples=100, deadline=None)
@given(histories())
def test_for_every_hidden_small_count_another_number_gives_the_same_picture(counts: list[list[float | None]]) -> None:
    """Whoever sees the picture, the whole and the other places in it cannot tell: moved cases look the same."""
    made = picture(counts)
    small = len(counts) - 1
    for place, day in product(range(small), range(len(counts[0]))):
        count = counts[place][day]
        if count is None or not 0 < count < disclosure.SMALL_BELOW:
            continue
        assert made.regions[place].new[day] is None
        partners = [p for p in range(small) if p != place and counts[p][day] is not None]
        if not partners:
            continue  # every other small place is unknown on that day, and so is what it adds to the whole
        assert any(made == picture(moved) for other in partners for moved in others(counts, day, place, other))


def others(counts: list[list[float | None]], day: int, place: int, other: int) -> list[list[list[float | None]]]:
    """Histories with cases of one day moved between two places."""
    mine, theirs = counts[place][day], counts[other][day]
    assert mine is not None
    assert theirs is not None
    found = []
    for now in range(int(mine + theirs) + 1):
        if now != mine:
            changed = [list(row) for row in counts]
            changed[place][day], changed[other][day] = now, mine + theirs - now
            found.append(changed)
    return found


@settings(max_examples=100, deadline=None)
@given(histories())
def test_what_is_shown_of_a_small_place_follows_from_the_days_shown(counts: list[list[float | None]]) -> None:
    """Sums are shown only where every day is, zero and larger counts are never made unknown without being named."""
    for place, new in zip(picture(counts).regions, counts, strict=False):
        if place.code == "L":
            continue
        hidden = {(day - FIRST).days for day in place.hidden_dates}
        assert all((n in hidden) == (value is None and new[n] is not None) for n, value in enumerate(place.new))
        if place.total is not None:
            assert place.total == sum(value for value in place.new if value is not None)
        if place.new_7_days is not None:
            assert place.new_7_days == sum(value for value in place.new[-7:] if value is not None)
        assert ("total" in place.hidden) <= bool(hidden)


@pytest.mark.parametrize(
    ("cities", "counties"),
    [
        ((40_000, 40_000), (20_000,) * 4),
        ((40_000, 700_000), (20_000, 20_000, 20_000, 680_000)),
        ((320_000, 700_000), (20_000, 300_000, 20_000, 680_000)),
    ],
)
def test_who_knows_the_whole_the_shown_places_of_two_levels_and_the_rule_cannot_tell_a_small_count(
    cities: tuple[int, ...], counties: tuple[int, ...]
) -> None:
    """All ways to spread up to 8 cases of a day over four counties of two cities: those that look the same differ."""
    families = dict.fromkeys("MN", Family("", "city")) | dict.fromkeys("AB", Family("M", "county"))
    families |= dict.fromkeys("CD", Family("N", "county"))
    population = dict(zip("MNABCD", (*cities, *counties), strict=True))
    looks: dict[tuple[float | None, ...], list[dict[str, int]]] = {}
    for a, b, c, d in product(range(9), repeat=4):
        counts = {"M": a + b, "N": c + d, "A": a, "B": b, "C": c, "D": d}
        if a + b + c + d <= 8:
            hidden = disclosure.hidden_by_family({code: [n] for code, n in counts.items()}, families, population)
            look = tuple(None if hidden.get(code) else n for code, n in counts.items())
            looks.setdefault((a + b + c + d, *look), []).append(counts)
    for same in looks.values():
        for code, residents in population.items():
            values = {counts[code] for counts in same}
            if disclosure.is_small_place(residents) and any(0 < value < disclosure.SMALL_BELOW for value in values):
                assert len(values) > 1
