"""An account's key pair: what is sealed to a person opens with that person's password alone.

The private key is kept wrapped by a key that argon2id makes of the password. Nobody can open it for the person: who
forgets the password gets a new pair, and what was sealed to the old one is handed on anew or lost.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bianque.model.errors import BadInput
from bianque.safeguard import hpke

HEADER = struct.Struct(">BIIB16s12s")  # version, passes, memory in KiB, lanes, salt, nonce
VERSION = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of a password costs. It is written beside the wrapped key, so that it can be raised later."""

    passes: int
    memory_kib: int
    lanes: int


RECOMMENDED = Cost(passes=2, memory_kib=19 * 1024, lanes=1)  # OWASP Password Storage Cheat Sheet, argon2id
MOST = Cost(passes=16, memory_kib=1 << 20, lanes=16)


def create(password: str, cost: Cost = RECOMMENDED) -> tuple[bytes, bytes]:
    """A new pair: the public key, and the private key wrapped by the password."""
    private = hpke.new_private()
    return hpke.public_of(private), _wrap(private, password, cost)


def open(sealed: bytes, password: str) -> bytes:  # noqa: A001  what it does, as its counterpart `create`
    """The private key.

    raises  BadInput  when the password is another, or what is stored has been changed
    """
    try:
        version, passes, memory, lanes, salt, nonce = HEADER.unpack_from(sealed)
        if version != VERSION:
            raise ValueError(version)
        if passes > MOST.passes or memory > MOST.memory_kib or lanes > MOST.lanes:
            raise ValueError("a cost that nobody set")  # or whoever can write the record could stop the machine
        header, wrapped = sealed[: HEADER.size], sealed[HEADER.size :]
        key = _key(password, salt, Cost(passes, memory, lanes))
        return AESGCM(key).decrypt(nonce, wrapped, header)
    except (InvalidTag, ValueError, struct.error) as cause:
        raise BadInput("the private key of the account does not open with this password") from cause


def change(sealed: bytes, old: str, new: str, cost: Cost = RECOMMENDED) -> bytes:
    """The same private key under a new password.

    raises  BadInput  when the old password is another
    """
    return _wrap(open(sealed, old), new, cost)


def _wrap(private: bytes, password: str, cost: Cost) -> bytes:
    salt, nonce = os.urandom(16), os.urandom(12)
    header = HEADER.pack(VERSION, cost.passes, cost.memory_kib, cost.lanes, salt, nonce)
    return header + AESGCM(_key(password, salt, cost)).encrypt(nonce, private, header)


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    return hash_secret_raw(password.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID)
