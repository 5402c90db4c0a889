"""bianque dispose plan | sign | execute | certificate"""

from __future__ import annotations

from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def dispose() -> None:
    """Disposal after the close: keys first, then records, then their traces, by two persons."""


@app.command()
def plan(register: Folder) -> None:
    """When which class of records is due, and how many there are."""
    from bianque.services import disposal

    opened = session.opened(register)
    due, counts = disposal.plan(opened, session.authority(opened))
    typer.echo(
        f"identified records from {due.identified:%Y-%m-%d}, pseudonymous facts from {due.pseudonymous:%Y-%m-%d}"
    )
    for kind, count in counts.items():
        typer.echo(f"  {kind}: {count}")


@app.command()
def sign(register: Folder) -> None:
    """Sign the disposal as the first of two persons; nothing is destroyed by it."""
    from bianque.services import disposal

    opened = session.opened(register)
    disposal.sign_disposal(opened, session.authority(opened))
    typer.echo("signed; a second person of the body that disposes executes it")


@app.command()
def execute(
    register: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what is destroyed never comes back.")] = False,
) -> None:
    """Destroy what is due, as the second person; called again after a crash it goes on.

    Identified records go within five minutes of `bianque account prove`.
    """
    import json

    from bianque.services import disposal
    from bianque.services.door import at_door

    if not yes:
        typer.confirm("What is destroyed never comes back. Go on?", abort=True)
    opened = session.opened(register)
    with at_door(register) as door:
        certificate = disposal.execute(opened, door, session.authority(opened))
    if certificate is None:
        typer.echo("identified records are destroyed; pseudonymous facts are still to be kept")
    else:
        typer.echo(json.dumps(certificate.document(), ensure_ascii=False, indent=1))


@app.command()
def certificate(register: Folder) -> None:
    """The certificate of a disposal, as JSON."""
    from bianque.services import disposal

    opened = session.opened(register)
    typer.echo(disposal.certificate_of(opened, session.authority(opened)))
