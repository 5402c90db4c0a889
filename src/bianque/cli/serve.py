"""bianque serve --lake LAKE --register REGISTER"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bianque.model.errors import BadInput

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.")],
    register: Annotated[
        Path | None,
        typer.Option(envvar="BIANQUE_REGISTER", help="Folder of the register, which knows who may log in."),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any other than loopback needs TLS or a proxy that speaks it.")
    ] = "127.0.0.1",
    jobs: Annotated[
        Path | None, typer.Option(help="Folder of what readers ask to be computed; without it `jobs` beside the lake.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate (PEM), with its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM).")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy on this machine speaks https with the readers.")
    ] = False,
) -> None:
    """The pages over a lake and a register: released figures for everybody, all else after a log-in."""
    from bianque.web.serving import Listening
    from bianque.web.serving import serve as run

    if register is None:
        raise BadInput(
            "no register was named: the pages ask everybody who they are, and only a register knows that",
            remedy="give --register FOLDER; `bianque register create` makes one and prints the first log-ins",
        )

    def ready(url: str) -> None:
        typer.echo(f"the command centre: {url}")
        sys.stdout.flush()

    run(lake, register, Listening(host, port, tls_cert, tls_key, behind_proxy), ready=ready, jobs=jobs)
