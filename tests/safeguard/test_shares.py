"""Shares of a secret over GF(256)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.model.errors import BadInput
from bianque.safeguard import shares
from bianque.safeguard.shares import EXPONENT, _over, _times, combine, split

SECRETS = st.binary(min_size=1, max_size=8)
INDICES = st.lists(st.integers(1, 255), min_size=2, max_size=4, unique=True)


def test_the_field_is_that_of_aes() -> None:
    """FIPS 197, section 4.2: {57}·{83} = {c1}, {57}·{13} = {fe}; the inverse of {53} is {ca}."""
    assert _times(0x57, 0x83) == 0xC1
    assert _times(0x57, 0x13) == 0xFE
    assert _over(1, 0x53) == 0xCA
    assert sorted(EXPONENT[:255]) == list(range(1, 256))


@given(SECRETS, INDICES)
def test_any_two_shares_give_the_secret_and_every_other_share(secret: bytes, indices: list[int]) -> None:
    given = split(secret, indices)
    for one in indices:
        for two in indices:
            if one == two:
                continue
            pair = {one: given[one], two: given[two]}
            assert combine(pair) == secret
            assert all(combine(pair, at=other) == given[other] for other in indices if other not in pair)


@pytest.mark.parametrize("index", [1, 2, 255])
def test_one_share_tells_nothing(index: int) -> None:
    """For a share that is known, every secret is possible: there is exactly one line through both."""
    share = split(b"\x2a", [index, index % 255 + 1])[index]
    other = index % 255 + 1
    lines = {combine({index: share, other: bytes([y])}) for y in range(256)}
    assert len(lines) == 256


def test_two_holders_of_one_organisation_cannot_combine() -> None:
    share = split(b"release key", [1, 2])[1]
    with pytest.raises(BadInput, match="different index"):
        combine({1: share})


@pytest.mark.parametrize("index", [0, 256, -1])
def test_a_share_at_the_secret_s_own_index_or_outside_of_the_field_is_none(index: int) -> None:
    """At 0 lies the secret itself: what somebody hands in there would be taken for it."""
    with pytest.raises(BadInput, match="from 1 to 255"):
        combine({index: b"forged", 1: b"share "})


@pytest.mark.parametrize("indices", [[], [1], [1, 1], [0, 1], [1, 256]])
def test_fewer_than_two_indices_or_the_secret_s_own_are_refused(indices: list[int]) -> None:
    with pytest.raises(BadInput, match="two or more different indices"):
        shares.split(b"x", indices)
