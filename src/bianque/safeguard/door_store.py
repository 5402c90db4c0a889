"""What the door needs of a store: a protocol, which the registry implements and the services wire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bianque.model.directory import (
    Alias,
    Batch,
    Entry,
    LockedTarget,
    PendingShare,
    SealedEmergency,
    SealedIdentifier,
)


class Directory(Protocol):
    """(kind, value) → person number by blind index; aliases, locks, waiting shares. Every write is one transaction."""

    def emergencies(self) -> list[str]:
        """Ids of all emergencies that were ever opened here."""

    def emergency(self, emergency: str) -> SealedEmergency | None: ...

    def open_emergency(self, sealed: SealedEmergency, at: dt.datetime) -> None: ...

    def entries(self, emergency: str) -> Iterator[tuple[bytes, npt.NDArray[np.int64]]]:
        """All blind indices, end to end, with the numbers beside them, in pieces."""

    def batches(self, emergency: str) -> list[Batch]:
        """All batches, in the order of their numbers."""

    def aliases(self, emergency: str) -> list[Alias]:
        """All links of two numbers to one person."""

    def add(self, emergency: str, batch: Batch, entries: Sequence[Entry], next_number: int) -> None:
        """A batch: on the disk when this returns, or not at all."""

    def link(self, emergency: str, aliases: Sequence[Alias]) -> None:
        """New links of two numbers to one person."""

    def sealed(self, emergency: str, numbers: Iterable[int], kinds: Sequence[str]) -> list[SealedIdentifier]: ...

    def present(self, emergency: str, numbers: Iterable[int]) -> set[int]:
        """Those of some numbers whose identifier is there."""

    def erase(self, emergency: str, entries: Sequence[tuple[str, int]], pseudonyms: Sequence[str]) -> None:
        """Erase identifiers, each named by batch and number, and the locks of targets that have none left."""

    def count(self, emergency: str) -> int:
        """How many identifiers there are."""

    def dispose(self, emergency: str) -> None:
        """The emergency's key, directory, locks and waiting shares are gone.

        Their bytes are gone from the store's files too, where the engine lets the door do that.
        """

    def lock(self, emergency: str, targets: Sequence[LockedTarget]) -> None: ...

    def unlock(self, emergency: str, pseudonyms: Sequence[str]) -> None: ...

    def locked(self, emergency: str, pseudonyms: Sequence[str]) -> list[LockedTarget]: ...

    def keep_share(self, share: PendingShare) -> None: ...

    def shares(self, release: str) -> list[PendingShare]: ...

    def forget(self, release: str, now: dt.datetime) -> None:
        """The shares of a release, and all whose time is over."""
