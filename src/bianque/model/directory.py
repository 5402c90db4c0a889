"""The directory behind the door, as its store holds it: everything that identifies is indexed blind and sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedEmergency:
    """An emergency as the store holds it: its key wrapped, its release key's public half, the shares' indices."""

    id: str
    wrapped_key: bytes
    release_key: bytes
    next_number: int
    indices: Mapping[str, int]  # organisation → index of its share


@dataclass(frozen=True, slots=True)
class Emptied:
    """What a disposal did behind the door: how many identifiers are gone, and whether a key was there to destroy."""

    identifiers: int
    key: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One identifier: its blind index, the number of its person, and itself sealed under the key of its batch."""

    blind_index: bytes
    kind: str
    number: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SealedIdentifier:
    """An identifier as it was sealed, with what it takes to open it once the release key is there."""

    number: int
    kind: str
    blind_index: bytes
    batch: str
    batch_key: bytes
    position: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class PendingShare:
    """An organisation's share of the release key while a release waits for the second."""

    release: str
    organisation: str
    emergency: str
    digest: bytes
    sealed: bytes
    until: dt.datetime
