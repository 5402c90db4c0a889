"""Shares of a secret: any two of different index give it back, one alone tells nothing.

Shamir 1979 (Commun. ACM 22:612) with threshold two over GF(256), the field of AES (FIPS 197, x^8 + x^4 + x^3 + x + 1):
byte by byte a straight line through the secret at 0. Holders of one index hold the same share, so that two of them
still know one point of the line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from bianque.model.errors import BadInput

MOST = 255  # indices: the elements of the field but 0, where the secret lies
INDICES = frozenset(range(1, MOST + 1))


def _powers() -> tuple[list[int], list[int]]:
    exponents, logarithms, value = [0] * 510, [0] * 256, 1
    for power in range(255):
        exponents[power] = exponents[power + 255] = value
        logarithms[value] = power
        value ^= value << 1  # times the generator x + 1
        if value & 0x100:
            value ^= 0x11B
    return exponents, logarithms


EXPONENT, LOGARITHM = _powers()


def _times(a: int, b: int) -> int:
    return EXPONENT[LOGARITHM[a] + LOGARITHM[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    return EXPONENT[LOGARITHM[a] + 255 - LOGARITHM[b]] if a else 0


def split(secret: bytes, indices: Iterable[int]) -> dict[int, bytes]:
    """The share of each index; the slope of every byte's line is drawn anew from the system's randomness.

    indices  two or more different numbers from 1 to 255
    raises   BadInput  when there are fewer, or others
    """
    wanted = list(indices)
    if len(set(wanted)) < max(2, len(wanted)) or not all(1 <= index <= MOST for index in wanted):
        raise BadInput(f"shares need two or more different indices from 1 to {MOST}, these are {wanted}")
    slopes = os.urandom(len(secret))
    return {
        index: bytes(byte ^ _times(slope, index) for byte, slope in zip(secret, slopes, strict=True))
        for index in wanted
    }


def combine(shares: Mapping[int, bytes], at: int = 0) -> bytes:
    """The secret, or the share of another index, from two shares.

    shares  index → share, exactly two
    at      0: the secret; else the index whose share is wanted
    raises  BadInput  when there are not two, they differ in length, or an index is none
    """
    if len(shares) != 2 or len({len(share) for share in shares.values()}) != 1 or not shares.keys() <= INDICES:
        raise BadInput(
            f"a secret is put together from two shares of the same length and different index, from 1 to {MOST}"
        )
    (one, first), (two, second) = shares.items()
    # Lagrange: f(at) = f(one)·(at − two)/(one − two) + f(two)·(at − one)/(two − one); minus is plus, and both are xor
    left, right = _over(at ^ two, one ^ two), _over(at ^ one, one ^ two)
    return bytes(_times(a, left) ^ _times(b, right) for a, b in zip(first, second, strict=True))
