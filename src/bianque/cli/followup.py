"""bianque followup assign | mine | note | close | list"""

from __future__ import annotations

from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.days import day
from bianque.cli.session import Folder
from bianque.model.follow_up import Outcome

app = typer.Typer(no_args_is_help=True, add_completion=False)
Record = Annotated[str, typer.Argument(help="Id of the person's record.")]
Id = Annotated[str, typer.Argument(metavar="FOLLOW_UP", help="Id of the follow-up.")]


@app.callback()
def followup() -> None:
    """Follow-ups: who looks after whom, until when; an officer reads a person until the follow-up closes."""


@app.command()
def assign(
    person: Record,
    officer: Annotated[str, typer.Option(help="Login of the officer.")],
    until: Annotated[str, typer.Option(help="Last day of the follow-up, YYYY-MM-DD.")],
    register: Folder,
) -> None:
    """Assign a person to an officer."""
    from bianque.services import follow_ups

    opened, last = session.opened(register), day(until, "--until")
    made = follow_ups.assign_follow_up(opened, session.authority(opened), person, officer, last)
    typer.echo(f"follow-up {made}")


@app.command()
def mine(register: Folder) -> None:
    """Whom you follow up, those that end first before the others."""
    from bianque.services import follow_ups

    opened = session.opened(register)
    found = follow_ups.own_list(opened, session.authority(opened))
    for one in found:
        typer.echo(f"{one.id}  until {one.until}  record {one.person.id}")
        for field, text in one.person.view.items():
            typer.echo(f"  {field}: {text or '(unknown)'}")
    typer.echo(f"{len(found)} persons are assigned to you")


@app.command()
def note(follow_up: Id, register: Folder) -> None:
    """Write what was found; the note is asked for, sealed, and replaces the former one."""
    from bianque.services import follow_ups

    said = typer.prompt("note", err=True)
    opened = session.opened(register)
    follow_ups.write_note(opened, session.authority(opened), follow_up, said)
    typer.echo(f"follow-up {follow_up}: noted")


@app.command()
def close(follow_up: Id, outcome: Annotated[Outcome, typer.Argument(help="How it ended.")], register: Folder) -> None:
    """Close a follow-up; its officer reads the person no longer."""
    from bianque.services import follow_ups

    opened = session.opened(register)
    follow_ups.close_follow_up(opened, session.authority(opened), follow_up, outcome)
    typer.echo(f"follow-up {follow_up}: {outcome}")


@app.command("list")
def list_(person: Record, register: Folder) -> None:
    """The follow-ups of a person, as far as you may see them."""
    from bianque.services import follow_ups

    opened = session.opened(register)
    for one in follow_ups.show_follow_ups(opened, session.authority(opened), person):
        fields = "  ".join(f"{name}: {text or '(unknown)'}" for name, text in one.view.items())
        typer.echo(f"{one.id}  {'open' if one.open else 'closed'}  {fields}")
