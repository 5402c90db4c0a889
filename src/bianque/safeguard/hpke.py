"""Sealing to a public key: whoever seals cannot open again.  HPKE, RFC 9180, base mode, X25519, AES-256-GCM."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from bianque.model.errors import BadInput

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_private() -> bytes:
    """A new private key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(public: bytes, plain: bytes, use: bytes) -> bytes:
    """What only the holder of the private key opens, and only by naming the same use."""
    return SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public), info=b"bianque " + use)


def open_sealed(private: bytes, sealed: bytes, use: bytes) -> bytes:
    """What was sealed.

    raises  BadInput  when it was sealed to another key or for another use, or has been changed
    """
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=b"bianque " + use)
    except (InvalidTag, ValueError) as cause:
        raise BadInput(
            "what is sealed does not open: it was sealed to another key or for another use, or it has been changed"
        ) from cause
