"""What leaves, leaves while what permitted it stands: a reader who was shut out meanwhile gets no more of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bianque.services import standing
from bianque.web import identity

PIECE = 65_536  # bytes sent at once; a server holds about as much again for a slow reader
ASKED_EVERY_SECONDS = 3.0  # a revocation acts within 5 s


class WhileItStands:
    """Sends an answer in pieces, and asks the register again before the first of several and every few seconds.

    Before the first byte the reader is told why; after it the connection is cut, so that what came is seen to be a
    part. Event streams ask by themselves.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Leaving(Request(scope, receive), send, self.refuse))


class _Leaving:
    """One answer on its way."""

    def __init__(self, request: Request, send: Send, refuse: Callable[[Request], Response]) -> None:
        self._request, self._send, self._refuse = request, send, refuse
        self._asked = asyncio.get_running_loop().time()
        self._start: Message | None = None  # held until there is something to send
        self._watched = self._over = False

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            self._start = message
            stream = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
            self._watched = message["status"] < 300 and not stream
            return
        body = message.get("body", b"")
        for begin in range(0, max(len(body), 1), PIECE):
            several = len(body) > PIECE and self._start is not None
            if self._watched and (several or self._due()) and not await self._stands():
                await self._end()
                return
            if self._start is not None:
                await self._send(self._start)
                self._start = None
            more = message.get("more_body", False) or begin + PIECE < len(body)
            await self._send({**message, "body": body[begin : begin + PIECE], "more_body": more})

    def _due(self) -> bool:
        return asyncio.get_running_loop().time() - self._asked >= ASKED_EVERY_SECONDS

    async def _stands(self) -> bool:
        self._asked = asyncio.get_running_loop().time()
        authority = getattr(self._request.state, "authority", None)
        if authority is None:  # for everybody
            return True
        return await run_in_threadpool(standing.holds, identity.register_of(self._request), authority)

    async def _end(self) -> None:
        """An answer that began and does not end makes the server close the connection."""
        self._over = True
        if self._start is not None:
            refusal = await run_in_threadpool(self._refuse, self._request)
            await refusal(self._request.scope, self._request.receive, self._send)
