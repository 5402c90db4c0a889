"""What is over ends while the server runs, also when nobody asks for anything."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bianque.model.errors import BianqueError
from bianque.registry.register import Register
from bianque.services import release_ends

EVERY = 60.0  # s; hours of a release are kept to the minute
LOG = logging.getLogger(__name__)


@asynccontextmanager
async def at_work(register: Register, every: float = EVERY) -> AsyncIterator[None]:
    """Erase what was opened for hours that are over: now, and again and again for as long as the block."""
    task = asyncio.create_task(_ending(register, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _ending(register: Register, every: float) -> None:
    while True:
        try:
            await asyncio.to_thread(release_ends.end_everywhere, register, dt.datetime.now(dt.UTC))
        except BianqueError as error:  # the register is not there now: it is tried again
            LOG.error("what is over could not be ended: %s", error)
        await asyncio.sleep(every)
