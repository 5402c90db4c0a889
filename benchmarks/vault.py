"""How many fields does the vault seal a second, how fast do people come in, and how fast is one of a million found?

People of the exercise, seed 7, checked, sealed and indexed as `bianque people import` does it, into a register on
SQLite that holds a million of them at the end; `vault.py PEOPLE` takes another number. The peer of the import is
sqlite3 taking the same rows in clear, with the same indexes, in the same run: the difference is what the wall costs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cost import Cost, measured, verdict

from bianque.drill.people import LISTS, draw_people
from bianque.drill.population import province_of
from bianque.model.authority import Authority, Purpose, Role
from bianque.model.emergency import Emergency, Retention, State, Terms
from bianque.model.organisation import HolderKind
from bianque.model.regions import china
from bianque.model.text import Text
from bianque.registry import collections, erasure, lists, people
from bianque.registry.collections import BATCH, BadRow, Source
from bianque.registry.lists import PersonList
from bianque.registry.people import FIELDS, NewPerson
from bianque.registry.register import Register, create
from bianque.registry.sealed import Place, seal_all
from bianque.registry.suites import SUITES
from bianque.services.people_file import Checks, PeopleFile, checked

PROVINCE = province_of(7)
COLUMNS = ("name", "id_number", "phone", "address", "birth_date", "sex", "workplace", "region", "list")
LAST = 5 * BATCH  # people at the end of the import that are timed by themselves: the register is full then
SEALED = 100_000
LOOKUPS = 1000
AT = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)
SAME = Text(zh="演习", en="Exercise")
TERMS = Terms(
    name=SAME,
    command_body="command",
    start_condition=SAME,
    legal_bases=("cn-infectious-diseases-2013-12",),
    purposes=(Purpose.CONTACT_TRACING,),
    regions=("990000",),
    starts=dt.date(2027, 1, 1),
    review=dt.date(2027, 2, 15),
    ends=dt.date(2027, 3, 1),
    retention=Retention(identified_days=30, pseudonymous_days=365, audit_days=365),
    disposal=SAME,
    disposal_by="command",
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    fields = sealing()
    with tempfile.TemporaryDirectory() as folder:
        register = create(Path(folder) / "register")
        rate = importing(register, tracer(), count)
        slowest = looking_up(register, tracer(), count)
        erasing(register, tracer())
        register.close()
        in_clear(Path(folder) / "clear.sqlite", min(count, LAST))
    verdict("30,000 field encryptions a second", fields >= 30_000)
    verdict(f"5,000 people a second into a register of {count:,}", rate >= 5000)
    verdict(f"one of {count:,} found by phone in less than 20 ms, 99 times in a hundred", slowest < 0.02)


def tracer(agency: str = "cdc") -> Authority:
    """Who imports: the register's own functions do not decide."""
    emergency = Emergency("exercise", agency, TERMS, State.DECLARED)
    return Authority("one", agency, agency, Role.TRACER, HolderKind.COMMAND, AT, emergency, Purpose.CONTACT_TRACING)


