"""A copy of one store as lines of JSON: the same for every engine, read and written in bounded memory.

First a head (which store of which register), then every table (its columns) with its rows, last a manifest: rows a
table, the audit's head, the digest of all lines before, and a code over both under a key of the register. Encryption
to a recipient proves nothing about who wrote a file; the code does.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select

from bianque.model.errors import BadRegister
from bianque.registry.root import Root
from bianque.registry.tables.audit import audit_event
from bianque.registry.tables.moment import Moment

FORMAT = 1
BATCH = 2_000  # rows read or written at a time
KINDS = {str: "plain", int: "plain", bool: "plain", bytes: "bytes", dt.date: "date"}
WRITTEN: dict[str, Callable[[Any], str]] = {
    "bytes": lambda value: base64.b64encode(value).decode(),
    "moment": dt.datetime.isoformat,
    "date": dt.date.isoformat,
}
READ: dict[str, Callable[[str], Any]] = {
    "bytes": base64.b64decode,
    "moment": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Head:
    """Which store of which register a copy is of, when it was made, for whom, by which version of Bianque; of the data
    also how often something had been destroyed by then in each of the other stores."""

    store: str
    register: str  # fingerprint of the root key
    made: str  # ISO 8601, UTC
    version: str
    recipients: Sequence[str] = ()  # age recipients: who restores it writes the next copies for the same
    destroyed: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy must hold. `audit` is the number and the hash of the last event, in the copy of a register store."""

    rows: dict[str, int]
    audit: tuple[int, str]
    digest: str
    code: str = field(default="", repr=False)

    def coded(self, root: Root) -> str:
        """The code that only the register's root key can make."""
        plain = json.dumps([self.rows, list(self.audit), self.digest], sort_keys=True).encode()
        return hmac.digest(root.derive("manifest of a backup"), plain, hashlib.sha256).hex()


class Copying:
    """The lines of a store, in chunks; `manifest` is there once all of them were taken."""

    def __init__(self, connection: Connection, tables: MetaData, head: Head, root: Root) -> None:
        self.connection, self.tables, self.head, self.root = connection, tables, head, root
        self.manifest: Manifest | None = None

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        rows: dict[str, int] = {}
        for name, chunk, count in self._chunks():
            digest.update(chunk)
            if name:
                rows[name] = rows.get(name, 0) + count
            yield chunk
        manifest = Manifest(rows, audit_head(self.connection, self.tables), digest.hexdigest())
        self.manifest = Manifest(manifest.rows, manifest.audit, manifest.digest, manifest.coded(self.root))
        yield _line(asdict(self.manifest))

    def _chunks(self) -> Iterator[tuple[str, bytes, int]]:
        yield "", _line(asdict(self.head)), 0
        for table in self.tables.sorted_tables:
            columns = [(column.name, kind(column)) for column in table.columns]
            yield table.name, _line({"table": table.name, "columns": columns}), 0
            written = [(n, WRITTEN[of]) for n, (_, of) in enumerate(columns) if of in WRITTEN]
            with self.connection.execute(select(table), execution_options={"yield_per": BATCH}) as found:
                for batch in found.partitions():
                    yield table.name, b"".join(_row(list(row), written) for row in batch), len(batch)


def kind(column: Column[Any]) -> str:
    """How the values of a column are written in a copy.

    raises  TypeError  for a type that nobody has said it of yet: that is a defect, and no row is lost in silence
    """
    if isinstance(column.type, Moment):
        return "moment"
    of = column.type.python_type
    if of not in KINDS:
        raise TypeError(f"{column}: how is {of} written in a backup?")
    return KINDS[of]


def _row(values: list[Any], written: list[tuple[int, Callable[[Any], str]]]) -> bytes:
    for n, write in written:
        if values[n] is not None:
            values[n] = write(values[n])
    return _line(values)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def audit_head(connection: Connection, tables: MetaData) -> tuple[int, str]:
    """Number and hash of the last event of the audit; (0, '') where there is none."""
    if audit_event.name not in tables.tables:
        return 0, ""
    last = connection.execute(
        select(audit_event.c.number, audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)
    ).first()
    return (last.number, last.hash.hex()) if last else (0, "")


