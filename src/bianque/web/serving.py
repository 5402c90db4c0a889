"""Serve the command centre until the process is told to stop."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from bianque.model.errors import BadInput
from bianque.web import reading
from bianque.web.app import create_app
from bianque.web.refusals import Refusal


class _Server(uvicorn.Server):
    """Tells the event streams to end when it is told to stop: it would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.stopping = True  # type: ignore[union-attr]  # always our application
        super().handle_exit(sig, frame)


def serve(lake: Path, host: str, port: int, *, ready: Callable[[str], None], jobs: Path | None = None) -> None:
    """Listen on an address; 0 takes a free port. `ready` is called with the URL once somebody may ask.

    raises  BadLake   when there is no lake
            BadInput  when the address cannot be listened on, or the folder of the jobs is inside the lake
    """
    app = create_app(lake, jobs)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as cause:
        raise BadInput(
            f"{host}:{port} cannot be listened on: {os.strerror(cause.errno or 0)}",
            remedy="choose another --port or --host",
        ) from cause
    with contextlib.suppress(Refusal):  # computed now, so that the first reader does not wait
        reading.situation(app.state.lake, None)
    with listening:
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        ready(f"http://{shown}:{listening.getsockname()[1]}")
        _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)).run(sockets=[listening])
