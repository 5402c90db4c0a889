"""One emergency inside the door: its key and its directory, in memory.

Everything here runs in the door's process alone. Identifiers are sealed under a key of their batch, which is drawn
for it, sealed to the emergency's public release key and forgotten: not even the door opens them again until the shares
of two organisations have put the private half together.
"""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bianque.model.directory import Entry, SealedEmergency, SealedIdentifier
from bianque.model.errors import BadInput, BadRegister
from bianque.safeguard import hpke
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
        self._index, self._aliases, self._next = Index(), Aliases(directory.aliases(sealed.id)), 1
        self._pseudonyms: npt.NDArray[np.uint8] = np.zeros(
            (1024, BYTES), np.uint8
        )  # of each number; that of 0 is NOBODY
        self._least: Numbers = np.zeros(1024, np.int64)  # of each number: the least of the same person
        self._extend(sealed.next_number)
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

    def link(self, one: tuple[str, Sequence[bytes]], two: tuple[str, Sequence[bytes]]) -> int:
        """Write that pairs of identifiers are of the same person; how many persons that makes fewer.

        raises  BadInput  when one of them is not known
        """
        first, second = (self._index.find(self._hashed(*side).words) for side in (one, two))
        if unknown := int(((first == UNKNOWN) | (second == UNKNOWN)).sum()):
            raise BadInput(
                f"{unknown} of {len(first)} links name an identifier that the directory does not know",
                kept="the directory as it is",
                remedy="take the identifiers in first, then link them",
            )
        aliases = Aliases(self._aliases.all().items())
        pairs = [(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if aliases.join(a, b)]
        moved = {n: least for n, least in aliases.all().items() if self._aliases(n) != least}
        if pairs:
            self._directory.add(self.emergency, ("", b""), [], sorted(moved.items()), self._next)
        self._aliases = aliases
        for number, least in moved.items():
            self._least[number] = least
        return len(pairs)

    def alias_pairs(self) -> tuple[bytes, bytes]:
        """Pseudonyms that were given before a link was found, and beside them those that stand for the person now."""
        led = self._aliases.all()
        before = np.fromiter(led.keys(), np.int64, len(led))
        return self._pseudonyms[before].tobytes(), self._raw(before)

    def erase(self, kind: str, values: Sequence[bytes]) -> int:
        """How many identifiers are gone from the directory; their numbers are not given again."""
        hashed = self._hashed(kind, values)
        gone = self._directory.erase(
            self.emergency, [hashed.indices[i : i + INDEX_BYTES] for i in range(0, len(hashed.indices), INDEX_BYTES)]
        )
        self._index.remove(hashed.words)
        return gone

    def known(self, targets: Sequence[str]) -> None:
        """raises  BadInput  when one of the pseudonyms is none of this emergency"""
        self._numbers_of(targets)

    def open_targets(self, private: bytes, targets: Sequence[str], kinds: Sequence[str]) -> list[dict[str, list[str]]]:
        """The identifiers behind pseudonyms: kind → values, for each target.

        raises  BadInput  when a pseudonym is none of this emergency; BadRegister when an identifier is another person's
        """
        persons = [self._aliases.together(number) for number in self._numbers_of(targets)]
        keys: dict[str, AESGCM] = {}
        said: dict[int, dict[str, list[str]]] = {}
        for held in self._directory.sealed(self.emergency, {n for person in persons for n in person}, kinds):
            if held.batch not in keys:
                keys[held.batch] = AESGCM(hpke.open_sealed(private, held.batch_key, self._batch_use()))
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
                entries.append(Entry(index, hashed.kind, number, sealed))
            numbers[row] = number
        following = self._next + len(entries)
        batch = uuid.uuid4().hex, hpke.seal(self.release_key, batch_key, self._batch_use())
        self._directory.add(self.emergency, batch, entries, [], following)
        first = self._next
        self._extend(following)
        self._index.add(words(b"".join(fresh)), np.arange(first, following))
        return len(entries)

    def _extend(self, following: int) -> None:
        """Pseudonyms for the numbers up to the next that will be given."""
        if following > len(self._least):
            size = max(following, 2 * len(self._least))
            self._pseudonyms = np.concatenate([self._pseudonyms, np.zeros((size - len(self._least), BYTES), np.uint8)])
            self._least = np.concatenate([self._least, np.zeros(size - len(self._least), np.int64)])
        new = range(self._next, following)
        made = b"".join([raw(self._key, number) for number in new])
        self._pseudonyms[self._next : following] = np.frombuffer(made, np.uint8).reshape(-1, BYTES)
        self._least[self._next : following] = new
        self._next = following

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
        raise BadRegister(
            "an identifier behind the door is not where it was sealed for",
            kept="nothing was opened",
            remedy="somebody moved or changed it: look into the audit, and restore the newest backup",
        ) from cause


def _place(index: bytes, number: int, kind: str) -> bytes:
    """What is bound to a sealed identifier: an identifier given to another number is not opened as that person's."""
    return index + number.to_bytes(8, "big") + kind.encode()


def _nonce(position: int) -> bytes:
    """Of one identifier in its batch: the key is the batch's own, so that a position is used once with it."""
    return position.to_bytes(12, "big")