class Loading:
    """Takes the bytes of a copy and puts its rows into an empty store.

    What was loaded counts only when `finish` returns: nothing before its last line is proved.

    agency  on PostgreSQL, whose rows those become that name no agency: a store on SQLite holds those of one
    raises  BadRegister  as soon as the copy is seen to be of another register, store or version
    """

    def __init__(
        self, connection: Connection, tables: MetaData, store: str, root: Root, where: str, agency: str = ""
    ) -> None:
        self.connection, self.tables, self.store, self.root, self.where = connection, tables, store, root, where
        self.agency = agency
        self.head: Head | None = None
        self.manifest: Manifest | None = None
        self._rest = b""
        self._digest = hashlib.sha256()
        self._table: Table | None = None
        self._columns: list[tuple[str, Callable[[str], Any] | None]] = []
        self._rows: list[dict[str, Any]] = []
        self._before: dict[str, int] = {}  # rows that were there: on PostgreSQL, what another agency shares

    def take(self, data: bytes) -> None:
        """The next bytes, cut anywhere."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self.manifest is not None:
                raise self._damaged("something follows the manifest")
            self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        try:
            read = json.loads(line)
        except ValueError as cause:
            raise self._damaged("a line cannot be read") from cause
        if isinstance(read, dict) and "digest" in read:
            self._flush()
            self.manifest = Manifest(read["rows"], (read["audit"][0], read["audit"][1]), read["digest"], read["code"])
            return
        self._digest.update(line + b"\n")
        if self.head is None:
            self.head = self._head(read)
        elif isinstance(read, dict):
            self._flush()
            self._begin(read["table"], read["columns"])
        else:
            self._rows.append(
                {
                    name: parse(value) if parse and value is not None else value
                    for (name, parse), value in zip(self._columns, read, strict=True)
                }
            )
            if len(self._rows) >= BATCH:
                self._flush()

    def _head(self, read: Any) -> Head:
        if not isinstance(read, dict) or read.get("format") != FORMAT:
            raise BadRegister(
                f"{self.where}: this backup is of another format", remedy="restore it with the version that made it"
            )
        head = Head(**read)
        if head.register != self.root.fingerprint():
            raise BadRegister(
                f"{self.where}: this is a backup of another register: its root key is {head.register},"
                f" yours {self.root.fingerprint()}",
                kept="nothing was changed",
                remedy="give the root key that belongs to this backup",
            )
        if head.store != self.store:
            raise BadRegister(f"{self.where}: this is a backup of {head.store}, not of {self.store}")
        return head

    def _begin(self, name: str, columns: list[tuple[str, str]]) -> None:
        table = self.tables.tables.get(name)
        unknown = [name] if table is None else [c for c, _ in columns if c not in table.columns]
        if table is None or unknown:
            version = self.head.version if self.head else ""
            raise BadRegister(
                f"{self.where}: this version of Bianque has no {unknown[0]}; the backup was made by version {version}",
                remedy=f"restore it with version {version}, then run `bianque register upgrade`",
            )
        self._table = table
        self._before[name] = self._count(table)
        self._columns = [(column, self._reading(table.columns[column], of)) for column, of in columns]

    def _reading(self, column: Column[Any], of: str) -> Callable[[str], Any] | None:
        """How a value is read; one that a server would fill in is that of the agency whose rows are loaded."""
        if column.name == "agency" and column.server_default is not None:
            return lambda named: named or self.agency
        return READ.get(of)

    def _count(self, table: Table) -> int:
        return self.connection.execute(select(func.count()).select_from(table)).scalar_one()

    def _flush(self) -> None:
        if self._rows and self._table is not None:
            self.connection.execute(insert(self._table), self._rows)
        self._rows = []

    def finish(self) -> Manifest:
        """The manifest, once everything in it holds for what was loaded.

        raises  BadRegister  when a count, the digest, the code or the audit's head does not
        """
        manifest = self.manifest
        if manifest is None or self._rest:
            raise self._damaged("it has no manifest")
        if (
            not hmac.compare_digest(manifest.code, manifest.coded(self.root))
            or manifest.digest != self._digest.hexdigest()
        ):
            raise self._damaged("it was not written by this register, or was changed since")
        for name, expected in manifest.rows.items():
            found = self._count(self.tables.tables[name]) - self._before[name]
            if found != expected:
                raise self._damaged(f"the manifest counts {expected} rows of {name}, the store has {found}")
        if audit_head(self.connection, self.tables) != manifest.audit:
            raise self._damaged("the audit does not end where the manifest says")
        return manifest

    def _damaged(self, what: str) -> BadRegister:
        return BadRegister(
            f"{self.where}: this backup cannot be trusted: {what}",
            kept="nothing was changed",
            remedy="take another copy of it, or an older backup",
        )
