"""Collections and transfers: how people come into the register, with a receipt that adds up.

A file is taken in batches, each in one transaction that also counts it: whenever the import is cut off, the counts say
what is there, and the same file given again goes on after it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, RowMapping, Select, and_, delete, exists, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority, Purpose
from bianque.model.dates import instant
from bianque.model.errors import BadInput
from bianque.registry import maintenance, people
from bianque.registry.bulk import insert_all
from bianque.registry.keys import KeyRing
from bianque.registry.marks import Marks
from bianque.registry.people import IDENTIFIED, NewPerson, emergency_of, index_of, marks_of, ring_of
from bianque.registry.register import Register
from bianque.registry.sealed import Place, seal, unseal
from bianque.registry.suites import Cipher
from bianque.registry.tables.collections import collection, quarantined_row
from bianque.registry.tables.people import person

BATCH = 10_000  # rows in one transaction
TERMS = ("basis", "purposes", "fields")  # what the whole of a collection is taken under


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file of people comes from, and what it may be used for. `digest` is the SHA-256 of the file."""

    organisation: str
    device: str
    purposes: tuple[Purpose, ...]
    basis: str
    fields: tuple[str, ...]
    digest: bytes
    refused_values: int = 0  # of fields the source may not give: counted, not kept


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: which one, which field, why in words without the value, and what it holds."""

    row: int
    field: str
    reason: str
    content: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reason:
    """How many rows went to quarantine for one reason, and the first of them."""

    field: str
    reason: str
    rows: int
    first_row: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """read = accepted + quarantined, in rows. `resumed` of them had been taken in before the import was cut off.

    `doubled` of the accepted hold an ID number that another record here holds, too, in the same file or from before.
    """

    id: str
    organisation: str
    read: int
    accepted: int
    quarantined: int
    refused_values: int
    resumed: int
    reasons: tuple[Reason, ...]
    doubled: int = 0

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.quarantined:
            raise ValueError(f"receipt {self.id} does not add up")


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection that is being taken in; `read` rows of its file have been."""

    id: str
    read: int


def begin(register: Register, authority: Authority, source: Source) -> Collection:
    """A new collection, or the one of the same file that was cut off.

    raises  BadInput  when the file was taken in before, in full, or begun on another basis, for other purposes or with
                      other fields: the record of a collection holds for all its rows; BadRegister when that record
                      is not as it was written
    """
    digest = hmac.digest(register.root.derive("source files"), source.digest, hashlib.sha256)
    row = _row(authority, source, digest)
    new = Collection(str(row["id"]), 0)
    same = and_(_mine(authority), collection.c.source == digest, collection.c.organisation == source.organisation)
    with register.reading(authority) as connection:
        ring, marks = ring_of(register, connection, authority), marks_of(register, connection, authority)
        if before := connection.execute(select(collection).where(same)).mappings().first():
            return _cut_off(marks, before, row)
    with register.keys_writing(authority) as keys:
        ring.store(keys, ring.fresh([new.id]), IDENTIFIED, authority.at)
    with register.writing(authority) as connection:
        if before := connection.execute(select(collection).where(same)).mappings().first():  # begun by somebody else
            return _cut_off(marks, before, row)
        connection.execute(insert(collection), [marks.marked(collection, row)])
    return new


