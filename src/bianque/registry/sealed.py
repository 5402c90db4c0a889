"""Sealed fields: a value is readable only in the place it was sealed for.

The associated data of the encryption names table, column, row, person and version. A value that is copied to another
row, column or table, or put back from an older version, fails to open instead of showing somebody else's data.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from bianque.model.errors import BadRegister
from bianque.registry.suites import NONCE, Cipher

BLOCK = 16  # bytes: lengths are rounded up, or the length alone would tell `male` from `female`
PADDING = [b"\x80" + bytes(count) for count in range(BLOCK)]  # ISO/IEC 7816-4


@dataclass(frozen=True, slots=True)
class Place:
    """Where values of one row stand. Ids are made by the register and hold no NUL."""

    table: str
    person: str
    version: int
    row: str = ""  # of the table, where a person has several rows there

    def associated(self, columns: Iterable[str]) -> list[bytes]:
        """What is bound to the values of some columns; put together once a row, for there are many."""
        before, after = f"{self.table}\0", f"\0{self.person}\0{self.row}\0{self.version}"
        return [f"{before}{column}{after}".encode() for column in columns]


def seal(cipher: Cipher, place: Place, column: str, value: str) -> bytes:
    """A value sealed for its place: nonce ‖ ciphertext ‖ tag. The nonce is random: a data key seals few values."""
    return seal_all(cipher, place, {column: value})[column]


def seal_all(cipher: Cipher, place: Place, values: Mapping[str, str]) -> dict[str, bytes]:
    """Values of one row by column, each sealed for its place."""
    random = os.urandom(NONCE * len(values))
    sealed: dict[str, bytes] = {}
    start = 0
    for (column, value), bound in zip(values.items(), place.associated(values), strict=True):
        nonce, plain = random[start : start + NONCE], value.encode()
        start += NONCE
        padded = plain + PADDING[-(len(plain) + 1) % BLOCK]
        sealed[column] = nonce + cipher.encrypt(nonce, padded, bound)
    return sealed


def unseal(cipher: Cipher, place: Place, column: str, sealed: bytes) -> str:
    """The value sealed for a place.

    raises  BadRegister  when it was sealed for another place, under another key, or was changed
    """
    try:
        padded = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], *place.associated([column]))
    except (InvalidTag, ValueError) as cause:
        raise BadRegister(
            f"{place.table} {place.row or place.person}, field {column}: the sealed value does not belong there",
            kept="the register as it is",
            remedy="somebody moved or changed it: look into the audit, and restore the newest backup",
        ) from cause
    return padded[: padded.rindex(b"\x80")].decode()
