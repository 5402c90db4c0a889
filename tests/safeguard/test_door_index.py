"""The directory in the door's memory."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.safeguard.door_index import UNKNOWN, Aliases, Index, words


def indices(values: list[int]) -> bytes:
    return b"".join(hashlib.sha256(str(value).encode()).digest() for value in values)


@pytest.mark.parametrize("batches", [[5], [1, 1, 1, 1, 1, 1, 1], [100, 3, 50, 1, 200, 7]])
def test_what_was_added_is_found_whatever_the_batches_and_nothing_else(batches: list[int]) -> None:
    index, start = Index(), 0
    for size in batches:
        index.add(words(indices(list(range(start, start + size)))), np.arange(start, start + size))
        start += size
    asked = list(range(start + 20))
    found = index.find(words(indices(asked))).tolist()
    assert found == [*range(start), *[UNKNOWN] * 20]
    assert len(index) == start


def test_indices_that_begin_alike_are_told_apart() -> None:
    """The first 64 bits of SHA-256 coincide for nobody we know; here they do for all."""
    alike = [b"same----" + bytes([n]) * 24 for n in range(6)]
    index = Index()
    for number, one in enumerate(alike[:5]):
        index.add(words(one), np.array([number]))
    assert index.find(words(b"".join(alike))).tolist() == [0, 1, 2, 3, 4, UNKNOWN]


def test_what_was_erased_is_not_found() -> None:
    index = Index()
    for start in (0, 10, 14):
        index.add(words(indices(list(range(start, start + 4)))), np.arange(start, start + 4))
    index.remove([1, 12, 99])
    found = index.find(words(indices([0, 1, 2, 11, 12, 13])))
    assert found.tolist() == [0, UNKNOWN, 2, 11, UNKNOWN, 13]
    assert len(index) == 10


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=20))
def test_linked_numbers_lead_to_the_least_of_them(pairs: list[tuple[int, int]]) -> None:
    """Against components found by repeated merging of sets."""
    groups = [{number} for number in range(1, 13)]
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [set().union(*touched)]
    aliases = Aliases(pairs)
    for group in groups:
        assert {aliases(number) for number in group} == {min(group)}
        assert all(set(aliases.together(number)) == group for number in group)
    assert set(aliases.all()) == {number for group in groups for number in group if number != min(group)}
