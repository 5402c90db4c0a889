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

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0  # a proxy that cuts silent connections does so after half a minute or more
PROGRESS_SECONDS = 0.3
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


async def progress(
    jobs: Jobs, identity: str, request: Request, said_of: Callable[[Job], dict[str, Any]]
) -> AsyncIterator[str]:
    """`event: job` with what is said of a job, at once and whenever it changes; ends with the job, or the server."""
    loop = asyncio.get_running_loop()
    started = spoken = loop.time()
    known = ""
    yield "retry: 2000\n\n"
    while not request.app.state.stopping and loop.time() - started < LONGEST_SECONDS:
        if await request.is_disconnected():
            return
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
