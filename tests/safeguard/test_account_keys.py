"""Key pairs of accounts, and sealing to them."""

from __future__ import annotations

import pytest

from bianque.model.errors import BadInput
from bianque.safeguard import account_keys, hpke
from bianque.safeguard.account_keys import RECOMMENDED, Cost

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)


def test_what_is_sealed_to_a_person_opens_with_that_person_s_password() -> None:
    public, sealed = account_keys.create("a long password", CHEAP)
    message = hpke.seal(public, b"share", b"test")
    private = account_keys.open(sealed, "a long password")
    assert hpke.open_sealed(private, message, b"test") == b"share"
    with pytest.raises(BadInput, match="another use"):
        hpke.open_sealed(private, message, b"another test")


def test_another_password_opens_nothing_and_neither_does_a_changed_record() -> None:
    _, sealed = account_keys.create("a long password", CHEAP)
    with pytest.raises(BadInput, match="this password"):
        account_keys.open(sealed, "another password")
    for place in (0, 1, 8, 20, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1 if place else 7
        with pytest.raises(BadInput):
            account_keys.open(bytes(changed), "a long password")
    with pytest.raises(BadInput):
        account_keys.open(sealed[:20], "a long password")


def test_a_changed_password_keeps_the_pair_and_ends_the_old_password() -> None:
    public, sealed = account_keys.create("the first password", CHEAP)
    changed = account_keys.change(sealed, "the first password", "the second password", CHEAP)
    assert hpke.public_of(account_keys.open(changed, "the second password")) == public
    with pytest.raises(BadInput):
        account_keys.open(changed, "the first password")


def test_without_a_word_a_guess_costs_what_owasp_recommends() -> None:
    """OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane at least."""
    _, sealed = account_keys.create("a long password")
    version, passes, memory, lanes, *_ = account_keys.HEADER.unpack_from(sealed)
    assert (version, passes, memory, lanes) == (1, 2, 19456, 1)
    assert RECOMMENDED.memory_kib >= 19 * 1024
