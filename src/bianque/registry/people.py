"""People in the register: taken in, found, read, corrected.  Erasing them is in `erasure`.

What these functions hand out is decrypted and unmasked: services decide first and show views only.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Table, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from bianque.model.authority import Authority, Purpose, Resource
from bianque.model.dates import instant
from bianque.model.errors import BadInput, BadRegister, ChangedRecord
from bianque.registry.blind_index import KINDS, BlindIndex
from bianque.registry.bulk import AT_ONCE, insert_all
from bianque.registry.keys import DataKey, KeyRing
from bianque.registry.marks import Marks
from bianque.registry.register import Register
from bianque.registry.sealed import Place, seal_all, unseal
from bianque.registry.suites import Cipher, suite_of
from bianque.registry.tables.collections import collection
from bianque.registry.tables.people import SEALED, follow_up, person, person_list

FIELDS = tuple(f"person.{name}" for name in SEALED)
PLAIN = ("person.region", "person.list")
IDENTIFIED = "identified"  # the retention class of people and cases


@dataclass(frozen=True, slots=True)
class NewPerson:
    """One row that was checked. `values` are by column: name, id_number …; `within` starts with the region."""

    values: Mapping[str, str]
    within: tuple[str, ...] = ()
    list: str = ""
    under_14: bool = False


@dataclass(frozen=True, slots=True)
class PersonHeader:
    """What is plain of a record: enough to decide on it, nothing that says who it is."""

    id: str
    agency: str
    emergency: str
    region: str
    within: tuple[str, ...]
    list: str
    implies: frozenset[str]
    organisation: str
    purposes: tuple[Purpose, ...]
    protected: bool
    version: int
    assigned: str  # account whose open follow-up it is, the reader's own first

    def resource(self, fields: Sequence[str]) -> Resource:
        """The record as what a decision is about, with the fields that are asked for."""
        return Resource(
            "person",
            self.id,
            agency=self.agency,
            emergency=self.emergency,
            within=self.within,
            fields=tuple(fields),
            purposes=self.purposes,
            protected=self.protected,
            named=True,
            assigned=self.assigned,
            context=self.implies,
        )


def emergency_of(authority: Authority) -> str:
    """The id of the emergency an authority acts in.

    raises  BadInput  when it acts in none: no record of a person belongs to no emergency
    """
    if authority.emergency is None:
        raise BadInput("no emergency is chosen", remedy="choose one: no record of a person stands outside of one")
    return authority.emergency.id


def ring_of(register: Register, connection: Connection, authority: Authority) -> KeyRing:
    return KeyRing(register.root, suite_of(connection), authority.agency, emergency_of(authority))


def index_of(register: Register, connection: Connection, authority: Authority) -> BlindIndex:
    return BlindIndex.of(register.root, suite_of(connection), authority.agency, emergency_of(authority))


def marks_of(register: Register, connection: Connection, authority: Authority) -> Marks:
    """The marks of the rows that an authority works on: its agency's, in its emergency."""
    return Marks.of(register.root, suite_of(connection), authority.agency, emergency_of(authority))


def mine(authority: Authority) -> ColumnElement[bool]:
    """The records of the authority's agency in its emergency."""
    return and_(person.c.agency == authority.agency, person.c.emergency == emergency_of(authority))


def prepared(
    ring: KeyRing, index: BlindIndex, marks: Marks, people: Sequence[NewPerson], collection: str, at: dt.datetime
) -> tuple[list[DataKey], list[dict[str, object]]]:
    """A data key and a sealed, marked row for each new person; nothing is stored."""
    keys = ring.fresh(sorted(uuid.uuid4().hex for _ in people))  # in order: an index takes neighbours together
    when = instant(at)
    same: dict[str, object] = {
        "agency": ring.agency,
        "emergency": ring.emergency,
        "retention": IDENTIFIED,
        "collection": collection,
        "protected": False,
        "version": 1,
        "key": 1,
        "created_at": when,
        "updated_at": when,
    }
    rows = [
        marks.marked(
            person,
            {
                **same,
                "id": key.subject,
                "region": one.within[0] if one.within else "",
                "within": " ".join(one.within),
                "list": one.list,
                "under_14": one.under_14,
                **sealed_row(ring.cipher(key), Place("person", key.subject, 1), index, one.values),
            },
        )
        for key, one in zip(keys, people, strict=True)
    ]
    return keys, rows


