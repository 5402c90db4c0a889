"""Pseudonyms: what the lake knows a person by.  Stable inside one emergency, unlinkable between two.

A person's number counts up within the emergency and stands beside the random name of the batch in which it was given:
where an older copy of the directory is put back the count begins again, and no pseudonym is given twice all the same.
"""

from __future__ import annotations

import hashlib
import hmac

BYTES = 16  # of HMAC-SHA-256, truncated as RFC 2104 allows: among 10^9 persons two coincide with odds of 10^-21
LENGTH = 2 * BYTES  # hexadecimal digits of the text


def raw(emergency_key: bytes, batch: bytes, number: int) -> bytes:
    """The bytes of a pseudonym: HMAC-SHA-256(emergency key, name of the batch ‖ number in 8 bytes), the first 16."""
    return hmac.digest(emergency_key, batch + number.to_bytes(8, "big"), hashlib.sha256)[:BYTES]


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym."""
    return len(text) == LENGTH and set(text) <= set("0123456789abcdef")
