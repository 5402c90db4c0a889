"""The directory in the door's memory: is this blind index known, and to which number does it lead?

Sorted runs, merged when the younger has grown to half of the older, so that adding n entries costs n·log n. A lookup
goes by the first 64 bits and then compares the whole: two indices that begin alike are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]  # rows × 4: a blind index of 32 bytes as big-endian words

UNKNOWN = -1
INDEX_BYTES = 32


def words(indices: bytes) -> Words:
    """Blind indices, end to end, as rows of four words."""
    return np.frombuffer(indices, ">u8").astype(np.uint64).reshape(-1, INDEX_BYTES // 8)


@dataclass(frozen=True, slots=True)
class Run:
    """Entries in the order of their first word."""

    first: Words  # entries
    whole: Words  # entries × 4
    numbers: Numbers

    @classmethod
    def of(cls, whole: Words, numbers: Numbers) -> Run:
        order = np.argsort(whole[:, 0], kind="stable")
        whole = np.ascontiguousarray(whole[order])
        return cls(np.ascontiguousarray(whole[:, 0]), whole, numbers[order])

    def find(self, wanted: Words, into: Numbers) -> None:
        """Write the numbers of those that are known."""
        at = np.searchsorted(self.first, wanted[:, 0])
        left = np.arange(len(wanted))
        while len(left):
            place = np.minimum(at[left], len(self.first) - 1)
            alike = self.first[place] == wanted[left, 0]
            left, place = left[alike], place[alike]
            same = (self.whole[place] == wanted[left]).all(axis=1)
            into[left[same]] = self.numbers[place[same]]
            left = left[~same]  # another index with the same first word: look at the next entry
            at[left] += 1
            left = left[at[left] < len(self.first)]


class Index:
    """Blind index → number."""

    def __init__(self) -> None:
        self._runs: list[Run] = []

    def __len__(self) -> int:
        return sum(len(run.numbers) for run in self._runs)

    def find(self, wanted: Words) -> Numbers:
        """The number of each, `UNKNOWN` where there is none.

        wanted  values × 4
        """
        found = np.full(len(wanted), UNKNOWN, np.int64)
        for run in self._runs:
            run.find(wanted, found)
        return found

    def add(self, whole: Words, numbers: Numbers) -> None:
        """Entries that are not there yet."""
        if not len(numbers):
            return
        self._runs.append(Run.of(whole, numbers))
        while len(self._runs) > 1 and len(self._runs[-2].numbers) <= 2 * len(self._runs[-1].numbers):
            younger, older = self._runs.pop(), self._runs.pop()
            both = np.concatenate([older.whole, younger.whole]), np.concatenate([older.numbers, younger.numbers])
            self._runs.append(Run.of(*both))

    def remove(self, gone: Sequence[int]) -> None:
        """Entries of numbers that were erased."""
        kept = [(run, ~np.isin(run.numbers, gone)) for run in self._runs]
        self._runs = [Run(run.first[k], run.whole[k], run.numbers[k]) for run, k in kept if k.any()]


class Aliases:
    """Which numbers are the same person: each number leads to the least of those found to be the same."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._same: dict[int, list[int]] = {}  # least number → all that lead to it
        self._least: dict[int, int] = {}
        for one, two in pairs:
            self.join(one, two)

    def __call__(self, number: int) -> int:
        return self._least.get(number, number)

    def join(self, one: int, two: int) -> list[int]:
        """The numbers that lead elsewhere from now on; none when it was known."""
        least, other = sorted((self(one), self(two)))
        if least == other:
            return []
        moved = self._same.pop(other, [other])
        self._same.setdefault(least, [least]).extend(moved)
        self._least.update(dict.fromkeys(moved, least))
        return moved

    def together(self, number: int) -> list[int]:
        """All numbers of the same person."""
        return self._same.get(self(number), [number])

    def all(self) -> dict[int, int]:
        """number → least number, of those that lead elsewhere."""
        return dict(self._least)
