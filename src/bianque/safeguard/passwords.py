"""Passwords: how they are kept, which are too easy to guess, and one-time passwords.

Kept as argon2id with parameters of the OWASP Password Storage Cheat Sheet (2024). Chosen as OWASP ASVS 5.0, 6.2 asks:
any characters, no rules of composition, no forced change, exactly as typed; long enough, and neither a common password
nor made of words that everybody here knows.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 12, 128  # characters; ASVS 5.0, 6.2.1 and 6.2.9
LEFT_OVER = 6  # characters that are neither a common word, nor a run, nor a year
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # 19 MiB: OWASP's m=19456, t=2, p=1
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is taken for something else when read out
ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qawsedrftgyhujikolp",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "7894561230",  # a keypad by rows, by columns, crosswise
    "147258369",
    "159357",
    "13579",
    "02468",
)
SHORTEST_RUN = 3
LOOKALIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
YEAR = re.compile(r"(19|20)\d\d")
REPEAT = re.compile(r"(.{1,6}?)\1+")


def hashed(password: str) -> str:
    return HASHER.hash(_octets(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept. With none kept it takes as long, and is never right."""
    try:
        return HASHER.verify(kept or _nobody(), _octets(password)) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def one_time() -> str:
    """A password to be told once: 20 characters, 99 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def weakness(password: str, known: Iterable[str] = ()) -> str | None:
    """Why a password may not be chosen, or None: `short`, `long`, `common`.

    known   words that a stranger would try for this account: its login, its organisation, its agency
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    return "common" if unpredictable(password, known) < LEFT_OVER else None


def unpredictable(password: str, known: Iterable[str] = ()) -> int:
    """Different characters of a password that no common word, run on the keyboard, year or repetition explains."""
    plain = YEAR.sub("", password.casefold())
    words = sorted({*_common(), *(part for word in known for part in _parts(word))}, key=len, reverse=True)
    readings = (plain, plain.translate(LOOKALIKE))
    return min(len(set(_without(re.sub(r"\W|_", "", reading), words))) for reading in readings)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    text = REPEAT.sub(r"\1", text)
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), SHORTEST_RUN - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], "")
    return text


def _parts(word: str) -> list[str]:
    parts = [word.casefold(), *re.split(r"[^a-z0-9]+", word.casefold())]
    return [re.sub(r"\W|_", "", part) for part in parts if len(part) >= SHORTEST_RUN]


@cache
def _common() -> frozenset[str]:
    lines = files("bianque.safeguard").joinpath("common_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
