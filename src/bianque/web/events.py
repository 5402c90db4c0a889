"""Server-sent events: tells an open page that the lake changed, so that it can ask for its figures anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from bianque.lake.store import Lake
from bianque.model.errors import BianqueError

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0  # a proxy that cuts silent connections does so after half a minute or more
LONGEST_SECONDS = 600.0  # then the browser connects again


async def states(lake: Lake, request: Request) -> AsyncIterator[str]:
    """`event: state` with the state of the lake, at once and whenever it changes; a comment as heartbeat.

    Ends when the server is told to stop; the browser then tries again by itself.
    """
    loop = asyncio.get_running_loop()
    application = request.app.state
    started = spoken = loop.time()
    known: str | None = None
    yield "retry: 2000\n\n"
    while not application.stopping and loop.time() - started < LONGEST_SECONDS:
        if await request.is_disconnected():
            return
        try:
            state: str | None = await run_in_threadpool(lake.state)
        except (OSError, BianqueError):
            state = known  # an ingest at work: the next look sees it whole
        if state is not None and state != known:
            known, spoken = state, loop.time()
            yield f"event: state\ndata: {state}\n\n"
        elif loop.time() - spoken >= HEARTBEAT_SECONDS:
            spoken = loop.time()
            yield ": still here\n\n"
        await asyncio.sleep(POLL_SECONDS)
