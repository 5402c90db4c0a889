"""Which ciphers a register seals with.  One suite a register, recorded in it when it is made.

AES-256-GCM (NIST SP 800-38D) with HMAC-SHA-256 (FIPS 198-1), or SM4-GCM (GB/T 32907, RFC 8998) with HMAC-SM3
(GB/T 32905) where commercial cryptography of China is asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as Mode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hmac import HMAC
from sqlalchemy import Connection, insert, select

from bianque.model.errors import BadInput, BadRegister
from bianque.registry.tables.settings import setting

NONCE, TAG = 12, 16  # bytes, of GCM in both suites


class Cipher(Protocol):
    """Authenticated encryption under one key."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """raises  cryptography.exceptions.InvalidTag  when anything of it was changed"""
        ...


@dataclass(frozen=True, slots=True)
class Sm4Gcm:
    """SM4 in GCM with the calls of AESGCM, which the library gives for AES alone."""

    key: bytes = field(repr=False)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Mode(SM4(self.key), GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        decryptor = Mode(SM4(self.key), GCM(nonce, data[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG]) + decryptor.finalize()


def _hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def _hmac_sm3(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, hashes.SM3())
    mac.update(message)
    return mac.finalize()


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher with the length of its keys in bytes, and a keyed hash."""

    name: str
    key_length: int
    cipher: Callable[[bytes], Cipher]
    mac: Callable[[bytes, bytes], bytes]


AES = Suite("AES-256-GCM, HMAC-SHA-256", 32, AESGCM, _hmac_sha256)
SM = Suite("SM4-GCM, HMAC-SM3", 16, Sm4Gcm, _hmac_sm3)
SUITES = {"aes": AES, "sm": SM}


def must_exist(suite: str) -> None:
    """raises  BadInput  when there is no suite of that name"""
    if suite not in SUITES:
        raise BadInput(
            f"there is no suite {suite!r}", kept="nothing was made", remedy=f"choose one of {', '.join(SUITES)}"
        )


def record(connection: Connection, suite: str) -> None:
    """Write down, once, which suite a new register seals with; the agencies of one register all use the same.

    raises  BadInput  when there is no such suite, or the register seals with another
    """
    must_exist(suite)
    recorded = _recorded(connection)
    if recorded is None:
        connection.execute(insert(setting), [{"name": "suite", "value": suite}])
    elif recorded != suite:
        raise BadInput(f"this register seals with suite {recorded}, not {suite}", kept="the register as it is")


def suite_of(connection: Connection) -> Suite:
    """The suite of a register.

    raises  BadRegister  when none is recorded: to guess would be to seal with the wrong one
    """
    name = _recorded(connection)
    if name is None or name not in SUITES:
        raise BadRegister("the register does not say which suite it seals with", remedy="restore its newest backup")
    return SUITES[name]


def _recorded(connection: Connection) -> str | None:
    return connection.execute(select(setting.c.value).where(setting.c.name == "suite")).scalar()
