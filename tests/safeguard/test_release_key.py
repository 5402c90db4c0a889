"""The release key of an emergency: two organisations put it together, whatever a third one hands in."""

from __future__ import annotations

from itertools import permutations

import pytest

from bianque.model.errors import BadInput
from bianque.safeguard import hpke, shares
from bianque.safeguard.release_key import share_of, together

PRIVATE = hpke.new_private()
PUBLIC = hpke.public_of(PRIVATE)
GIVEN = shares.split(PRIVATE, (1, 2, 3))


@pytest.mark.parametrize("lie", [GIVEN[1], bytes(32), b"short", b""], ids=["of another", "zeros", "short", "empty"])
def test_a_share_that_is_none_of_the_key_stands_in_nobodys_way_in_whatever_order_they_come(lie: bytes) -> None:
    for order in permutations({1: GIVEN[1], 2: GIVEN[2], 3: lie}.items()):
        assert together(dict(order), PUBLIC) == PRIVATE
        assert share_of(dict(order), PUBLIC, 3) == GIVEN[3]


def test_where_no_two_make_the_key_nothing_is_put_together() -> None:
    for given in ({1: GIVEN[1], 2: GIVEN[1]}, {1: GIVEN[1]}, {1: GIVEN[1], 2: b""}):
        with pytest.raises(BadInput, match="do not make the release key"):
            together(given, PUBLIC)
