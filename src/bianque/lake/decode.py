"""From the bytes of a foreign table to its rows: which encoding, which delimiter, where is it damaged?"""

from __future__ import annotations

import codecs
import csv
import io
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bianque.model.errors import UnusableFeed

DELIMITERS = (",", ";", "\t", "|")
BOMS = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("\ufeff".encode("gb18030"), "gb18030"),
)
LINE_END = re.compile(r"\r\n|\r|\n")
LONGEST_LINE = 1 << 24  # characters; no table has a longer one
LARGEST_UNPACKED = 1 << 30  # bytes of a gzip file; its rows take some ten times as much memory
GZIP = b"\x1f\x8b"
PIECE = 1 << 14  # bytes of a gzip file unpacked at a time; deflate makes at most 1,032 times as many of them
MOST_LINES = 100  # of one record; a longer "record" is an unclosed quotation mark
UNCLOSED = f"opens a quotation mark that is not closed within {MOST_LINES} lines"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that cannot be used, the line it starts on, and why."""

    line: int
    fields: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """A decoded file: header, whole records with the line each starts on, damaged records, and how it was read."""

    header: list[str]
    lines: list[int]
    records: list[list[str]]
    damaged: list[Damaged]
    encoding: str
    delimiter: str
    truncated: bool


def read_table(path: Path, wanted: list[str]) -> RawTable:
    """Header and rows of a CSV file, plain or gzip, in UTF-8, UTF-16, UTF-32 or GB18030.

    wanted   columns the description needs; they choose the delimiter
    raises   UnusableFeed  when the file as a whole cannot be read or a wanted column is missing
    """
    try:
        data = file_bytes(path)
    except OSError as cause:
        raise UnusableFeed(
            f"{path}: cannot be read: {cause.strerror}", remedy="check the path and its rights"
        ) from cause
    return parse_table(data, path.name, wanted)


def file_bytes(path: Path) -> bytes:
    """What is in a file. A pipe or a device is refused: it may never end.

    raises  OSError, UnusableFeed
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnusableFeed(f"{path}: this is no file but a pipe or a device", remedy="save its content as a file first")
    return path.read_bytes()


def parse_table(data: bytes, name: str, wanted: list[str]) -> RawTable:
    """`read_table` on bytes already in hand."""
    truncated, trailing = False, 0
    if data[:2] == GZIP:
        data, truncated, trailing = _gunzip(data, name)
    elif data[:4] == b"PK\x03\x04":
        raise UnusableFeed(
            f"{name}: this is a zip archive or an Excel workbook", remedy="save the sheet as CSV (UTF-8)"
        )
    text, encoding, cut = _decode(data, name)
    text = text.lstrip("\ufeff")  # the mark of the encoding; each program a file goes through may add one
    source = list(io.StringIO(text, newline=""))
    if over := [number for number, line in enumerate(source, 1) if len(line) > LONGEST_LINE]:
        raise _endless(f"{name}, line {over[0]}: the line")
    delimiter = _delimiter(text, wanted, name)
    lines, records, damaged = _records(source, delimiter, truncated=truncated or cut)
    if damaged and (not lines or damaged[0].line < lines[0]):
        first = damaged[0]
        raise UnusableFeed(f"{name}, line {first.line}: the header {first.reason}", remedy="correct the first line")
    if not records:
        raise UnusableFeed(f"{name}: the file is empty", remedy="ask the sender for the file again")
    header = [field.strip() for field in records[0]]
    if doubled := {c for c in wanted if header.count(c) > 1}:
        raise UnusableFeed(
            f"{name}, line {lines[0]}: column {', '.join(sorted(doubled))} stands twice in the header",
            remedy="name each column once",
        )
    if trailing:
        damaged.append(Damaged(len(source), [], f"is no row: {trailing:,} bytes after the gzip data are none"))
    table = RawTable(header, lines[1:], records[1:], damaged, encoding, delimiter, truncated or cut)
    _set_misfits_aside(table, broken_bytes="\ufffd" in text)
    return table


def csv_rows(text: str, delimiter: str = ",") -> Iterator[list[str]]:
    """The rows of a CSV text. The csv module refuses a field of 131,072 characters; here a field may fill a line."""
    csv.field_size_limit(LONGEST_LINE)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _endless(what: str) -> UnusableFeed:
    return UnusableFeed(
        f"{what} is longer than {LONGEST_LINE:,} characters: this is no table", remedy="ask the sender for a CSV file"
    )


def _gunzip(data: bytes, name: str) -> tuple[bytes, bool, int]:
    """All members of a gzip file, whether it ends early, and how many bytes after them are no gzip data.

    Small pieces at a time: a small file can unpack to more than the memory holds.
    """
    parts: list[bytes] = []
    at = unpacked = line = 0
    while data[at : at + 2] == GZIP:
        inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not inflate.eof:
            piece = data[at : at + PIECE]
            if not piece:
                return b"".join(parts), True, 0
            try:
                part = inflate.decompress(piece)
            except zlib.error as cause:
                raise UnusableFeed(
                    f"{name}: damaged gzip data: {cause}", remedy="ask the sender for the file again"
                ) from cause
            parts.append(part)
            at += len(piece) - len(inflate.unused_data)
            unpacked += len(part)
            end = max(part.rfind(b"\n"), part.rfind(b"\r"))
            line = line + len(part) if end < 0 else len(part) - end - 1
            if line > 4 * LONGEST_LINE:  # bytes: a character of UTF-32 has four
                raise _endless(f"{name}: a line")
            if unpacked > LARGEST_UNPACKED:
                raise UnusableFeed(
                    f"{name}: unpacks to more than {LARGEST_UNPACKED:,} bytes", remedy="split it into several files"
                )
    return b"".join(parts), False, len(data[at:].strip(b"\0"))  # zeros may fill the last block of a tape


