"""Serve the pages until the process is told to stop."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from bianque.model.errors import BadInput
from bianque.services import picture
from bianque.web.app import create_app


@dataclass(frozen=True, slots=True)
class Listening:
    """Where readers come in: an address, and what keeps a password on its way from being read."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False  # a proxy on this machine speaks https with them

    @property
    def https(self) -> bool:
        return self.certificate is not None or self.behind_proxy

    def check(self) -> None:
        """Passwords and personal data leave this machine encrypted, or not at all.

        raises  BadInput  when they would not, or half a certificate is given
        """
        if (self.certificate is None) != (self.key is None):
            raise BadInput("a certificate and its key go together", remedy="give both --tls-cert and --tls-key")
        for file in (self.certificate, self.key):
            if file is not None and not file.is_file():
                raise BadInput(f"{file}: there is no such file", remedy="correct --tls-cert or --tls-key")
        if not self.https and not _loopback(self.host):
            raise BadInput(
                f"{self.host} can be reached from other machines, and nothing would be encrypted",
                remedy="give --tls-cert and --tls-key, or --behind-proxy where a proxy speaks https; or use loopback",
            )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Server(uvicorn.Server):
    """Tells the event streams to end when it is told to stop: it would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.stopping = True  # type: ignore[union-attr]  # always our application
        super().handle_exit(sig, frame)


def serve(lake: Path, register: Path, at: Listening, *, ready: Callable[[str], None], jobs: Path | None = None) -> None:
    """Listen on an address; port 0 takes a free one. `ready` is called with the URL once somebody may ask.

    raises  BadLake      when there is no lake
            BadRegister  when there is no register
            BadInput     when the address cannot be listened on or needs encryption, or the jobs are inside the lake
    """
    at.check()
    app = create_app(lake, jobs, register, secure=at.https)
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        listening = socket.create_server((at.host, at.port), family=family)
    except OSError as cause:
        raise BadInput(
            f"{at.host}:{at.port} cannot be listened on: {os.strerror(cause.errno or 0)}",
            remedy="choose another --port or --host",
        ) from cause
    with contextlib.suppress(BadInput):  # computed now, so that the first reader does not wait
        picture.load(app.state.lake)
    with listening:
        shown = f"[{at.host}]" if family == socket.AF_INET6 else at.host
        ready(f"{'https' if at.certificate else 'http'}://{shown}:{listening.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # our own has no addresses in it
            server_header=False,
            proxy_headers=at.behind_proxy,
            timeout_graceful_shutdown=5,
            ssl_certfile=at.certificate,
            ssl_keyfile=at.key,
        )
        _Server(config).run(sockets=[listening])
