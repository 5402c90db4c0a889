"""bianque serve --lake LAKE"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def serve(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on. There is no login yet: keep it on loopback.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
) -> None:
    """The command centre over a lake."""
    import uvicorn

    from bianque.services.lakes import open_lake

    open_lake(lake)
    os.environ["BIANQUE_LAKE"] = str(lake.resolve())
    typer.echo(f"the command centre: http://{host}:{port}")
    uvicorn.run("bianque.web.app:create_app", factory=True, host=host, port=port, log_level="warning")
