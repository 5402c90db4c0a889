"""The root key: what every other key of a register hangs on. It is held in a file of its own, outside every backup."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bianque.model.errors import BadRegister

FILE = "root.key"
DOOR_FILE = "door.key"  # a key like it, which the door's process alone uses
LENGTH = 32  # bytes


@dataclass(frozen=True, slots=True)
class Root:
    """The opened root key."""

    secret: bytes = field(repr=False)

    def derive(self, label: str) -> bytes:
        """A key of 32 bytes for one use; different labels give unrelated keys (HKDF-SHA-256, RFC 5869)."""
        return HKDF(hashes.SHA256(), LENGTH, salt=None, info=b"bianque " + label.encode()).derive(self.secret)

    def fingerprint(self) -> str:
        """What tells this key from another without telling the key: 16 hexadecimal digits."""
        return self.derive("fingerprint")[:8].hex()


def create(path: Path) -> Root:
    """A new root key in a file that only its owner may read.

    raises  BadRegister  when the file exists: a key that is overwritten is lost, and everything under it
    """
    secret = os.urandom(LENGTH)
    write(path, secret)
    return Root(secret)


def write(path: Path, secret: bytes) -> None:
    """Put a root key into a new file that only its owner may read, on the disk before this returns.

    raises  BadRegister  when the file exists
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as cause:
        raise BadRegister(f"{path}: there is a root key already", kept="the key as it is") from cause


def read(path: Path) -> Root:
    """The root key in a file.

    raises  BadRegister  when it is missing, of another length, or others may read it
    """
    try:
        mode, secret = path.stat().st_mode & 0o077, path.read_bytes()
    except OSError as cause:
        raise BadRegister(
            f"{path}: the root key cannot be read: {cause.strerror}",
            remedy="give its file, or put it together again from the two sealed shares",
        ) from cause
    if mode:
        raise BadRegister(f"{path}: others than the owner may read the root key", remedy=f"chmod 600 {path.name}")
    if len(secret) != LENGTH:
        raise BadRegister(f"{path}: a root key has {LENGTH} bytes, this file {len(secret)}")
    return Root(secret)
