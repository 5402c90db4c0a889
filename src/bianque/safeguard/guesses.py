"""Guesses at a log-in: how long the next one waits, so that nobody tries many and nobody can lock another out.

Failures are counted three ways. At one account from one address: a few are free, then each wait is twice the one
before. From one address at any account, and at one account from any address: more are free. Whoever has logged in to
the account from that address before waits for neither of these two, so that strangers who guess at an account do not
keep its person out. Codes of the second factor are counted by account: only who has the password can give one.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from enum import StrEnum


class Count(StrEnum):
    PAIR = "pair"  # one account from one address
    SOURCE = "source"  # any account from one address
    ACCOUNT = "account"  # one account from any address
    CODE = "code"  # second factor of one account


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures wait for nothing; the wait after the next is one second, then twice as long each time."""

    free: int
    longest: dt.timedelta


LIMITS = {
    Count.PAIR: Limit(3, dt.timedelta(minutes=15)),
    Count.SOURCE: Limit(50, dt.timedelta(minutes=15)),  # a hospital's many people share one address
    Count.ACCOUNT: Limit(10, dt.timedelta(minutes=1)),
    Count.CODE: Limit(5, dt.timedelta(minutes=15)),
}
FORGOTTEN = dt.timedelta(days=1)  # failures older than this do not count
KNOWN = dt.timedelta(days=30)  # an address somebody logged in from is known for this long


def wait(count: Count, failures: int, last: dt.datetime, at: dt.datetime) -> dt.timedelta:
    """How long until another guess is looked at; zero when it is looked at now."""
    limit = LIMITS[count]
    if failures <= limit.free or at - last >= FORGOTTEN:
        return dt.timedelta(0)
    whole = min(dt.timedelta(seconds=2 ** min(failures - limit.free - 1, 20)), limit.longest)
    return max(dt.timedelta(0), min(whole, last + whole - at))  # no longer than that where a clock was set back


def neighbourhood(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has; other texts as they are."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and (mapped := parsed.ipv4_mapped) is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(mapped if parsed.version == 6 else parsed)