def sealing() -> float:
    """Fields a second, of eight to a person and a key of their own, in the slower suite."""
    values = dict(zip(COLUMNS, next(rows(1)), strict=True)) | {"health_note": "发热三天"}
    values = {name: values[name] for name in people.SEALED}
    slowest = float("inf")
    for suite in SUITES.values():
        keys = [os.urandom(suite.key_length) for _ in range(SEALED // len(values))]
        with measured() as cost:
            for number, key in enumerate(keys):
                seal_all(suite.cipher(key), Place("person", f"{number:032x}", 1), values)
        rate = SEALED / cost.wall
        print(f"{suite.name}: {SEALED:,} fields sealed: {cost}; {rate:,.0f} a second")
        slowest = min(slowest, rate)
    return slowest


def importing(register: Register, authority: Authority, count: int) -> float:
    """People a second at the end of an import of `count`, from checked rows to rows on the disk."""
    against = Checks(
        fields=frozenset(COLUMNS),
        regions=china().with_regions(PROVINCE.regions),
        jurisdiction=frozenset(one.parent for one in PROVINCE.regions),
        lists=frozenset(one.id for one in LISTS),
        today=AT.date(),
    )
    for one in LISTS:
        lists.add(register, authority, PersonList(one.id, one.name, authority.organisation))
    file = PeopleFile({name: place for place, name in enumerate(COLUMNS)}, list(rows(count)), len(COLUMNS), b"")
    first, last = file.rows[: count - LAST], file.rows[-LAST:]
    with measured() as filling:
        taken = take(register, authority, checked(replace(file, rows=first), against), "first")
    with measured() as cost:
        taken += take(register, authority, checked(replace(file, rows=last), against), "last")
    if taken != count:
        raise SystemExit(f"{taken:,} of {count:,} people were taken in")
    said(f"{len(first):,} people into an empty register", filling, len(first))
    said(f"{len(last):,} more, up to {count:,}", cost, len(last))
    if size := sum(path.stat().st_size for path in register.at_rest.glob("*.sqlite*")):
        print(f"  on the disk: {size / 1e6:,.0f} MB, {size / count:,.0f} bytes a person")
    return len(last) / cost.wall


def take(register: Register, authority: Authority, new: Iterator[NewPerson | BadRow], name: str) -> int:
    digest = hashlib.sha256(name.encode()).digest()
    source = Source(authority.organisation, "benchmark", TERMS.purposes, TERMS.legal_bases[0], people.SEALED, digest)
    into = collections.begin(register, authority, source)
    return collections.import_people(register, authority, into, new).accepted


def looking_up(register: Register, authority: Authority, count: int) -> float:
    """Seconds within which 99 of a hundred lookups by phone come back, with the header that a decision needs."""
    phones = [row[2] for row in rows(count)]
    chosen = random.Random(7).choices(phones, k=LOOKUPS)
    waited = []
    with measured() as cost:
        for phone in chosen:
            began = time.perf_counter()
            found = people.headers(register, authority, people.find(register, authority, "phone", phone))
            waited.append(time.perf_counter() - began)
            if not found:
                raise SystemExit("somebody who was taken in is not found")
    waited.sort()
    print(f"{LOOKUPS:,} lookups by phone with the headers of who is found: {cost}")
    print(f"  median {waited[LOOKUPS // 2] * 1000:.2f} ms, 99th percentile {waited[-LOOKUPS // 100] * 1000:.2f} ms")
    with measured() as reading:
        for phone in chosen[:100]:
            for one in people.find(register, authority, "phone", phone):
                people.read(register, authority, one, FIELDS)
    print(f"  100 found and read whole: {reading}")
    return waited[-LOOKUPS // 100]


def erasing(register: Register, authority: Authority) -> None:
    ids = people.find(register, authority, "phone", next(rows(1))[2])
    with measured() as cost:
        done = erasure.erase(register, authority, ids)
    print(f"{done.records} records erased and all stores rewritten without a trace of them: {cost}")


def in_clear(path: Path, count: int) -> None:
    """The peer: the same rows, unchecked and unsealed, into a table with the same indexes."""
    some = list(rows(count))
    with measured() as cost:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE person (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        for column in ("phone", "id_number"):
            connection.execute(f"CREATE INDEX person_{column} ON person ({column})")
        insert = f"INSERT INTO person ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
        for start in range(0, count, BATCH):
            with connection:
                connection.executemany(insert, some[start : start + BATCH])
        connection.close()
    said(f"the peer takes {count:,} of them in clear", cost, count)


def rows(count: int) -> Iterator[tuple[str, ...]]:
    for one in draw_people(PROVINCE, seed=7, count=count, start=dt.date(2027, 1, 1)):
        yield one[: len(COLUMNS)]


def said(what: str, cost: Cost, count: int) -> None:
    print(f"{what}: {cost}; {count / cost.wall:,.0f} a second, {count / cost.cpu:,.0f} a CPU second")


if __name__ == "__main__":
    main()
