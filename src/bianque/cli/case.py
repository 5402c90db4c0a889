"""bianque case report | reclassify | list"""

from __future__ import annotations

from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.days import day
from bianque.cli.session import Folder
from bianque.model.case import Status

app = typer.Typer(no_args_is_help=True, add_completion=False)
Record = Annotated[str, typer.Argument(help="Id of the person's record.")]


@app.callback()
def case() -> None:
    """Cases of persons of the register: reported, classified, shown."""


@app.command()
def report(
    person: Record,
    status: Annotated[Status, typer.Argument(help="How the case is classified.")],
    reported: Annotated[str, typer.Option(help="Day of the report, YYYY-MM-DD.")],
    register: Folder,
    onset: Annotated[str, typer.Option(help="Day of the first symptoms; unknown without it.")] = "",
    note: Annotated[bool, typer.Option("--note", help="Ask for a note, which is sealed.")] = False,
) -> None:
    """Report a case of a person."""
    from bianque.services import cases

    said = typer.prompt("note", err=True) if note else ""
    opened = session.opened(register)
    new = cases.NewCase(status, day(reported, "--reported"), day(onset, "--onset") if onset else None, said)
    typer.echo(f"case {cases.report_case(opened, session.authority(opened), person, new)}")


@app.command()
def reclassify(
    case_id: Annotated[str, typer.Argument(help="Id of the case.")],
    status: Annotated[Status, typer.Argument(help="How it is classified from now on.")],
    register: Folder,
) -> None:
    """Give a case another status."""
    from bianque.services import cases

    opened = session.opened(register)
    cases.reclassify_case(opened, session.authority(opened), case_id, status)
    typer.echo(f"case {case_id}: {status}")


@app.command("list")
def list_(person: Record, register: Folder) -> None:
    """The cases of a person, as far as you may see them."""
    from bianque.services import cases

    opened = session.opened(register)
    for one in cases.show_cases(opened, session.authority(opened), person):
        fields = "  ".join(f"{name}: {text or '(unknown)'}" for name, text in one.view.items())
        typer.echo(f"{one.id}  {fields}")