def import_people(
    register: Register, authority: Authority, into: Collection, rows: Iterable[NewPerson | BadRow]
) -> Receipt:
    """Take rows in, those a person's record is made of and those for the quarantine, and close the collection.

    rows     from the file's row `into.read` on, in order
    raises   BadInput  when another process is taking the same file in: no row is taken twice
    """
    read = into.read
    with register.reading(authority) as connection:
        ring, index = ring_of(register, connection, authority), index_of(register, connection, authority)
        marks = marks_of(register, connection, authority)
    with register.keys_reading(authority) as keys:
        cipher = ring.cipher(ring.open(keys, [into.id])[into.id, 1])
    for batch in _batches(rows):
        good = [row for row in batch if isinstance(row, NewPerson)]
        bad = [row for row in batch if isinstance(row, BadRow)]
        data_keys, sealed = people.prepared(ring, index, marks, good, into.id, authority.at)
        with register.keys_writing(authority) as keys:
            ring.store(keys, data_keys, IDENTIFIED, authority.at)
        aside = [_quarantined(ring, cipher, into.id, row) for row in bad]
        with register.writing(authority) as connection:
            _count(connection, marks, Collection(into.id, read), accepted=len(good), quarantined=len(bad))
            people.add(connection, sealed)
            insert_all(connection, quarantined_row, aside)
        read += len(batch)
    with register.writing(authority) as connection:
        row = _as_it_was(connection, Collection(into.id, read))
        marks.change(connection, collection, row, {"finished_at": instant(authority.at)})
    return receipt(register, authority, into.id, resumed=into.read)


def receipt(register: Register, authority: Authority, of: str, *, resumed: int = 0) -> Receipt:
    """The receipt of a collection as it stands.

    raises  BadInput  when there is no such collection here; BadRegister when it is not as it was written
    """
    reasons = (
        select(
            quarantined_row.c.field,
            quarantined_row.c.reason,
            func.count().label("rows"),
            func.min(quarantined_row.c.row).label("first"),
        )
        .where(quarantined_row.c.collection == of)
        .group_by(quarantined_row.c.field, quarantined_row.c.reason)
        .order_by(func.count().desc(), func.min(quarantined_row.c.row))
    )
    with register.reading(authority) as connection:
        row = connection.execute(select(collection).where(collection.c.id == of, _mine(authority))).mappings().first()
        if row is None:
            raise BadInput(f"there is no collection {of} here", remedy="`bianque people receipts` lists them")
        marks_of(register, connection, authority).must_hold(collection, row)
        doubled = connection.execute(_doubled(authority, of)).scalar_one()
        found = tuple(Reason(r.field, r.reason, r.rows, r.first) for r in connection.execute(reasons))
    return Receipt(
        id=row["id"],
        organisation=row["organisation"],
        read=row["read"],
        accepted=row["accepted"],
        quarantined=row["quarantined"],
        refused_values=row["refused_values"],
        resumed=resumed,
        reasons=found,
        doubled=doubled,
    )


def collections(register: Register, authority: Authority) -> list[str]:
    """The ids of the collections of the authority's emergency, newest first; those that were cut off among them."""
    with register.reading(authority) as connection:
        listed = select(collection.c.id).where(_mine(authority)).order_by(collection.c.started_at.desc())
        return list(connection.execute(listed).scalars())


def quarantined(register: Register, authority: Authority, of: str) -> list[BadRow]:
    """The rows of a collection that could not be taken, opened, in the order of the file.

    raises  BadRegister  when one was moved or changed
    """
    with register.reading(authority) as connection, register.keys_reading(authority) as keys:
        ring = ring_of(register, connection, authority)
        key = ring.open(keys, [of]).get((of, 1))
        if key is None:
            return []
        cipher = ring.cipher(key)
        wanted = select(quarantined_row).where(
            quarantined_row.c.collection == of, quarantined_row.c.agency == ring.agency
        )
        return [
            BadRow(
                row.row,
                row.field,
                row.reason,
                json.loads(unseal(cipher, Place("quarantined_row", of, 1, row.id), "content", row.content)),
            )
            for row in connection.execute(wanted.order_by(quarantined_row.c.row))
        ]


def drop_quarantine(register: Register, authority: Authority, of: str) -> int:
    """Destroy the key of a collection's quarantine, then delete its rows. Returns how many went.

    raises  BadInput  when there is no such collection here, or it is still being taken in
    """
    with register.reading(authority) as connection:
        finished = select(collection.c.finished_at).where(collection.c.id == of, _mine(authority))
        if not connection.execute(finished).scalar():
            raise BadInput(f"there is no finished collection {of} here", kept="its quarantine")
    maintenance.announce(register, authority)
    with register.keys_writing(authority) as keys:
        KeyRing.destroy(keys, [of])
    its = (quarantined_row.c.collection == of, quarantined_row.c.agency == authority.agency)
    with register.writing(authority) as connection:
        gone = connection.execute(delete(quarantined_row).where(*its)).rowcount
    maintenance.scrub(register, authority)
    return gone


