"""Sensitivity is computed from field and context; evidence can only raise it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput
from bianque.model.fields import Class, registered
from bianque.model.organisation import HolderKind
from bianque.safeguard.classify import (
    NOTHING,
    Sensitivity,
    context_of,
    derived,
    effective,
    evidence,
    raisings,
    worship,
)

from .authorities import COUNTY, ELSEWHERE, EMERGENCY

words = st.frozensets(st.sampled_from(sorted(evidence())))
fields = st.lists(st.sampled_from(sorted(registered())), min_size=1, unique=True)


def at_least(now: Sensitivity, before: Sensitivity) -> bool:
    return now.gb >= before.gb and now.art_9 >= before.art_9 and set(now.rules) >= set(before.rules)


@given(fields, words, words, fields)
def test_raising_is_monotone(names: list[str], known: frozenset[str], more: frozenset[str], beside: list[str]) -> None:
    before, after = effective(names, known), effective([*names, *beside], known | more)
    assert all(at_least(after[name], before[name]) for name in names)


@given(fields, st.permutations(sorted(evidence())), st.randoms())
def test_raising_knows_no_order(names: list[str], order: list[str], shuffled: object) -> None:
    mixed = list(names)
    shuffled.shuffle(mixed)  # type: ignore[attr-defined]
    assert effective(mixed, order) == effective(names, sorted(evidence()))
    half = len(order) // 2
    one, other = effective(names, order[:half]), effective(names, order[half:])
    for name in names:
        assert at_least(effective(names, order)[name], one[name] | other[name])
        assert one[name] | other[name] == other[name] | one[name]


@given(fields, words)
def test_raising_twice_is_raising_once(names: list[str], known: frozenset[str]) -> None:
    once = effective(names, known)
    assert effective([*names, *names], [*known, *known]) == once
    assert all(found | found == found for found in once.values())


@given(fields, words)
def test_what_is_derived_inherits_the_maximum(names: list[str], known: frozenset[str]) -> None:
    found = effective(names, known).values()
    together = derived(found)
    assert all(at_least(together, one) for one in found)
    assert together.gb == max(one.gb for one in found)
    assert derived([together, *found]) == together


@given(fields, words)
def test_another_context_is_computed_afresh(names: list[str], known: frozenset[str]) -> None:
    before = effective(names, frozenset())
    effective(names, known)
    assert effective(names, frozenset()) == before


def test_the_phone_of_someone_returned_from_wuhan_is_health_data() -> None:
    alone = effective(["person.phone"], [])["person.phone"]
    assert (alone.gb, alone.art_9, alone.rules) == (Class.PERSONAL, False, ())
    listed = effective(["person.phone"], ["health"])["person.phone"]
    assert (listed.gb, listed.art_9, listed.rules) == (Class.SENSITIVE, True, ("list-health",))


def test_a_place_of_worship_visited_five_times_a_week_makes_the_location_special() -> None:
    assert not effective(["person.address"], worship(4))["person.address"].art_9
    found = effective(["person.address", "person.phone"], worship(5))
    assert found["person.address"].art_9
    assert not found["person.phone"].art_9


def test_a_child_is_always_sensitive_and_what_is_of_nobody_never() -> None:
    everything = effective(registered(), ["under_14"])
    for name, now in everything.items():
        assert (now.gb is Class.SENSITIVE) == (registered()[name].gb is not Class.NONE), name


def test_a_name_beside_a_health_note_is_health_data() -> None:
    assert not effective(["person.name", "person.phone"], [])["person.name"].art_9
    beside = effective(["person.name", "person.health_note"], [])
    assert beside["person.name"].rules == ("beside-health",)
    assert beside["person.name"].art_9


def test_controller_purpose_region_and_fear_are_evidence() -> None:
    def words_of(**changes: object) -> frozenset[str]:
        return context_of(EMERGENCY, is_open=True, **changes)  # type: ignore[arg-type]

    assert words_of() == {"emergency"}
    assert words_of(within=COUNTY) == {"emergency", "in_jurisdiction"}
    assert words_of(within=ELSEWHERE) == {"emergency"}
    assert words_of(controller=HolderKind.TELECOM) == {"emergency", "commercial_controller"}
    assert words_of(purpose=Purpose.RESEARCH) == {"emergency", "purpose_beyond_care"}
    assert words_of(known=["health", "red-haired"]) == {"emergency", "health"}
    assert context_of(EMERGENCY, is_open=False) == frozenset()
    assert context_of(None, is_open=False) == frozenset()


def test_an_unknown_field_or_word_is_named() -> None:
    with pytest.raises(BadInput, match=re.escape("not registered: person.shoe_size")):
        effective(["person.shoe_size"], [])
    with pytest.raises(BadInput, match="no rule knows the context returned"):
        effective(["person.phone"], ["returned"])


def test_every_rule_that_raises_has_its_reason_and_its_source() -> None:
    for rule in raisings().values():
        assert rule.when or rule.beside
        assert rule.why.zh.endswith("。")
        assert rule.why.en.endswith(".")
        assert rule.source
    assert derived([]) == NOTHING
