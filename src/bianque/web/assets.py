"""The files a page needs: ours and the vendored ones, compressed once, under an address that changes with them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import Request, Response

from bianque.web.refusals import Refusal

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
VENDORED = ("vendor/echarts.js", "vendor/htmx.js", "vendor/china.json", "vendor/licences.txt")
OWN = ("app.css", "app.js", "fold.js", "icon.svg", "passkey.js")
A_YEAR = 31_536_000  # seconds


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    compressed: bytes
    media_type: str
    digest: str


def _root() -> Traversable:
    return files("bianque.web").joinpath("static")


def missing() -> list[str]:
    """The vendored files that are not there: the build puts them there."""
    return [name for name in VENDORED if not _root().joinpath(name).is_file()]


@cache
def asset(name: str) -> Asset:
    """One file by its name under static/; only the names above are served.

    raises  Refusal  when there is no such file
    """
    if name not in OWN and name not in VENDORED:
        raise Refusal(404, "not_found")
    try:
        content = _root().joinpath(name).read_bytes()
    except FileNotFoundError as cause:
        raise Refusal(404, "not_found", detail=f"static/{name}: run `make assets`") from cause
    return Asset(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=TYPES[name[name.rindex(".") :]],
        digest=hashlib.sha256(content).hexdigest()[:12],
    )


def url(name: str) -> str:
    """The address of a file, with its digest: a changed file has another address. Without the file, without digest."""
    if name in VENDORED and name in missing():
        return f"/static/{name}"
    return f"/static/{name}?v={asset(name).digest}"


def respond(name: str, request: Request) -> Response:
    """The file, compressed where the browser takes it, kept for a year where the address holds its digest."""
    found = asset(name)
    headers = {"ETag": f'"{found.digest}"', "Vary": "Accept-Encoding"}
    fresh = request.query_params.get("v") == found.digest
    headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if fresh else "no-cache"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)
