"""bianque protect on | off | list"""

from __future__ import annotations

from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.protection import Because

app = typer.Typer(no_args_is_help=True, add_completion=False)
Record = Annotated[str, typer.Argument(help="Id of the person's record.")]


@app.callback()
def protect() -> None:
    """Protected persons: put on by one, taken off by two, read by nobody without a grant for them."""


@app.command()
def on(person: Record, because: Annotated[Because, typer.Option(help="Why.")], register: Folder) -> None:
    """Protect a person."""
    from bianque.services import protect as service

    opened = session.opened(register)
    service.protect(opened, session.authority(opened), person, because)
    typer.echo("protected")


@app.command()
def off(person: Record, reason: Annotated[str, typer.Option(help="Why the danger is over.")], register: Folder) -> None:
    """Ask to take the protection off, or do so after another person has asked."""
    from bianque.services import protect as service

    opened = session.opened(register)
    after = service.unprotect(opened, session.authority(opened), person, reason)
    typer.echo("no longer protected" if after.off_by else "asked; a second person takes it off")


@app.command("list")
def list_(register: Folder) -> None:
    """Which records are protected, since when and why; no name among them."""
    from bianque.services import protect as service

    opened = session.opened(register)
    for one in service.list_protected(opened, session.authority(opened)):
        typer.echo(f"{one.person}  {one.because}  since {one.put_on_at:%Y-%m-%d}")
