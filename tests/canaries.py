"""Canaries: values that occur nowhere else, planted as personal data and looked for, byte by byte, wherever they must
not be: files, what a process printed, what a server answered; in the encodings and packings that text may take."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"  # GB 11643-1999
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
RARE = "龘靐齉爩灪麤龖龗" + "齾籲鱻驫飝厵靇"  # characters that no text of ours holds
GZIP, ZLIB = b"\x1f\x8b\x08", re.compile(rb"\x78[\x01\x5e\x9c\xda]")
ZIP, XZ, BZIP2 = b"PK\x03\x04", b"\xfd7zXZ\x00", b"BZh"
DEEPEST = 3  # packings inside packings
CHUNK = 64 << 20  # bytes unpacked at most from one stream


@dataclass(frozen=True)
class Canaries:
    """One synthetic person whose every value is unique. `values` is by field, as a file of people names them."""

    values: Mapping[str, str]
    needles: Mapping[str, tuple[bytes, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needles", {name: tuple(_forms(text)) for name, text in self.values.items()})

    def found_in(self, data: bytes) -> set[str]:
        """The fields whose value is in some bytes, in any form."""
        return {
            name for piece in unpacked(data) for name, forms in self.needles.items() if any(f in piece for f in forms)
        }

    def found_under(self, *places: Path) -> dict[str, set[str]]:
        """Where in files, and below folders, a value is: path → fields."""
        found: dict[str, set[str]] = {}
        for place in places:
            for path in [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file()):
                with suppress(FileNotFoundError):  # a file that a process has just taken away
                    if fields := self.found_in(path.read_bytes()) | self.found_in(path.name.encode()):
                        found[str(path)] = fields
        return found

    def found_among(self, texts: Iterable[str | bytes]) -> set[str]:
        """The fields whose value is in what was printed, logged or answered."""
        joined = [text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text for text in texts]
        return set().union(*(self.found_in(data) for data in joined))


def planted() -> Canaries:
    """A new person: a rare name, a well-formed mobile and ID number, an address, a workplace, a health note."""
    rare = "".join(secrets.choice(RARE) for _ in range(6))
    born = f"19{secrets.randbelow(70) + 20:02}{secrets.randbelow(12) + 1:02}{secrets.randbelow(28) + 1:02}"
    digits = f"420103{born}{secrets.randbelow(1000):03}"
    check = CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 11]
    return Canaries(
        {
            "name": rare[:3],
            "phone": f"199{secrets.randbelow(10**8):08}",
            "id_number": digits + check,
            "address": f"{rare}路{secrets.randbelow(900) + 100}号",
            "workplace": f"{rare[::-1]}厂",
            "health_note": f"{rare[1:5]}三天",
        }
    )


def _forms(text: str) -> Iterator[bytes]:
    """A value as it may stand in bytes."""
    for encoding in ENCODINGS:
        yield text.encode(encoding)
    yield json.dumps(text)[1:-1].encode()
    yield "".join(f"&#{ord(c)};" for c in text).encode()
    yield "".join(f"&#x{ord(c):x};" for c in text).encode()
    yield quote(text).encode()
    yield text.encode().hex().encode()
    yield text.encode().hex().upper().encode()
    for encoding in ENCODINGS[:2]:
        yield from _base64(text.encode(encoding))


def _base64(data: bytes) -> Iterator[bytes]:
    """What base 64 makes of bytes at each of the three places they may begin; only the letters they alone decide."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data)
        first = (8 * before + 5) // 6
        last = (8 * (before + len(data))) // 6
        if len(piece := whole[first:last]) >= 8:
            yield piece
            yield piece.translate(bytes.maketrans(b"+/", b"-_"))


def unpacked(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """Some bytes, and what is packed in them wherever it begins: gzip, zlib, zip, xz, bzip2, base 64 of those."""
    yield data
    if depth >= DEEPEST:
        return
    for inner in _packed(data):
        yield from unpacked(inner, depth + 1)


def _packed(data: bytes) -> Iterator[bytes]:
    for start in _starts(data, GZIP):
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(data[start:], CHUNK)
    for match in ZLIB.finditer(data):
        with suppress(zlib.error):
            if inner := zlib.decompressobj().decompress(data[match.start() :], CHUNK):
                yield inner
    if ZIP in data:
        with suppress(zipfile.BadZipFile, RuntimeError, NotImplementedError), zipfile.ZipFile(BytesIO(data)) as archive:
            yield from [archive.read(name) for name in archive.namelist()]
    for start in _starts(data, XZ):
        with suppress(lzma.LZMAError):
            yield lzma.LZMADecompressor().decompress(data[start:], CHUNK)
    for start in _starts(data, BZIP2):
        with suppress(OSError):
            yield bz2.BZ2Decompressor().decompress(data[start:], CHUNK)
    for match in re.finditer(rb"[A-Za-z0-9+/\r\n]{40,}={0,2}", data):
        with suppress(ValueError):
            inner = base64.b64decode(match[0])
            if inner.startswith((GZIP, b"\x78", ZIP, XZ, BZIP2)):
                yield inner


def _starts(data: bytes, magic: bytes) -> Iterator[int]:
    start = data.find(magic)
    while start >= 0:
        yield start
        start = data.find(magic, start + 1)


def packings(text: str) -> dict[str, bytes]:
    """A text in every form that is looked through: what a test of the search plants to see that it can find it."""
    plain = f"前{text}后".encode()
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("rows.csv", plain)
    return {
        **{encoding: f"前{text}后".encode(encoding) for encoding in ENCODINGS},
        "json": json.dumps({"it": text}).encode(),
        "url": f"/people?q={quote(text)}".encode(),
        "hex": plain.hex().encode(),
        "entities": "".join(f"&#{ord(c)};" for c in text).encode(),
        **{f"base64 at {n}": base64.b64encode(bytes(n) + plain) for n in range(3)},
        "gzip": b"body: " + gzip.compress(plain),
        "zlib": b"stream " + zlib.compress(plain),
        "zip": archive.getvalue(),
        "xz": lzma.compress(plain),
        "bzip2": bz2.compress(plain),
        "gzip in base64": base64.b64encode(gzip.compress(plain * 3)),
        "gzip in gzip": gzip.compress(gzip.compress(plain)),
    }
