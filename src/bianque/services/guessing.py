"""Guesses at log-ins: each is counted before it is looked at, so that many sent at once are not looked at either."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
from dataclasses import dataclass

from bianque.model.catalogue import both
from bianque.model.errors import MustWait
from bianque.registry import guesses
from bianque.registry.guesses import Failures
from bianque.registry.register import Register, Transaction
from bianque.safeguard.guesses import FORGOTTEN, KNOWN, Count, neighbourhood, wait


@dataclass(frozen=True, slots=True)
class Guess:
    """One guess, counted as a failure until it is told to have been right."""

    account: str
    source: str
    counts: tuple[Count, ...]


def counted(
    register: Register, transaction: Transaction, account: str, address: str, at: dt.datetime, *, code: bool = False
) -> Guess | MustWait:
    """A guess at the password, or the code, of an account from a network address; or how long it has to wait."""
    source = neighbourhood(address)
    counts = (Count.CODE,) if code else (Count.PAIR, Count.SOURCE, Count.ACCOUNT)
    scopes = {count: _scope(register, count, account, source) for count in counts}
    failures = guesses.read(transaction, list(scopes.values()))
    known = guesses.knows(transaction, _scope(register, Count.PAIR, account, source), at - KNOWN)
    looked_at = [count for count in counts if not (known and count in (Count.SOURCE, Count.ACCOUNT))]
    waits = [
        wait(count, failures[scopes[count]].count, failures[scopes[count]].last, at)
        for count in looked_at
        if scopes[count] in failures
    ]
    if any(waits):
        seconds = math.ceil(max(waits).total_seconds())
        remedy = both("login_wait_remedy", seconds=seconds)
        return MustWait("password", both("login_wait"), remedy, seconds=seconds)
    for count in looked_at:
        before = failures.get(scopes[count])
        fresh = before is not None and at - before.last < FORGOTTEN
        guesses.put(transaction, scopes[count], Failures(before.count + 1 if before and fresh else 1, at))
    return Guess(account, source, tuple(looked_at))


def right(register: Register, transaction: Transaction, guess: Guess) -> None:
    """The guess was right. From an address this one failure is taken back, no more: whoever has an account of their
    own must not wipe out the failures at others."""
    for count in guess.counts:
        scope = _scope(register, count, guess.account, guess.source)
        found = guesses.read(transaction, [scope]).get(scope)
        if found is not None:
            guesses.put(transaction, scope, Failures(found.count - 1 if count is Count.SOURCE else 0, found.last))


def logged_in(register: Register, transaction: Transaction, account: str, address: str, at: dt.datetime) -> None:
    """The address is one the account's person logs in from; what is long past is forgotten."""
    guesses.know(transaction, _scope(register, Count.PAIR, account, neighbourhood(address)), at)
    guesses.sweep(transaction, at - FORGOTTEN, at - KNOWN)


def _scope(register: Register, count: Count, account: str, source: str) -> str:
    who = {
        Count.PAIR: (account, source),
        Count.SOURCE: ("", source),
        Count.ACCOUNT: (account, ""),
        Count.CODE: (account, ""),
    }[count]
    text = "\0".join((count, *who))
    return hmac.digest(register.root.derive("guesses"), text.encode(), hashlib.sha256).hex()
