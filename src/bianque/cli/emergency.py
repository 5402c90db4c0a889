"""bianque emergency draft | sign | show | list"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.days import day
from bianque.cli.session import Folder
from bianque.model.emergency import Act, State

if TYPE_CHECKING:
    from bianque.model.emergency import Emergency

app = typer.Typer(no_args_is_help=True, add_completion=False)
Id = Annotated[str, typer.Argument(help="Id of the emergency.")]


@app.command()
def draft(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id it goes by: a-z, 0-9 and dashes; never used twice.")],
    terms: Annotated[Path, typer.Argument(help="TOML file of its terms.")],
    register: Folder,
) -> None:
    """Draft an emergency from its terms; it opens nothing until two persons of its command body declare it."""
    from bianque.model.terms_file import read_terms
    from bianque.services import emergencies

    read = read_terms(terms)
    opened = session.opened(register)
    made = emergencies.draft(opened, session.authority(opened), id_, read)
    typer.echo(f"drafted: {made.id}; next: two persons of {made.terms.command_body} sign it")


@app.command()
def sign(
    emergency: Id,
    act: Annotated[Act, typer.Argument(help="What is signed.")],
    register: Folder,
    ends: Annotated[str, typer.Option(help="Of an extension: its new last day, YYYY-MM-DD.")] = "",
) -> None:
    """Sign an act as one of two persons; with the second signature it takes effect."""
    from bianque.services import emergencies

    last = day(ends, "--ends") if ends else None
    opened = session.opened(register)
    after = emergencies.sign(opened, session.authority(opened), emergency, act, last)
    waiting = after.waiting(act, last)
    typer.echo(
        f"signed: {act} {emergency}" + ("; it waits for a second person" if waiting else f"; it is {after.state}")
    )


@app.command()
def show(emergency: Id, register: Folder) -> None:
    """An emergency as it stands: its terms, its days, who signed what."""
    from bianque.services import emergencies

    opened = session.opened(register)
    found = emergencies.find(opened, session.authority(opened), emergency)
    typer.echo(_line(found))
    terms = found.terms
    for name in ("command_body", "executing_bodies", "purposes", "legal_bases", "regions", "review", "disposal_by"):
        value = getattr(terms, name)
        typer.echo(f"  {name}: {', '.join(map(str, value)) if isinstance(value, tuple) else value}")
    for source in terms.sources:
        typer.echo(f"  source {source.organisation}: {', '.join(source.fields)} ({source.basis})")
    for given in found.signatures:
        until = f" to {given.ends}" if given.ends else ""
        typer.echo(f"  signed {given.act}{until}: {given.account}, {given.at:%Y-%m-%d %H:%M} UTC")


@app.command(name="list")
def list_(register: Folder) -> None:
    """Every emergency of the agency, newest first."""
    from bianque.services import emergencies

    opened = session.opened(register)
    for found in emergencies.listed(opened, session.authority(opened)):
        typer.echo(_line(found))


def _line(found: Emergency) -> str:
    shut = found.state is State.DECLARED and not found.open_at(session.now())
    today = ", not open today" if shut else ""
    return f"{found.id}: {found.state}{today}, {found.terms.starts} to {found.terms.ends}, {found.terms.name.en}"