def add(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Store prepared rows, whose keys are on the disk already."""
    insert_all(connection, person, rows)


def find(register: Register, authority: Authority, kind: str, value: str) -> list[str]:
    """The ids of the records with a phone or ID number, however it is written, oldest first.

    raises  BadInput  when there is no index of that kind
    """
    with register.reading(authority) as connection:
        digest = index_of(register, connection, authority).value(kind, value)
        if digest is None:
            return []
        found = select(person.c.id).where(person.c[f"{kind}_index"] == digest, mine(authority))
        return list(connection.execute(found.order_by(person.c.created_at, person.c.id)).scalars())


def held_besides(
    register: Register, authority: Authority, kind: str, values: Sequence[str], records: Sequence[str]
) -> set[str]:
    """Those of some phones or ID numbers that a record holds which is none of `records` and was not erased.

    values  in their normal form
    """
    held: dict[str, str] = {}  # record → the value that it holds
    with register.reading(authority) as connection:
        index, column = index_of(register, connection, authority), person.c[f"{kind}_index"]
        for start in range(0, len(values), AT_ONCE):
            of = {index.value(kind, value): value for value in values[start : start + AT_ONCE]}
            found = connection.execute(select(person.c.id, column).where(column.in_(of), mine(authority)))
            held.update((row[0], of[row[1]]) for row in found)
    with register.keys_reading(authority) as keys:
        readable = KeyRing.readable(keys, list(held))
    return {held[one] for one in readable.difference(records)}


def with_the_same_id_number(register: Register, authority: Authority, records: Sequence[str]) -> int:
    """How many other records here hold an ID number of one of some records."""
    of_these = person.c.id.in_(records)
    numbers = select(person.c.id_number_index).where(of_these, mine(authority))
    same = select(func.count()).where(person.c.id_number_index.in_(numbers), ~of_these, mine(authority))
    with register.reading(authority) as connection:
        return int(connection.execute(same).scalar_one())


def headers(register: Register, authority: Authority, ids: Sequence[str]) -> list[PersonHeader]:
    """The headers of records, in the order asked for; ids that are unknown here or were erased are left out.

    raises  ChangedRecord  when a record, or what its header takes from its list, collection or follow-ups, is not as it
            was written
    """
    found: dict[str, PersonHeader] = {}
    with register.reading(authority) as connection:
        marks = marks_of(register, connection, authority)
        for start in range(0, len(ids), AT_ONCE):
            for header in _headers(connection, marks, authority, ids[start : start + AT_ONCE]):
                found[header.id] = header
    with register.keys_reading(authority) as keys:
        readable = KeyRing.readable(keys, list(found))
    return [found[one] for one in ids if one in readable]


def read(register: Register, authority: Authority, record: str, fields: Sequence[str]) -> dict[str, str]:
    """Fields of a record, decrypted, as `person.field`; '' is unknown.

    raises  BadInput  when there is no such record or field, or it was erased; BadRegister when a value was moved or the
            record changed
    """
    return read_each(register, authority, [record], fields)[record]


def read_each(
    register: Register, authority: Authority, ids: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Fields of several records, by id.

    raises  BadInput  when one of them is not there, or was erased; BadRegister when a value was moved or one changed
    """
    columns = _columns(fields)
    found = _read(register, authority, ids, columns)
    if None in found.values():  # a key may have been exchanged between the transactions of the two stores
        found = _read(register, authority, ids, columns)
    opened: dict[str, dict[str, str]] = {}
    for one in ids:
        if one not in found:
            raise unknown(one)
        if (values := found[one]) is None:
            raise erased(one)
        opened[one] = {f"person.{name}": value for name, value in values.items()}
    return opened


def _read(
    register: Register, authority: Authority, ids: Sequence[str], columns: Sequence[str]
) -> dict[str, dict[str, str] | None]:
    """The values of the records that are there; None for those whose key is gone."""
    found: dict[str, dict[str, str] | None] = {}
    with register.reading(authority) as connection, register.keys_reading(authority) as keys:
        ring, marks = ring_of(register, connection, authority), marks_of(register, connection, authority)
        opened = ring.open(keys, ids)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            for row in connection.execute(select(person).where(person.c.id.in_(some), mine(authority))).mappings():
                marks.must_hold(person, row)
                key = opened.get((row["id"], row["key"]))
                found[row["id"]] = values_of(ring.cipher(key), row, columns) if key else None
    return found


def correct(register: Register, authority: Authority, record: str, values: Mapping[str, str]) -> int:
    """Put other values in a record's fields. Nothing of the old ones is kept. Returns the record's new version.

    values  by `person.field`; '' takes a value out
    raises  BadInput  when there is no such record or field, or it was erased
    """
    with register.writing(authority) as connection, register.keys_reading(authority) as keys:
        ring = ring_of(register, connection, authority)
        locked = select(person).where(person.c.id == record, mine(authority))
        row = connection.execute(locked).mappings().first()
        if row is None:
            raise unknown(record)
        key = ring.open(keys, [record]).get((record, row["key"]))
        if key is None:
            raise erased(record)
        changed = dict(zip(_columns(list(values)), values.values(), strict=True))
        if plain := changed.keys() - set(SEALED):
            raise BadInput(f"{', '.join(sorted(plain))}: not corrected here", kept="the record as it was")
        version = row["version"] + 1
        now = {name: text for name, text in values_of(ring.cipher(key), row, SEALED).items() if text} | changed
        index = index_of(register, connection, authority)
        sealed = sealed_row(ring.cipher(key), Place("person", record, version), index, now)
        changes = {"version": version, "updated_at": instant(authority.at), **sealed}
        marks_of(register, connection, authority).change(connection, person, row, changes)
    return int(version)


def protect(register: Register, connection: Connection, authority: Authority, record: str, *, protected: bool) -> None:
    """Mark a record as that of a protected person, or no longer.

    raises  BadInput  when there is no such record; BadRegister when it is not as it was written
    """
    row = connection.execute(select(person).where(person.c.id == record, mine(authority))).mappings().first()
    if row is None:
        raise unknown(record)
    marks_of(register, connection, authority).change(connection, person, row, {"protected": protected})


def unknown(record: str) -> BadInput:
    return BadInput(
        f"there is no record {record} here", remedy="search by phone or ID number; other agencies' records are theirs"
    )


def erased(record: str) -> BadInput:
    return BadInput(
        f"record {record} was erased: its key has been destroyed",
        kept="nothing of it that anybody could read",
        remedy="`bianque people check --tidy` removes what an interrupted erasure left",
    )


def _headers(connection: Connection, marks: Marks, authority: Authority, ids: Sequence[str]) -> Iterable[PersonHeader]:
    rows = connection.execute(select(person).where(person.c.id.in_(ids), mine(authority))).mappings().all()
    lists = _named(connection, person_list, {row["list"] for row in rows})
    collections = _named(connection, collection, {row["collection"] for row in rows})
    follow_ups: defaultdict[str, list[RowMapping]] = defaultdict(list)
    is_open = (follow_up.c.person.in_(ids), follow_up.c.closed_at == "")
    for open_ in connection.execute(select(follow_up).where(*is_open)).mappings():
        follow_ups[open_["person"]].append(open_)
    for row in rows:
        of_list, source, theirs = lists.get(row["list"]), collections.get(row["collection"]), follow_ups[row["id"]]
        try:
            marks.must_hold(person, row)
            marks.must_hold(collection, source)
            for one in theirs:
                marks.must_hold(follow_up, one)
            if row["list"]:
                marks.must_hold(person_list, of_list)
        except BadRegister as cause:
            raise ChangedRecord(row["id"], cause) from cause
        assert source is not None
        officers = [one["officer"] for one in theirs]
        implies = frozenset(of_list["implies"].split() if of_list else ())
        yield PersonHeader(
            row["id"],
            row["agency"],
            row["emergency"],
            row["region"],
            tuple(row["within"].split()),
            row["list"],
            implies | ({"under_14"} if row["under_14"] else frozenset()),
            source["organisation"],
            tuple(Purpose(purpose) for purpose in source["purposes"].split()),
            row["protected"],
            row["version"],
            authority.account if authority.account in officers else next(iter(officers), ""),
        )


def _named(connection: Connection, table: Table, ids: set[str]) -> dict[str, RowMapping]:
    return {row["id"]: row for row in connection.execute(select(table).where(table.c.id.in_(ids))).mappings()}


def _columns(fields: Sequence[str]) -> list[str]:
    if wrong := [field for field in fields if field not in FIELDS and field not in PLAIN]:
        raise BadInput(f"a person has no field {wrong[0]!r}", remedy=f"choose among {', '.join((*FIELDS, *PLAIN))}")
    return [field.removeprefix("person.") for field in fields]


def values_of(cipher: Cipher, row: RowMapping, columns: Sequence[str]) -> dict[str, str]:
    """Columns of a row of the table, opened; '' is unknown."""
    place = Place("person", row["id"], row["version"])
    values = {}
    for name in columns:
        stored = row[name]
        values[name] = unseal(cipher, place, name, stored) if isinstance(stored, bytes) else str(stored or "")
    return values


def sealed_row(cipher: Cipher, place: Place, index: BlindIndex, values: Mapping[str, str]) -> dict[str, object]:
    """The sealed columns and the index values of a row, all of them: what has no value becomes NULL."""
    known = {name: text for name in SEALED if (text := values.get(name, ""))}
    row: dict[str, object] = {**dict.fromkeys(SEALED), **seal_all(cipher, place, known)}
    for kind in KINDS:
        row[f"{kind}_index"] = index.value(kind, values.get(kind, ""))
    return row
