"""From the bytes of a foreign table to its rows: which encoding, which delimiter, where is it damaged?"""

from __future__ import annotations

import codecs
import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bianque.model.errors import UnusableFeed

DELIMITERS = (",", ";", "\t", "|")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LARGEST_FIELD = 1 << 20  # characters; a longer "field" is an unclosed quotation mark


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record of a file: the line it starts on, its fields, and why it cannot be used (None if it can)."""

    line: int
    fields: list[str]
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class RawTable:
    """A decoded file: header, rows and how it was read."""

    header: list[str]
    rows: list[RawRow]
    encoding: str
    delimiter: str
    truncated: bool


def read_table(path: Path, wanted: list[str]) -> RawTable:
    """Header and rows of a CSV file, plain or gzip, in UTF-8, UTF-16 or GB18030.

    wanted   columns the description needs; they choose the delimiter
    raises   UnusableFeed  when the file as a whole cannot be read or a wanted column is missing
    """
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise UnusableFeed(f"{path}: cannot be read: {cause.strerror}", remedy="check the path and its rights") from cause
    return parse_table(data, path.name, wanted)


def parse_table(data: bytes, name: str, wanted: list[str]) -> RawTable:
    """`read_table` on bytes already in hand."""
    truncated = False
    if data[:2] == b"\x1f\x8b":
        data, truncated = _gunzip(data, name)
    elif data[:4] == b"PK\x03\x04":
        raise UnusableFeed(f"{name}: this is a zip archive or an Excel workbook", remedy="save the sheet as CSV (UTF-8)")
    text, encoding, cut = _decode(data, name)
    if not text.strip():
        raise UnusableFeed(f"{name}: the file is empty", remedy="ask the sender for the file again")
    delimiter = _delimiter(text, wanted, name)
    records = _records(text, delimiter, truncated=truncated or cut)
    header = [field.strip() for field in next(records).fields]
    if doubled := {c for c in wanted if header.count(c) > 1}:
        raise UnusableFeed(
            f"{name}, line 1: column {', '.join(sorted(doubled))} stands twice in the header",
            remedy="name each column once",
        )
    return RawTable(header, list(_checked(records, len(header))), encoding, delimiter, truncated or cut)


def _gunzip(data: bytes, name: str) -> tuple[bytes, bool]:
    """All members of a gzip file; a file that ends early gives what came before, and True."""
    parts: list[bytes] = []
    while data[:2] == b"\x1f\x8b":
        inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            parts.append(inflate.decompress(data))
        except zlib.error as cause:
            raise UnusableFeed(f"{name}: damaged gzip data: {cause}", remedy="ask the sender for the file again") from cause
        if not inflate.eof:
            return b"".join(parts), True
        data = inflate.unused_data
    return b"".join(parts), False


def _decode(data: bytes, name: str) -> tuple[str, str, bool]:
    """Text, encoding, and whether the last character is cut in the middle."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _strictly(data, encoding, name)
    if encoding := _utf16_without_bom(data):
        return _strictly(data, encoding, name)
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8"), "utf-8", True
    damaged = data.decode("utf-8", errors="replace")
    wide = sum(1 for character in damaged if ord(character) > 127)
    if damaged.count("\ufffd") * 10 <= wide:  # good UTF-8 with a few broken bytes: their rows go to quarantine
        return damaged, "utf-8", False
    return _strictly(data, "gb18030", name)


def _strictly(data: bytes, encoding: str, name: str) -> tuple[str, str, bool]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError as cause:
        line = data[: cause.start].count(b"\n") + 1
        raise UnusableFeed(
            f"{name}, line {line}: neither UTF-8, UTF-16 nor GB18030", remedy="save the file as UTF-8 and send it again"
        ) from cause
    left_over = decoder.getstate()[0]
    return text, "utf-8" if encoding == "utf-8-sig" else encoding, bool(left_over)


def _utf16_without_bom(data: bytes) -> str | None:
    """A table has ASCII delimiters and digits; in UTF-16 each of them brings a zero byte."""
    sample = data[:4096]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if odd > len(sample) // 10 and odd > even:
        return "utf-16-le"
    if even > len(sample) // 10 and even > odd:
        return "utf-16-be"
    return None


def _delimiter(text: str, wanted: list[str], name: str) -> str:
    first = text.split("\n", 1)[0]
    headers = {d: [f.strip() for f in next(csv.reader([first], delimiter=d), [])] for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: (sum(w in headers[d] for w in wanted), len(headers[d])))
    if missing := [w for w in wanted if w not in headers[best]]:
        raise UnusableFeed(
            f"{name}, line 1: no column {', '.join(map(repr, missing))}; the header has "
            + ", ".join(map(repr, headers[best][:30])),
            remedy="correct the column names of this feed in emergency.toml",
        )
    return best


def _records(text: str, delimiter: str, *, truncated: bool) -> Iterator[RawRow]:
    """Records with the line each starts on. In a truncated file the last, unfinished one is marked."""
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    unfinished = truncated and not text.endswith("\n")
    lines_in_all = text.count("\n") + (0 if text.endswith("\n") else 1)
    start = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            yield RawRow(start, [], f"cannot be parsed: {cause}")
            start = reader.line_num + 1
            continue
        damage = "the file is cut off in this line" if unfinished and reader.line_num >= lines_in_all else None
        yield RawRow(start, fields, damage)
        start = reader.line_num + 1


def _checked(records: Iterator[RawRow], width: int) -> Iterator[RawRow]:
    for row in records:
        if row.damage is None and not any(field.strip() for field in row.fields):
            continue  # a blank line is no record
        if row.damage is None and len(row.fields) != width:
            yield RawRow(row.line, row.fields, f"has {len(row.fields)} fields where the header has {width}")
        elif row.damage is None and any("\ufffd" in field for field in row.fields):
            yield RawRow(row.line, row.fields, "holds bytes that are no valid UTF-8")
        else:
            yield row
