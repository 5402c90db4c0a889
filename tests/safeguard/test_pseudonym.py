"""Pseudonyms of persons."""

from __future__ import annotations

import hashlib
import hmac

from bianque.safeguard.pseudonym import is_pseudonym, raw

ONE, TWO = bytes(range(32)), bytes(range(1, 33))
BATCH = b"0f1e2d3c4b5a69788796a5b4c3d2e1ff"


def test_a_pseudonym_is_stable_in_an_emergency_and_another_in_the_next() -> None:
    first = [raw(ONE, BATCH, number) for number in range(1000)]
    assert first == [raw(ONE, BATCH, number) for number in range(1000)]
    second = [raw(TWO, BATCH, number) for number in range(1000)]
    assert len({*first, *second}) == 2000


def test_a_number_given_again_in_another_batch_is_another_pseudonym() -> None:
    assert raw(ONE, BATCH, 7) != raw(ONE, BATCH[::-1], 7)


def test_a_pseudonym_is_the_beginning_of_the_hmac_of_batch_and_number() -> None:
    """HMAC by its definition, RFC 2104: H(K ^ opad, H(K ^ ipad, text))."""
    key, message = ONE.ljust(64, b"\0"), BATCH + (7).to_bytes(8, "big")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + message).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).digest()
    assert raw(ONE, BATCH, 7) == outer[:16] == hmac.new(ONE, message, "sha256").digest()[:16]


def test_a_name_is_no_pseudonym() -> None:
    assert is_pseudonym(raw(ONE, BATCH, 1).hex())
    assert not is_pseudonym("11010519491231002X")
    assert not is_pseudonym(raw(ONE, BATCH, 1).hex().upper())
