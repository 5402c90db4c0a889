"""Pseudonyms of persons."""

from __future__ import annotations

import hashlib
import hmac

from bianque.safeguard.pseudonym import is_pseudonym, pseudonym

ONE, TWO = bytes(range(32)), bytes(range(1, 33))


def test_a_pseudonym_is_stable_in_an_emergency_and_another_in_the_next() -> None:
    first = [pseudonym(ONE, number) for number in range(1000)]
    assert first == [pseudonym(ONE, number) for number in range(1000)]
    second = [pseudonym(TWO, number) for number in range(1000)]
    assert len({*first, *second}) == 2000


def test_a_pseudonym_is_the_beginning_of_the_hmac_of_the_number() -> None:
    """HMAC by its definition, RFC 2104: H(K ^ opad, H(K ^ ipad, text))."""
    key, message = ONE.ljust(64, b"\0"), (7).to_bytes(8, "big")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + message).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).hexdigest()
    assert pseudonym(ONE, 7) == outer[:32] == hmac.new(ONE, message, "sha256").hexdigest()[:32]


def test_a_name_is_no_pseudonym() -> None:
    assert is_pseudonym(pseudonym(ONE, 1))
    assert not is_pseudonym("11010519491231002X")
    assert not is_pseudonym(pseudonym(ONE, 1).upper())
