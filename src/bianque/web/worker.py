"""The worker of the jobs as a child of the server: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

COMMAND = (
    "-P",
    "-c",
    "from bianque.cli import main; main()",
    "jobs",
)  # -P: no module of whatever folder the server is started in
ENDS_WITHIN = 15.0  # s; the worker gives the fold at work ten
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # s before it is started again; doubled while it dies at once
LIVED = 10.0  # s after which a death is not taken for one at once


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[None]:
    """A worker on the jobs of a folder for as long as the block lasts."""
    kept = asyncio.create_task(_keep(folder))
    try:
        yield
    finally:
        kept.cancel()
        with suppress(asyncio.CancelledError):
            await kept


async def _keep(folder: Path) -> None:
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
    while True:
        started = loop.time()
        try:
            await _one(folder)
        except OSError:  # no process to be had now; the next may be
            traceback.print_exc()
        pause = FIRST_PAUSE if loop.time() - started > LIVED else min(2 * pause, LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _one(folder: Path) -> None:
    """One worker, until it ends.

    raises    OSError  when it cannot be started
    """
    # Its standard input ends with this process, however that ends, and the worker ends with its input. A session
    # of its own keeps Ctrl-C in a terminal from it: the server is told, and tells it.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        str(folder.absolute()),
        "--until-input-ends",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
