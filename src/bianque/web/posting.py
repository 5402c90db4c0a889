"""What is sent to us: from our own pages only, and of a size that a sequence has."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.types import Message

from bianque.web import identity
from bianque.web.refusals import Refusal

BODY_AT_MOST = 100_000  # bytes: three genomes of 30,000 nt
READ_AT_MOST = 20 * BODY_AT_MOST  # what is read before it is refused, so that a browser hears why
# Pages that post forms: under `no-referrer` some browsers do not say where a form comes from.
PAGE_HEADERS = {"Referrer-Policy": "same-origin"}
TOKEN_FIELD = "form_token"
OWN_SITES = ("same-origin", "none")  # none: typed by the reader


def from_our_pages(request: Request) -> None:
    """Refuse what another site's page sends through a reader's browser.

    Every browser of the last years says Sec-Fetch-Site or Origin with a form; a program that says neither is none.

    raises  Refusal
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = site in OWN_SITES if site else _from_host(origin, request.headers["host"]) if origin else True
    if not own:
        raise Refusal(403, "foreign_form")


def _from_host(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # no address
        return False


@asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form, read up to the limit.

    raises  Refusal  when it is larger
    """
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        while BODY_AT_MOST < taken < READ_AT_MOST and message.get("more_body"):
            message = await request.receive()
            taken += len(message.get("body", b""))
        if taken > BODY_AT_MOST:
            raise Refusal(413, "too_large", limit=f"{BODY_AT_MOST // 1000}")
        return message

    async with Request(request.scope, counted).form(max_files=1, max_fields=10) as form:
        yield form


async def open_form(request: Request) -> AsyncIterator[FormData]:
    """What a form of ours sent before there is a session.

    raises  Refusal  when it came from elsewhere or is too large
    """
    from_our_pages(request)
    async with form_of(request) as form:
        yield form


async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """What a form of a session's own page sent.

    raises  Refusal  when it came from elsewhere, is too large, or was not made for this session
    """
    from_our_pages(request)
    async with form_of(request) as form:
        expected, given = identity.form_token(identity.token_of(request)), form.get(TOKEN_FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
            raise Refusal(403, "stale_form")
        yield form


Sent = Annotated[FormData, Depends(sent_form)]
Posted = Depends(sent_form)
