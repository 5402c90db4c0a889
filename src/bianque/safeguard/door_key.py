"""The door's own key: it wraps the emergencies' keys at rest. Only the door's process reads it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bianque.model.errors import BadRegister

FILE = "door.key"
LENGTH = 32  # bytes
NONCE = 12  # bytes, NIST SP 800-38D


def derive(secret: bytes, label: str) -> bytes:
    """A key of 32 bytes for one use (HKDF-SHA-256, RFC 5869)."""
    return HKDF(hashes.SHA256(), LENGTH, salt=None, info=b"bianque door " + label.encode()).derive(secret)


@dataclass(frozen=True, slots=True)
class DoorKey:
    """The opened key of the door."""

    secret: bytes = field(repr=False)

    def wrap(self, plain: bytes, use: str) -> bytes:
        """What only this key opens, and only for this use."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(derive(self.secret, "wrap")).encrypt(nonce, plain, use.encode())

    def unwrap(self, wrapped: bytes, use: str) -> bytes:
        """What was wrapped.

        raises  BadRegister  when it was wrapped by another key or for another use, or has been changed
        """
        try:
            return AESGCM(derive(self.secret, "wrap")).decrypt(wrapped[:NONCE], wrapped[NONCE:], use.encode())
        except (InvalidTag, ValueError) as cause:
            raise BadRegister(
                f"{FILE} does not open what the store behind the door holds: {use}",
                kept="the store as it is",
                remedy=f"put back the {FILE} that belongs to this register; if it does, the store was changed",
            ) from cause


def read(folder: Path, *, create: bool) -> DoorKey:
    """The key in a register's folder; a new one where there may be a new one.

    create  nothing has been wrapped yet, so that nothing is lost with a key that is not there
    raises  BadRegister  when it is missing, of another length, or others may read it
    """
    path = folder / FILE
    if create and not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(LENGTH))
            file.flush()
            os.fsync(file.fileno())
    try:
        mode, secret = path.stat().st_mode & 0o077, path.read_bytes()
    except OSError as cause:
        raise BadRegister(
            f"{path}: the door's key cannot be read: {cause.strerror}",
            kept="the store behind the door as it is",
            remedy=f"put back {FILE}: without it no pseudonym can be made again",
        ) from cause
    if mode:
        raise BadRegister(f"{path}: others than the owner may read the door's key", remedy=f"chmod 600 {FILE}")
    if len(secret) != LENGTH:
        raise BadRegister(f"{path}: the door's key has {LENGTH} bytes, this file {len(secret)}")
    return DoorKey(secret)
