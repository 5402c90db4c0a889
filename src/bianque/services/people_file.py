"""A file of people, row by row: what of it can be taken, and what is wrong with the rest, in a word.

Nothing is guessed: an empty cell is unknown, a cell that is not what its column says sends its row to the quarantine.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bianque.model import identifiers
from bianque.model.errors import BadInput, UnknownRegion
from bianque.model.regions import RegionSystem
from bianque.registry.collections import BadRow
from bianque.registry.people import NewPerson

HEADINGS = {
    "name": "姓名",
    "id_number": "身份证号",
    "phone": "手机号",
    "address": "住址",
    "birth_date": "出生日期",
    "sex": "性别",
    "workplace": "工作单位",
    "health_note": "健康情况",
    "region": "地区",
    "list": "名单",
}
PLACES = ("region", "list")  # where a record belongs: plain in the register
SEXES = {"male": "male", "female": "female", "男": "male", "女": "female", "": ""}
CHILD = 14  # years; GB/T 35273-2020, 3.2: personal information of a child under 14 is sensitive
LONGEST_LINE = 1_000_000  # bytes; a line of a person has some hundred, and one of many commas fills the memory
LINE_END = re.compile(rb"\r\n?|\n")
ENCODINGS = ("utf-8-sig", "gb18030")


class BadCell(ValueError):
    """A cell is not what its column says: which column, and what is wrong in a word; never what it holds."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A file as it was read: the column each known heading stands in, the rows below, and a digest of its bytes."""

    columns: Mapping[str, int]
    rows: Sequence[Sequence[str]]
    width: int
    digest: bytes

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that a person has."""
        return tuple(self.columns)


@dataclass(frozen=True, slots=True)
class Checks:
    """What rows are held against: the fields that may be taken, regions, lists and the day."""

    fields: frozenset[str]
    regions: RegionSystem
    jurisdiction: frozenset[str]
    lists: frozenset[str]
    today: dt.date


def read_people(path: Path) -> PeopleFile:
    """A CSV file with a heading, in UTF-8 or GB 18030.

    raises  BadInput  when it cannot be read, a line is longer than any of a person, or its heading names nobody or a
            column twice
    """
    try:
        content = path.read_bytes()
    except OSError as cause:
        raise BadInput(f"{path}: the file cannot be read: {cause.strerror}", remedy="check the path") from cause
    if line := _long_line(content):
        raise BadInput(
            f"{path}, line {line}: it has more than {LONGEST_LINE:,} bytes",
            kept="nothing",
            remedy="save the list as CSV, one person a line",
        )
    reader = csv.reader(io.StringIO(_decoded(path, content), newline=""))
    try:
        rows = list(reader)
    except csv.Error as cause:
        raise BadInput(
            f"{path}, line {reader.line_num}: this is no CSV", kept="nothing", remedy="close every quotation mark"
        ) from cause
    heading = [cell.strip() for cell in rows[0]] if rows else []
    names = {chinese: name for name, chinese in HEADINGS.items()} | {name: name for name in HEADINGS}
    known = [names[cell] for cell in heading if cell in names]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise BadInput(
            f"{path}: the first line names {', '.join(twice)} twice",
            kept="nothing: which of the columns holds is not guessed",
            remedy="leave one column of each name in the file",
        )
    columns = {names[cell]: place for place, cell in enumerate(heading) if cell in names}
    if not {"name", "phone", "id_number"} & columns.keys():
        raise BadInput(
            f"{path}: the first line is no heading of people",
            kept="nothing: a file without a heading is not guessed at",
            remedy=f"name the columns in its first line: {', '.join(HEADINGS)}",
        )
    return PeopleFile(columns, rows[1:], len(heading), hashlib.sha256(content).digest())


def checked(file: PeopleFile, against: Checks, *, after: int = 0) -> Iterator[NewPerson | BadRow]:
    """Each row as a new person, or as one for the quarantine with the first thing that is wrong with it.

    after    rows that were taken in before
    """
    for number, cells in enumerate(file.rows[after:], start=after + 2):  # the heading is row 1
        try:
            yield _person(file, cells, against)
        except BadCell as bad:
            yield BadRow(number, bad.field, bad.reason, cells)


def checked_value(field: str, value: str) -> str:
    """One value of a person in its one spelling.

    raises  BadCell  when it is not what the field says
    """
    text = value.strip()
    if field in ("phone", "id_number") and text:
        text = identifiers.normal(field, text)
        if fault := identifiers.fault(field, text):
            raise BadCell(field, fault)
    elif field == "birth_date" and text:
        try:
            text = dt.date.fromisoformat(text).isoformat()
        except ValueError as cause:
            raise BadCell(field, "date") from cause
    elif field == "sex":
        if text not in SEXES:
            raise BadCell(field, "word")
        text = SEXES[text]
    return text


def _long_line(content: bytes) -> int:
    """The number of the first line that is longer than any of a person; 0 when there is none."""
    at = 0
    while len(content) - at > LONGEST_LINE:
        before = at + LONGEST_LINE + 1
        end = max(content.rfind(b"\n", at, before), content.rfind(b"\r", at, before))
        if end < 0:
            return len(LINE_END.findall(content[:at])) + 1
        at = end + 1
    return 0


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ENCODINGS[:1] if content.startswith(codecs.BOM_UTF8) else ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path}: neither UTF-8 nor GB 18030", kept="nothing", remedy="save it as CSV UTF-8")


def _person(file: PeopleFile, cells: Sequence[str], against: Checks) -> NewPerson:
    if len(cells) != file.width:
        raise BadCell("row", "columns")
    taken = {name: cells[place] for name, place in file.columns.items() if name in against.fields}
    values = {name: checked_value(name, cell) for name, cell in taken.items() if name not in PLACES}
    if not any(values.get(name) for name in ("name", "phone", "id_number")):
        raise BadCell("name", "nobody")
    born = _born(values)
    if born and born > against.today:
        raise BadCell("birth_date", "future")
    listed = taken.get("list", "").strip()
    if listed and listed not in against.lists:
        raise BadCell("list", "unknown")
    return NewPerson(values, _within(taken.get("region", "").strip(), against), listed, _is_child(born, against.today))


def _born(values: Mapping[str, str]) -> dt.date | None:
    """The day of birth that the row gives, or that its ID number holds; both must agree."""
    given = dt.date.fromisoformat(values["birth_date"]) if values.get("birth_date") else None
    number = values.get("id_number", "")
    held = identifiers.birth_date(number) if number else None
    if given and held and given != held:
        raise BadCell("birth_date", "contradiction")
    return given or held


def _within(named: str, against: Checks) -> tuple[str, ...]:
    if not named:
        return ()
    try:
        within = against.regions.containing(against.regions.resolve(named).code)
    except UnknownRegion as cause:
        raise BadCell("region", "unknown") from cause
    if not against.jurisdiction & set(within):
        raise BadCell("region", "outside")
    return within


def _is_child(born: dt.date | None, today: dt.date) -> bool:
    if born is None:
        return False
    return (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) < CHILD