def _mine(authority: Authority) -> ColumnElement[bool]:
    return and_(collection.c.agency == authority.agency, collection.c.emergency == emergency_of(authority))


def _doubled(authority: Authority, of: str) -> Select[int]:
    other = person.alias()
    same = and_(
        other.c.id_number_index == person.c.id_number_index,
        other.c.id != person.c.id,
        other.c.agency == person.c.agency,
        other.c.emergency == person.c.emergency,
    )
    return select(func.count()).where(person.c.collection == of, people.mine(authority), exists().where(same))


def _cut_off(marks: Marks, before: RowMapping, now: Mapping[str, object]) -> Collection:
    """The collection to go on with, unless it was finished, or what may be taken has changed since."""
    marks.must_hold(collection, before)
    begun = f"on {before['started_at'][:10]}: receipt {before['id']}"
    if before["finished_at"]:
        raise BadInput(
            f"this file was taken in before, {begun}",
            kept="the register as it is",
            remedy=f"put the {before['quarantined']} rows of its quarantine right (`bianque people quarantine"
            f" {before['id']}`), and give a file of these rows alone: the others would stand here twice"
            if before["quarantined"]
            else "nothing is left to do; correct single records with `bianque people correct`",
        )
    if other := [name for name in TERMS if before[name] != now[name]]:
        basis, purposes, fields = (before[name] for name in TERMS)
        raise BadInput(
            f"this file was begun with other {' and '.join(other)} {begun}",
            kept="the rows that were taken in then",
            remedy=f"go on as it was begun: on basis {basis}, for {purposes}, with {fields}",
        )
    return Collection(before["id"], before["read"])


def _row(authority: Authority, source: Source, digest: bytes) -> dict[str, object]:
    return {
        "id": uuid.uuid4().hex,
        "agency": authority.agency,
        "emergency": emergency_of(authority),
        "organisation": source.organisation,
        "account": authority.account,
        "device": source.device,
        "purposes": " ".join(source.purposes),
        "basis": source.basis,
        "fields": " ".join(source.fields),
        "source": digest,
        "read": 0,
        "accepted": 0,
        "quarantined": 0,
        "refused_values": source.refused_values,
        "started_at": instant(authority.at),
        "finished_at": "",
    }


def _quarantined(ring: KeyRing, cipher: Cipher, of: str, row: BadRow) -> dict[str, object]:
    id_ = uuid.uuid4().hex
    content = json.dumps(row.content, ensure_ascii=False)
    return {
        "id": id_,
        "agency": ring.agency,
        "emergency": ring.emergency,
        "collection": of,
        "row": row.row,
        "field": row.field,
        "reason": row.reason,
        "content": seal(cipher, Place("quarantined_row", of, 1, id_), "content", content),
    }


def _as_it_was(connection: Connection, into: Collection) -> RowMapping:
    """The row of the collection, unless another process has taken rows of its file in since it was looked at."""
    same = (collection.c.id == into.id, collection.c.read == into.read, collection.c.finished_at == "")
    row = connection.execute(select(collection).where(*same)).mappings().first()
    if row is None:
        raise BadInput(
            f"another process is taking this file in: receipt {into.id}",
            kept="every row once, as the receipt counts them",
            remedy="let it finish; if it has ended before, give the file again and it goes on",
        )
    return row


def _count(connection: Connection, marks: Marks, into: Collection, *, accepted: int, quarantined: int) -> None:
    row = _as_it_was(connection, into)
    counts = {
        "read": row["read"] + accepted + quarantined,
        "accepted": row["accepted"] + accepted,
        "quarantined": row["quarantined"] + quarantined,
    }
    marks.change(connection, collection, row, counts)


def _batches(rows: Iterable[NewPerson | BadRow]) -> Iterator[list[NewPerson | BadRow]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch
