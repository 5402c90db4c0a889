"""Server-sent events: tells an open page that the lake changed, or how far a job is, so that it can ask anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from bianque.lake.store import Lake
from bianque.model.errors import BianqueError
from bianque.services.fold_jobs import Job, Jobs
from bianque.web.guard import Guard

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0  # a proxy that cuts silent connections does so after half a minute or more
PROGRESS_SECONDS = 0.3
REVOKED_WITHIN_SECONDS = 3.0  # a session that was ended hears nothing more after at most 5 s
LONGEST_SECONDS = 600.0  # then the browser connects again


class Standing:
    """Whether the reader of a stream may go on reading: asked of the register now and then, as a guard would."""

    def __init__(self, request: Request, guard: Guard) -> None:
        self._request, self._guard = request, guard
        self._asked = asyncio.get_running_loop().time()

    async def still(self) -> bool:
        """False once the browser went away, the server stops, the session ended, or the leave was taken away."""
        if self._request.app.state.stopping or await self._request.is_disconnected():
            return False
        now = asyncio.get_running_loop().time()
        if now - self._asked < REVOKED_WITHIN_SECONDS:
            return True
        self._asked = now
        return await run_in_threadpool(self._guard.still, self._request)


async def states(lake: Lake, standing: Standing) -> AsyncIterator[str]:
    """`event: state` with the state of the lake, at once and whenever it changes; a comment as heartbeat.

    Ends when the server is told to stop or the reader may read no more; the browser then tries again by itself.
    """
    loop = asyncio.get_running_loop()
    started = spoken = loop.time()
    known: str | None = None
    yield "retry: 2000\n\n"
    while loop.time() - started < LONGEST_SECONDS and await standing.still():
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


async def progress(
    jobs: Jobs, identity: str, standing: Standing, said_of: Callable[[Job], dict[str, Any]]
) -> AsyncIterator[str]:
    """`event: job` with what is said of a job, at once and whenever it changes; ends with the job, or the server."""
    loop = asyncio.get_running_loop()
    started = spoken = loop.time()
    known = ""
    yield "retry: 2000\n\n"
    while loop.time() - started < LONGEST_SECONDS and await standing.still():
        try:
            job = await run_in_threadpool(jobs.get, identity)
        except KeyError:  # made room for others
            return
        said = json.dumps(said_of(job))
        if said != known:
            known, spoken = said, loop.time()
            yield f"event: job\ndata: {said}\n\n"
        elif loop.time() - spoken >= HEARTBEAT_SECONDS:
            spoken = loop.time()
            yield ": still here\n\n"
        if job.state.over:
            return
        await asyncio.sleep(PROGRESS_SECONDS)
