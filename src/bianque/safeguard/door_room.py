"""One emergency inside the door: its key and its directory, in memory.

Everything here runs in the door's process alone. Identifiers are sealed under a key of their batch, which is drawn
for it, sealed to the emergency's public release key and forgotten: not even the door opens them again until the shares
of two organisations have put the private half together.
"""

from __future__ import annotations

import hmac
import os
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bianque.model.directory import Batch, Entry, LockedTarget, SealedEmergency, SealedIdentifier
from bianque.model.errors import BadInput, BadRegister
from bianque.model.identifiers import Kind
from bianque.safeguard import hpke
from bianque.safeguard.door_codes import Codes
from bianque.safeguard.door_index import INDEX_BYTES, UNKNOWN, Aliases, Index, Numbers, Words, words
from bianque.safeguard.door_key import derive
from bianque.safeguard.door_store import Directory
from bianque.safeguard.pseudonym import BYTES, raw

KEY_BYTES = 32
NOBODY = bytes(BYTES)  # in the place of a pseudonym where a value is not known


@dataclass(frozen=True, slots=True)
class Hashed:
    """Values of one kind with their blind indices."""

    kind: str
    values: Sequence[bytes]
    indices: bytes  # end to end
    words: Words


class Room:
    """The directory of one emergency: an identifier's pseudonym, an alias, what a target is called."""

    def __init__(self, sealed: SealedEmergency, key: bytes, directory: Directory) -> None:
        self.emergency, self.release_key = sealed.id, sealed.release_key
        self._key, self._index_key, self._directory = key, derive(key, "directory"), directory
        self._codes = Codes(sealed.id, derive(key, "codes"))
        self._index, self._aliases, self._next = Index(), Aliases(self._codes.pairs(directory.aliases(sealed.id))), 1
        # Of each number: its pseudonym, that of 0 being NOBODY; the least of the same person; is it of an ID number?
        self._pseudonyms: npt.NDArray[np.uint8] = np.zeros((1024, BYTES), np.uint8)
        self._least: Numbers = np.zeros(1024, np.int64)
        self._of_id_number: npt.NDArray[np.bool_] = np.zeros(1024, np.bool_)
        self._batches: list[Batch] = []
        found = self._codes.batches(directory.batches(sealed.id))
        for batch, following in zip(found, [*(b.first_number for b in found[1:]), sealed.next_number], strict=False):
            self._extend(batch, following)
        for number, least in self._aliases.all().items():
            self._least[number] = least
        for indices, numbers in directory.entries(sealed.id):
            self._index.add(words(indices), numbers)

    def __len__(self) -> int:
        return len(self._index)

    def enrol(self, kind: str, values: Sequence[bytes]) -> tuple[bytes, int]:
        """The pseudonym of each value, end to end, and how many numbers were opened: on the disk before this returns.

        raises  BadInput  when a value is empty
        """
        if b"" in values:
            raise BadInput(f"{kind}: value {values.index(b'') + 1} is empty", kept="nothing of this batch")
        hashed = self._hashed(kind, values)
        numbers = self._index.find(hashed.words)
        missing = np.flatnonzero(numbers == UNKNOWN)
        opened = self._open_numbers(hashed, numbers, missing) if len(missing) else 0
        return self._raw(numbers), opened

    def find(self, kind: str, values: Sequence[bytes]) -> bytes:
        """The pseudonym of each value, end to end; `NOBODY` where it is not known."""
        numbers = self._index.find(self._hashed(kind, values).words)
        return self._raw(np.maximum(numbers, 0))

    def link(self, one: tuple[str, Sequence[bytes]], two: tuple[str, Sequence[bytes]]) -> tuple[int, int]:
        """Write that pairs of identifiers are of the same person.

        returns  how many persons that makes fewer, and how many pairs are of two, since each has an ID number of its
                 own, even one that was erased: relatives share a phone, and stay two
        raises   BadInput  when one of them is not known
        """
        first, second = (self._index.find(self._hashed(*side).words) for side in (one, two))
        if unknown := int(((first == UNKNOWN) | (second == UNKNOWN)).sum()):
            raise BadInput(
                f"{unknown} of {len(first)} links name an identifier that the directory does not know",
                kept="the directory as it is",
                remedy="take the identifiers in first, then link them",
            )
        aliases = Aliases(self._aliases.all().items())
        made, moved, apart = [], [], 0
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            if len({*self._id_numbers(aliases, a), *self._id_numbers(aliases, b)}) > 1:
                apart += 1
                continue
            least, other = sorted((aliases(a), aliases(b)))
            if least != other:
                moved += aliases.join(least, other)
                made.append(self._codes.alias(other, least))
        self._directory.link(self.emergency, made)
        self._aliases = aliases
        for number in moved:
            self._least[number] = aliases(number)
        return len(made), apart

    def alias_pairs(self) -> tuple[bytes, bytes]:
        """Pseudonyms that were given before a link was found, and beside them those that stand for the person now."""
        led = self._aliases.all()
        before = np.fromiter(led.keys(), np.int64, len(led))
        return self._pseudonyms[before].tobytes(), self._raw(before)

    def persons(self, kind: str, values: Sequence[bytes]) -> list[str]:
        """Every pseudonym that leads to the persons of some identifiers; what is not known is left out."""
        named = self._index.find(self._hashed(kind, values).words).tolist()
        return self._names({n for number in named if number != UNKNOWN for n in self._aliases.together(number)})

    def erase(
        self, kind: str, values: Sequence[bytes], besides: tuple[str, Sequence[bytes]], *, linked: bool
    ) -> tuple[int, list[str]]:
        """Erase identifiers from the directory; numbers are not given again.

        besides  kind and values that stay: others hold them too
        linked   whether everything goes that is known to lead to the same persons
        returns  how many are gone, and the targets that were locked and are no more: the persons that are erased, and
                 those that have no identifier left
        """
        named, stay = (
            set(self._index.find(self._hashed(*some).words).tolist()) - {UNKNOWN} for some in ((kind, values), besides)
        )
        theirs = {n for number in named for n in self._aliases.together(number)} if linked else set[int]()
        gone = sorted(self._directory.present(self.emergency, (named | theirs) - stay))
        persons = [self._aliases.together(least) for least in {self._aliases(number) for number in gone}]
        left = self._directory.present(self.emergency, [n for person in persons for n in person]).difference(gone)
        emptied = {n for person in persons if left.isdisjoint(person) for n in person}
        unlocked = [lock.pseudonym for lock in self._directory.locked(self.emergency, self._names(emptied | theirs))]
        self._directory.erase(self.emergency, [(self._batch_of(number).id, number) for number in gone], unlocked)
        self._index.remove(gone)
        return len(gone), unlocked

    def locks(self, targets: Sequence[str], rule: str) -> list[LockedTarget]:
        """Pseudonyms as targets that a rule locks.

        raises  BadInput  when one of them is none of this emergency, or all that led to it was erased
        """
        persons = [self._aliases.together(number) for number in self._numbers_of(targets)]
        held = self._directory.present(self.emergency, [n for person in persons for n in person])
        if gone := sum(held.isdisjoint(person) for person in persons):
            raise BadInput(
                f"{gone} of {len(targets)} targets lead to nobody any more: who they were was erased",
                kept="no lock of this request",
                remedy="leave them out and ask again",
            )
        return [self._codes.lock(target, rule) for target in targets]

    def locked(self, targets: Sequence[str]) -> set[str]:
        """Those of some pseudonyms that the door has locked.

        raises  BadRegister  when somebody else has
        """
        return self._codes.locks(self._directory.locked(self.emergency, targets))

    def open_targets(self, private: bytes, targets: Sequence[str], kinds: Sequence[str]) -> list[dict[str, list[str]]]:
        """The identifiers behind pseudonyms: kind → values, for each target.

        raises  BadInput  when a pseudonym is none of this emergency; BadRegister when an identifier is another person's
        """
        persons = [self._aliases.together(number) for number in self._numbers_of(targets)]
        keys: dict[str, AESGCM] = {}
        said: dict[int, dict[str, list[str]]] = {}
        for held in self._directory.sealed(self.emergency, {n for person in persons for n in person}, kinds):
            batch = self._batch_of(held.number)
            if held.batch != batch.id:
                raise _not_in_its_place()
            if held.batch not in keys:
                keys[held.batch] = AESGCM(hpke.open_sealed(private, batch.sealed_key, self._batch_use()))
            said.setdefault(held.number, {}).setdefault(held.kind, []).append(_opened(keys[held.batch], held))
        opened = []
        for person in persons:
            merged: dict[str, list[str]] = {}
            for number in person:
                for kind, found in said.get(number, {}).items():
                    merged.setdefault(kind, []).extend(found)
            opened.append(merged)
        return opened

    def _hashed(self, kind: str, values: Sequence[bytes]) -> Hashed:
        key, digest = derive(self._index_key, kind), hmac.digest
        indices = b"".join([digest(key, value, "sha256") for value in values])
        return Hashed(kind, values, indices, words(indices))

    def _open_numbers(self, hashed: Hashed, numbers: Numbers, missing: npt.NDArray[np.intp]) -> int:
        """Numbers for the rows that have none, written into `numbers`."""
        batch_key = os.urandom(KEY_BYTES)
        cipher, fresh, entries = AESGCM(batch_key), dict[bytes, int](), list[Entry]()
        for row in missing.tolist():
            index = hashed.indices[row * INDEX_BYTES : (row + 1) * INDEX_BYTES]
            number = fresh.get(index)
            if number is None:
                number = fresh[index] = self._next + len(entries)
                sealed = cipher.encrypt(_nonce(len(entries)), hashed.values[row], _place(index, number, hashed.kind))
                entries.append(Entry(index, number, sealed))
            numbers[row] = number
        following = self._next + len(entries)
        sealed_key = hpke.seal(self.release_key, batch_key, self._batch_use())
        batch = self._codes.batch(uuid.uuid4().hex, hashed.kind, self._next, sealed_key)
        self._directory.add(self.emergency, batch, entries, following)
        self._extend(batch, following)
        self._index.add(words(b"".join(fresh)), np.arange(batch.first_number, following))
        return len(entries)

    def _extend(self, batch: Batch, following: int) -> None:
        """Pseudonyms for the numbers of the next batch, up to the next that will be given."""
        if following > len(self._least):
            more = max(following, 2 * len(self._least)) - len(self._least)
            self._pseudonyms = np.concatenate([self._pseudonyms, np.zeros((more, BYTES), np.uint8)])
            self._least = np.concatenate([self._least, np.zeros(more, np.int64)])
            self._of_id_number = np.concatenate([self._of_id_number, np.zeros(more, np.bool_)])
        first, name = batch.first_number, batch.id.encode()
        made = b"".join([raw(self._key, name, number) for number in range(first, following)])
        self._pseudonyms[first:following] = np.frombuffer(made, np.uint8).reshape(-1, BYTES)
        self._least[first:following] = range(first, following)
        self._of_id_number[first:following] = batch.kind == Kind.ID_NUMBER
        self._batches.append(batch)
        self._next = following

    def _batch_of(self, number: int) -> Batch:
        return self._batches[bisect_right(self._batches, number, key=lambda batch: batch.first_number) - 1]

    def _id_numbers(self, aliases: Aliases, number: int) -> Iterator[int]:
        """The ID numbers of the person that a number leads to."""
        return (one for one in aliases.together(number) if self._of_id_number[one])

    def _names(self, numbers: Iterable[int]) -> list[str]:
        return [self._pseudonyms[number].tobytes().hex() for number in sorted(numbers)]

    def _raw(self, numbers: Numbers) -> bytes:
        return self._pseudonyms[self._least[numbers]].tobytes()

    def _numbers_of(self, pseudonyms: Sequence[str]) -> list[int]:
        wanted = np.frombuffer(b"".join(map(bytes.fromhex, pseudonyms)), np.uint64).reshape(-1, 2)
        held = self._pseudonyms[1 : self._next].view(np.uint64)
        near = np.flatnonzero(np.isin(held[:, 0], wanted[:, 0])) + 1
        numbers = {self._pseudonyms[number].tobytes().hex(): int(number) for number in near}
        if unknown := [p for p in pseudonyms if p not in numbers]:
            raise BadInput(
                f"{len(unknown)} of {len(pseudonyms)} targets are no pseudonyms of {self.emergency}: {unknown[0]}",
                kept="nothing was opened",
            )
        return [numbers[p] for p in pseudonyms]

    def _batch_use(self) -> bytes:
        return f"batch in {self.emergency}".encode()


def _opened(cipher: AESGCM, held: SealedIdentifier) -> str:
    try:
        place = _place(held.blind_index, held.number, held.kind)
        return cipher.decrypt(_nonce(held.position), held.sealed, place).decode()
    except InvalidTag as cause:
        raise _not_in_its_place() from cause


def _not_in_its_place() -> BadRegister:
    return BadRegister(
        "an identifier behind the door is not where it was sealed for",
        kept="nothing was opened",
        remedy="somebody moved or changed it: look into the audit, and restore the newest backup",
    )


def _place(index: bytes, number: int, kind: str) -> bytes:
    """What is bound to a sealed identifier: an identifier given to another number is not opened as that person's."""
    return index + number.to_bytes(8, "big") + kind.encode()


def _nonce(position: int) -> bytes:
    """Of one identifier in its batch: the key is the batch's own, so that a position is used once with it."""
    return position.to_bytes(12, "big")
