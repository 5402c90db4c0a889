"""Pseudonyms: what the lake knows a person by.  Stable inside one emergency, unlinkable between two."""

from __future__ import annotations

import hashlib
import hmac

BYTES = 16  # of HMAC-SHA-256, truncated as RFC 2104 allows: among 10^9 persons two coincide with odds of 10^-21
LENGTH = 2 * BYTES  # characters of the text


def raw(emergency_key: bytes, number: int) -> bytes:
    """The bytes of a pseudonym: HMAC-SHA-256(emergency key, person number), the first 16."""
    return hmac.digest(emergency_key, number.to_bytes(8, "big"), hashlib.sha256)[:BYTES]


def pseudonym(emergency_key: bytes, number: int) -> str:
    """The pseudonym of a person in an emergency: 32 hexadecimal digits."""
    return raw(emergency_key, number).hex()


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym."""
    return len(text) == LENGTH and set(text) <= set("0123456789abcdef")
