"""What PostgreSQL refused, in the audit: attempts that went past our code to the database itself.

Whoever has a role's password can send statements that no use case sends; the server refuses them (registry/
row_security.py) and writes that to its log. Read from there, each refusal of a role of this agency becomes one event.
Of a line only its time, role, code and the kind of refusal are kept, and the table where it is one of ours: statements
may hold personal values.

The server logs as JSON (`log_destination = jsonlog`), into files whose names follow each other in time, as they do
unless `log_filename` says otherwise.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bianque.model.audit import Event
from bianque.model.decision import Outcome
from bianque.model.errors import BadInput, BadRegister
from bianque.registry import audit
from bianque.registry.register import Register
from bianque.registry.row_security import REFUSED
from bianque.registry.tables import STORES
from bianque.registry.tables.settings import setting

ACTION = "query_database"
BATCH = 1000  # lines in one transaction
CURSOR = "database_log"  # the setting that says up to where the log was read: file and byte
CODES = {"42501", "28P01", "28000"}  # insufficient privilege, wrong password, no right to log in (errcodes-appendix)
KINDS = ("row-level security", "permission denied", "must be owner", "must be superuser", "authentication failed")
NAMED = re.compile(r'"?(\w+)"?$')


@dataclass(frozen=True, slots=True)
class LogReceipt:
    """Lines read since the last time: refusals that went to the audit, lines that are no refusal of ours, damaged."""

    refusals: int
    others: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, and where the next one begins."""

    file: str
    after: int
    content: bytes


def read_log(register: Register, folder: Path) -> LogReceipt:
    """Add what the server refused since the last time to the audit. Reading the same log twice adds nothing.

    folder  where the server writes its log
    raises  BadInput     when it holds no log as JSON
            BadRegister  when the register is on SQLite, which has no server
    """
    if register.engine.dialect.name != "postgresql":
        raise BadRegister(
            "this register is on SQLite: there is no server whose log could be read",
            remedy="its refusals are all in the audit: `bianque audit list --refused`",
        )
    if not any(folder.glob("*.json")):
        raise BadInput(
            f"{folder}: there is no log as JSON here",
            remedy="set logging_collector = on and log_destination = jsonlog, and give the server's log folder",
        )
    database = register.engine.url.database
    roles = {engine.url.username for engine in register.stores().values()}
    refusals = others = damaged = 0
    while True:
        with register.system() as connection:
            lines = list(islice(_lines(folder, *_cursor(connection)), BATCH))
            if not lines:
                return LogReceipt(refusals, others, damaged)
            parsed = [_parsed(line.content) for line in lines]
            ours = [one for one in parsed if one and one.get("user") in roles and one.get("dbname") == database]
            events = [_event(register.agency, one) for one in ours if one.get("state_code") in CODES]
            audit.append(connection, events)
            _move(connection, lines[-1])
        refusals, damaged = refusals + len(events), damaged + parsed.count(None)
        others += len(lines) - len(events) - parsed.count(None)


def _lines(folder: Path, file: str, offset: int) -> Iterator[Line]:
    """The whole lines after a place; the last one may still be being written."""
    for path in sorted(folder.glob("*.json")):
        if path.name < file:
            continue
        with path.open("rb") as opened:
            after = opened.seek(offset if path.name == file else 0)
            for content in opened:
                if content.endswith(b"\n"):
                    after += len(content)
                    yield Line(path.name, after, content)


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _event(agency: str, line: dict[str, Any]) -> Event:
    message = str(line.get("message", ""))
    named = NAMED.search(message)
    return Event(
        at=_instant(str(line["timestamp"])),
        account=str(line["user"]),
        role="",
        organisation="",
        agency=agency,
        emergency="",
        purpose="",
        basis="",
        action=ACTION,
        kind="table",
        resource=named[1] if named and any(named[1] in tables.tables for tables in STORES.values()) else "",
        subject="",
        fields=(),
        outcome=Outcome.DENY,
        rule=f"postgresql-{line['state_code']}",
        reason=_kind(message),
        session=str(line.get("session_id", "")),
    )


def _kind(message: str) -> str:
    """What kind of refusal it was, in words of ours alone."""
    if message.startswith(REFUSED):
        return message.removeprefix(REFUSED)
    return next((kind for kind in KINDS if kind in message), "")


def _instant(stamp: str) -> str:
    """The log's time, which is UTC when the server's log_timezone is."""
    day, clock, zone = stamp.split(" ")
    if zone not in ("UTC", "GMT"):
        raise BadInput(f"the server's log is in time zone {zone}", remedy="set log_timezone = UTC")
    at = dt.datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=dt.UTC)
    return at.isoformat(timespec="milliseconds")


def _cursor(connection: Connection) -> Sequence[Any]:
    value = connection.scalar(select(setting.c.value).where(setting.c.name == CURSOR))
    file, _, offset = (value or " 0").rpartition(" ")
    return file, int(offset)


def _move(connection: Connection, last: Line) -> None:
    connection.execute(delete(setting).where(setting.c.name == CURSOR))
    connection.execute(insert(setting), [{"name": CURSOR, "value": f"{last.file} {last.after}"}])
