"""bianque serve --lake LAKE"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from bianque.model.errors import BadInput

app = typer.Typer()


@app.command()
def serve(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on. There is no login yet: keep it on loopback.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
) -> None:
    """The command centre over a lake."""
    import uvicorn

    from bianque.services.lakes import open_lake
    from bianque.web.app import create_app

    open_lake(lake)
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as cause:
        raise BadInput(
            f"{host}:{port} cannot be listened on: {os.strerror(cause.errno or 0)}",
            remedy="choose another --port or --host",
        ) from cause
    with listening:
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"the command centre: http://{shown}:{listening.getsockname()[1]}")
        sys.stdout.flush()
        server = uvicorn.Server(uvicorn.Config(create_app(lake), log_level="warning", timeout_graceful_shutdown=2))
        server.run(sockets=[listening])
