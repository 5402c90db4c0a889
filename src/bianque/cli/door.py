"""bianque door REGISTER"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from bianque.cli import session

app = typer.Typer(add_completion=False)


@app.command()
def door(
    register: Annotated[Path, typer.Argument(help="Folder of the register.", envvar="BIANQUE_REGISTER")],
    attended: Annotated[
        bool, typer.Option("--attended", help="End with the process that started it: when standard input ends.")
    ] = False,
) -> None:
    """The only process that can tell a pseudonym from a person: one for a register, until Ctrl-C."""
    from bianque.services.door import be_door

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for process in be_door(register, session.now(), sys.stdin.buffer if attended else None):
            typer.echo(f"the door of {register} is open, process {process}")
    except KeyboardInterrupt:
        typer.echo("the door is closed")
