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
class Batch:
    """The identifiers that were taken in at once: all of one kind, their numbers counted up from the first."""

    id: str
    kind: str
    first_number: int
    sealed_key: bytes  # of the batch, to the release key
    code: bytes  # the door's own, over all of these


@dataclass(frozen=True, slots=True)
class Alias:
    """Two numbers of the same person, with the door's code over both."""

    number: int
    same_as: int
    code: bytes


@dataclass(frozen=True, slots=True)
class LockedTarget:
    """A pseudonym that may be released, by which rule, with the door's code over both."""

    pseudonym: str
    rule: str
    code: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One identifier: its blind index, its number, and itself sealed under the key of its batch."""

    blind_index: bytes
    number: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SealedIdentifier:
    """An identifier as it was sealed: the key of its batch opens it, once the release key is there."""

    number: int
    kind: str
    blind_index: bytes
    batch: str
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
