"""The key ring: one random data key a person, wrapped; destroying it is what erases the person.

A data key is wrapped by the key-encryption key of its agency, emergency and retention class, and that by a key derived
from the root. Only wrapped keys are stored, in a store that no backup of the data holds. The order of writing makes
every crash harmless: a data key is on disk before what it seals, and gone before what it sealed is deleted.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.dates import instant
from bianque.model.errors import BadRegister
from bianque.registry import destructions
from bianque.registry.bulk import AT_ONCE, insert_all
from bianque.registry.root import Root
from bianque.registry.suites import NONCE, Cipher, Suite
from bianque.registry.tables.keys import data_key, key_encryption_key

BATCH = 5000  # keys wrapped anew in one transaction


@dataclass(frozen=True, slots=True)
class DataKey:
    """An opened data key. `subject` is a person, or a collection for its quarantine."""

    subject: str
    generation: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Encryption:
    """An opened key-encryption key."""

    id: str
    cipher: Cipher = field(repr=False)

    def wrap(self, key: DataKey) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self.cipher.encrypt(nonce, key.secret, self._associated(key.subject, key.generation))

    def unwrap(self, subject: str, generation: int, wrapped: bytes) -> DataKey:
        associated = self._associated(subject, generation)
        return DataKey(subject, generation, _opened(self.cipher, wrapped, associated))

    def _associated(self, subject: str, generation: int) -> bytes:
        return f"data key\0{self.id}\0{subject}\0{generation}".encode()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The data keys of one agency in one emergency. `connection`s are to the store of keys."""

    root: Root = field(repr=False)
    suite: Suite
    agency: str
    emergency: str

    def fresh(self, subjects: Sequence[str], generation: int = 1) -> list[DataKey]:
        """New random keys, nowhere stored yet."""
        length = self.suite.key_length
        random = os.urandom(length * len(subjects))
        return [DataKey(s, generation, random[i * length : (i + 1) * length]) for i, s in enumerate(subjects)]

    def cipher(self, key: DataKey) -> Cipher:
        return self.suite.cipher(key.secret)

    def store(self, connection: Connection, keys: Sequence[DataKey], retention: str, at: dt.datetime) -> None:
        """Wrap keys under the current key-encryption key of a retention class, which is made when there is none."""
        current = self._current(connection, retention, at)
        when = instant(at)
        rows = [
            {
                "subject": key.subject,
                "generation": key.generation,
                "agency": self.agency,
                "kek": current.id,
                "created_at": when,
                "wrapped": current.wrap(key),
            }
            for key in keys
        ]
        insert_all(connection, data_key, rows)

    def open(self, connection: Connection, subjects: Sequence[str]) -> dict[tuple[str, int], DataKey]:
        """The keys of subjects, by subject and generation; whoever was erased or is not of this ring is missing."""
        opened: dict[tuple[str, int], DataKey] = {}
        encryption: dict[str, Encryption] = {}
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            wanted = select(data_key).where(data_key.c.subject.in_(some), data_key.c.kek.in_(self._ours()))
            for row in connection.execute(wanted):
                if row.kek not in encryption:
                    encryption[row.kek] = self._encryption(connection, row.kek)
                key = encryption[row.kek].unwrap(row.subject, row.generation, row.wrapped)
                opened[key.subject, key.generation] = key
        return opened

    @staticmethod
    def readable(connection: Connection, subjects: Sequence[str]) -> set[str]:
        """Those of some subjects that have a key."""
        found: set[str] = set()
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            found.update(connection.execute(select(data_key.c.subject).where(data_key.c.subject.in_(some))).scalars())
        return found

    def rotate(self, connection: Connection, retention: str, at: dt.datetime) -> None:
        """A new key-encryption key for what comes; `rewrap` then moves what is there under it."""
        self._new(connection, retention, at)

    def rewrap(self, connection: Connection, retention: str, at: dt.datetime, after: str = "") -> tuple[int, str]:
        """Wrap some data keys that an older key-encryption key wraps under the current one; destroy what wraps none.

        after    subject up to which it has been done
        returns  how many, and the subject to go on after; '' when all is done and the older keys are destroyed
        """
        current, older = self._current(connection, retention, at), self._older(connection, retention)
        found = connection.execute(
            select(data_key)
            .where(data_key.c.kek.in_(older), data_key.c.subject >= after)
            .order_by(data_key.c.subject, data_key.c.generation)
            .limit(BATCH)
        ).all()
        opened = {kek: self._encryption(connection, kek) for kek in {row.kek for row in found}}
        moved = [(row, opened[row.kek].unwrap(row.subject, row.generation, row.wrapped)) for row in found]
        if moved:
            place = (data_key.c.subject == bindparam("of")) & (data_key.c.generation == bindparam("which"))
            connection.execute(
                update(data_key).where(place),
                [
                    {"of": r.subject, "which": r.generation, "kek": current.id, "wrapped": current.wrap(k)}
                    for r, k in moved
                ],
            )
        if len(found) == BATCH:
            return len(found), found[-1].subject
        unused = (key_encryption_key.c.id.in_(older), key_encryption_key.c.id.not_in(select(data_key.c.kek)))
        if connection.execute(delete(key_encryption_key).where(*unused)).rowcount:
            destructions.record(connection, "keys")
        return len(found), ""

    @staticmethod
    def destroy(connection: Connection, subjects: Sequence[str]) -> int:
        """Delete the wrapped keys of subjects: from then on nothing sealed for them opens. Returns how many went."""
        gone = 0
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            gone += connection.execute(delete(data_key).where(data_key.c.subject.in_(some))).rowcount
        if gone:
            destructions.record(connection, "keys")
        return gone

    @staticmethod
    def destroy_generations(connection: Connection, keys: Sequence[tuple[str, int]]) -> None:
        """Delete single wrapped keys, and leave the subjects' others."""
        place = (data_key.c.subject == bindparam("of")) & (data_key.c.generation == bindparam("which"))
        if keys:
            connection.execute(
                delete(data_key).where(place), [{"of": subject, "which": generation} for subject, generation in keys]
            )
            destructions.record(connection, "keys")

    def _older(self, connection: Connection, retention: str) -> list[str]:
        newest = select(func.max(key_encryption_key.c.number)).where(*self._mine(retention)).scalar_subquery()
        older = select(key_encryption_key.c.id).where(*self._mine(retention), key_encryption_key.c.number < newest)
        return list(connection.execute(older).scalars())

    def _ours(self) -> Select[tuple[str]]:
        keys = key_encryption_key.c
        return select(keys.id).where(keys.agency == self.agency, keys.emergency == self.emergency)

    def _mine(self, retention: str) -> tuple[ColumnElement[bool], ...]:
        keys = key_encryption_key.c
        return keys.agency == self.agency, keys.emergency == self.emergency, keys.retention == retention

    def _current(self, connection: Connection, retention: str, at: dt.datetime) -> Encryption:
        newest = (
            select(key_encryption_key)
            .where(*self._mine(retention))
            .order_by(key_encryption_key.c.number.desc())
            .limit(1)
        )
        row = connection.execute(newest).first()
        return self._unwrapped(row) if row else self._new(connection, retention, at)

    def _new(self, connection: Connection, retention: str, at: dt.datetime) -> Encryption:
        highest = select(func.coalesce(func.max(key_encryption_key.c.number), 0)).where(*self._mine(retention))
        number = connection.execute(highest).scalar_one() + 1
        name, secret, nonce = uuid.uuid4().hex, os.urandom(self.suite.key_length), os.urandom(NONCE)
        wrapped = nonce + self._wrapping().encrypt(nonce, secret, self._place(name, retention, number))
        row = {
            "id": name,
            "agency": self.agency,
            "emergency": self.emergency,
            "retention": retention,
            "number": number,
            "created_at": instant(at),
            "wrapped": wrapped,
        }
        connection.execute(insert(key_encryption_key), [row])
        return Encryption(name, self.suite.cipher(secret))

    def _encryption(self, connection: Connection, kek: str) -> Encryption:
        return self._unwrapped(
            connection.execute(select(key_encryption_key).where(key_encryption_key.c.id == kek)).one()
        )

    def _unwrapped(self, row: Row[tuple[object, ...]]) -> Encryption:
        associated = self._place(row.id, row.retention, row.number)
        return Encryption(row.id, self.suite.cipher(_opened(self._wrapping(), row.wrapped, associated)))

    def _wrapping(self) -> Cipher:
        return self.suite.cipher(self.root.derive("wrap key-encryption keys")[: self.suite.key_length])

    def _place(self, kek: str, retention: str, number: int) -> bytes:
        return f"key-encryption key\0{kek}\0{self.agency}\0{self.emergency}\0{retention}\0{number}".encode()


def _opened(cipher: Cipher, wrapped: bytes, associated: bytes) -> bytes:
    try:
        return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], associated)
    except (InvalidTag, ValueError) as cause:
        raise BadRegister(
            "a wrapped key does not open",
            kept="the register as it is",
            remedy="the root key is another one than it was made with, or the key belongs to another place or register",
        ) from cause
