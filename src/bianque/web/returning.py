"""Back to where a log-in or a proof was needed: a page of this server, and never anywhere else."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request

from bianque.model.text import LANGUAGES

BACK = "back"
# One slash, then what our own addresses are made of; a second slash or a backslash would name another host. Ten digits
# in a row, or letters of a name, are no part of our addresses but of what somebody typed there: it is not carried on.
PART = r"(?:[0-9a-f]{32}|(?![\w.~-]*\d{10})[\w.~-]+)"
OWN = re.compile(rf"/(?:{PART}(?:/{PART})*)?/?(?:\?(?!.*\d{{10}})[\w.~&=+:@,;!*()'/-]*)?", re.ASCII)
LONGEST = 500
ON_THE_WAY = ("/login", "/logout", "/prove", "/events")  # leads nowhere, or in a circle


def own_path(given: object) -> str:
    """The path when it is one of this server's pages, else empty."""
    if not isinstance(given, str) or len(given) > LONGEST or not OWN.fullmatch(given):
        return ""
    return "" if urlsplit(given).path.startswith(ON_THE_WAY) else given


def login_for(request: Request) -> str:
    """The log-in, from which the reader comes back to what was asked for."""
    path = quote(request.url.path)
    whole = f"{path}?{request.url.query}" if request.url.query else path
    return _leading("/login", request, own_path(whole) or own_path(path))


def prove_for(request: Request) -> str:
    """The page that asks for the second factor anew, from which the reader comes back to where they were."""
    if request.method == "GET":
        return _leading("/prove", request, own_path(request.url.path))
    came_from = urlsplit(request.headers.get("referer", ""))
    return _leading("/prove", request, own_path(came_from.path))


def is_page(request: Request) -> bool:
    """Whether a person looks at the answer: a page is asked for, no file and no stream."""
    accepted = request.headers.get("accept", "*/*")
    named = request.url.path.rpartition("/")[2]
    return request.method == "GET" and "." not in named and ("text/html" in accepted or "*/*" in accepted)


def _leading(path: str, request: Request, back: str) -> str:
    asked = {BACK: back} if back else {}
    if (language := request.query_params.get("lang")) in LANGUAGES:
        asked["lang"] = str(language)
    return f"{path}?{urlencode(asked)}" if asked else path
