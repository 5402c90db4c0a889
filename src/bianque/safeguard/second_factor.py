"""The second factor: codes that change every 30 seconds (TOTP, RFC 6238), and how its secret is kept."""

from __future__ import annotations

import datetime as dt
import hmac
import os

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bianque.model.errors import BadRegister

STEP_SECONDS = 30  # RFC 6238, 5.2
DRIFT_STEPS = 1  # a clock may be this many steps off
NONCE = 12  # bytes
ISSUER = "Bianque"


def new_secret() -> str:
    """A new secret of 160 bits, base32."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """The otpauth address that an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def code(secret: str, at: dt.datetime) -> str:
    """The code of a moment: what an authenticator application shows."""
    return pyotp.TOTP(secret).at(at)


def step_of(secret: str, given: str, at: dt.datetime, used: int = 0) -> int | None:
    """The time step whose code was given, or None when it is none that counts now.

    used    the last step whose code was used: it and those before it do not count again
    """
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    typed = given.replace(" ", "")
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if (
            hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), typed.encode("utf-8", "surrogatepass"))
            and step > used
        ):
            found = step
    return found


def seal(key: bytes, secret: bytes, bound_to: str) -> bytes:
    """A secret as it is kept: AES-256-GCM, bound to what it belongs to."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """The secret.

    raises  BadRegister  when it was sealed under another key, for something else, or changed
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as cause:
        raise BadRegister(
            "a second factor cannot be opened: it was changed, or the root key is another",
            kept="the account as it is",
            remedy="reset its second factor, or open the register with the root key it was made with",
        ) from cause
