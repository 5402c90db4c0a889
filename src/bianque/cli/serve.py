"""bianque serve --lake LAKE"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on. There is no login yet: keep it on loopback.")
    ] = "127.0.0.1",
    jobs: Annotated[
        Path | None, typer.Option(help="Folder of what readers ask to be computed; without it `jobs` beside the lake.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
) -> None:
    """The command centre over a lake."""
    from bianque.web.serving import serve as run

    def ready(url: str) -> None:
        typer.echo(f"the command centre: {url}")
        sys.stdout.flush()

    run(lake, host, port, ready=ready, jobs=jobs)