def _decode(data: bytes, name: str) -> tuple[str, str, bool]:
    """Text, encoding, and whether the last character is cut in the middle."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _strictly(data, encoding, name)
    if unmarked := _wide_without_bom(data):
        return _strictly(data, unmarked, name)
    data = data.removeprefix(codecs.BOM_UTF8)  # says little: some programs put it before text of any encoding
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
            f"{name}, line {line}: neither UTF-8, UTF-16, UTF-32 nor GB18030",
            remedy="save the file as UTF-8 and send it again",
        ) from cause
    return text, encoding, bool(decoder.getstate()[0])


def _wide_without_bom(data: bytes) -> str | None:
    """A table has ASCII delimiters and digits; in UTF-16 each of them brings a zero byte, in UTF-32 three."""
    sample = data[:4096]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    if sample.count(0) > len(sample) // 2:
        return "utf-32-be" if sample[0] == 0 else "utf-32-le"
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if odd > len(sample) // 10 and odd > even:
        return "utf-16-le"
    if even > len(sample) // 10 and even > odd:
        return "utf-16-be"
    return None


def _delimiter(text: str, wanted: list[str], name: str) -> str:
    first = LINE_END.split(text.lstrip(), maxsplit=1)[0]
    headers = {d: [f.strip() for f in next(csv_rows(first, d), [])] for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: (sum(w in headers[d] for w in wanted), len(headers[d])))
    if text.strip() and (missing := [w for w in wanted if w not in headers[best]]):
        raise UnusableFeed(
            f"{name}: no column {', '.join(map(repr, missing))}; the header has "
            + ", ".join(repr(column[:100]) for column in headers[best][:30]),
            remedy="correct the column names of this feed in emergency.toml",
        )
    return best


def _records(source: list[str], delimiter: str, *, truncated: bool) -> tuple[list[int], list[list[str]], list[Damaged]]:
    """Of the lines of a file, records that are not blank, the line each starts on, and damaged ones.

    The last line of a truncated file is damaged. A quotation mark that is not closed would make one record of all
    rows after it: it costs its own line alone, and reading goes on with the next.
    """
    csv.field_size_limit(LONGEST_LINE)
    cut_off = source.pop() if truncated and source and not source[-1].endswith(("\n", "\r")) else ""
    source.append("\n")  # a record still open at the end of the file takes this line in, and so has several
    lines: list[int] = []
    records: list[list[str]] = []
    damaged: list[Damaged] = []
    start = 1

    def following() -> Iterator[str]:
        for index in range(start - 1, len(source)):
            if index >= start + MOST_LINES:  # start moves on with the records
                return
            yield source[index]

    while start <= len(source):
        before, reader = start - 1, csv.reader(following(), delimiter=delimiter)
        try:
            for fields in reader:
                end = before + reader.line_num
                if end > start and not _closed(source[start - 1 : end], delimiter):
                    break
                if fields and (fields[0].strip() or any(field.strip() for field in fields)):
                    lines.append(start)
                    records.append(fields)
                start = end + 1
            else:
                continue
        except csv.Error:  # a field of several lines, longer than the longest line
            pass
        damaged.append(Damaged(start, [source[start - 1].rstrip("\r\n")], UNCLOSED))
        start += 1
    if cut_off.strip():
        damaged.append(Damaged(len(source), [cut_off], "is where the file is cut off"))
    return lines, records, damaged


def _closed(lines: list[str], delimiter: str) -> bool:
    """Whether these lines are one record whose quotation marks all stand where a field begins or ends."""
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(lines) <= MOST_LINES and sum(map(len, lines)) <= LONGEST_LINE


def _set_misfits_aside(table: RawTable, *, broken_bytes: bool) -> None:
    """Move records of another width than the header's, and those with broken bytes, to the damaged ones."""
    width = len(table.header)
    if not broken_bytes and all(len(fields) == width for fields in table.records):
        return
    kept = []
    for line, fields in zip(table.lines, table.records, strict=True):
        if len(fields) != width:
            table.damaged.append(Damaged(line, fields, f"has {len(fields)} fields where the header has {width}"))
        elif broken_bytes and any("\ufffd" in field for field in fields):
            table.damaged.append(Damaged(line, fields, "holds bytes that are no valid UTF-8"))
        else:
            kept.append((line, fields))
    table.lines[:] = [line for line, _ in kept]
    table.records[:] = [fields for _, fields in kept]
    table.damaged.sort(key=lambda record: record.line)
