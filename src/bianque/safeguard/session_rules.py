"""Sessions: how long one lasts, and how a token is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

IDLE = dt.timedelta(minutes=15)
ABSOLUTE = dt.timedelta(hours=8)
PROOF = dt.timedelta(minutes=5)  # for this long a second factor counts as just given
TICKET = dt.timedelta(minutes=10)  # from the right password to the second factor
ONE_TIME = dt.timedelta(hours=72)  # a password that was told counts for this long
SEEN_EVERY = dt.timedelta(seconds=20)  # a session that was seen this recently is not written to again
TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits, in characters that fit a cookie and a file."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is kept of a token. It is random, so that a plain hash does."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def lasts_until(started: dt.datetime, seen: dt.datetime) -> dt.datetime:
    return min(started + ABSOLUTE, seen + IDLE)


def lasts(started: dt.datetime, seen: dt.datetime, at: dt.datetime) -> bool:
    """Whether a session still lasts. One from the future does not: a clock that was set back must not prolong it."""
    return max(started, seen) - SEEN_EVERY <= at < lasts_until(started, seen)


def just_proved(proved: dt.datetime | None, at: dt.datetime) -> bool:
    """Whether a second factor counts as just given; at exactly five minutes it does no more."""
    return proved is not None and dt.timedelta(0) <= at - proved < PROOF
