"""bianque glass break | end | list | review"""

from __future__ import annotations

from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def glass() -> None:
    """Break-glass: an hour of reading without a grant, told to the data-protection officer at once."""


@app.command("break")
def break_(
    reason: Annotated[str, typer.Option(help="Who is in danger and why, naming nobody.")], register: Folder
) -> None:
    """Open a leave for an hour in the chosen emergency."""
    from bianque.services import break_glass

    opened = session.opened(register)
    leave = break_glass.open_glass(opened, session.authority(opened), reason)
    typer.echo(f"opened: {leave.id} until {leave.until:%H:%M} UTC; the data-protection officer has been told")


@app.command()
def end(register: Folder) -> None:
    """End one's own leave before its hour is over."""
    from bianque.services import break_glass

    opened = session.opened(register)
    break_glass.end_glass(opened, session.authority(opened))
    typer.echo("ended")


@app.command("list")
def list_(register: Folder) -> None:
    """Every leave of the agency and what its review found, for the data-protection officer."""
    from bianque.services import break_glass

    opened = session.opened(register)
    for record in break_glass.list_glass(opened, session.authority(opened)):
        words = {None: "to be reviewed", True: "justified", False: "not justified"}
        leave = record.leave
        typer.echo(
            f"{leave.id}  {leave.opened:%Y-%m-%d %H:%M}-{leave.until:%H:%M} UTC  {record.account}"
            f" ({record.organisation})  {words[record.justified]}: {leave.reason}"
        )


@app.command()
def review(
    leave: Annotated[str, typer.Argument(help="Id of the leave.")],
    finding: Annotated[str, typer.Option(help="What the review found, naming nobody.")],
    register: Folder,
    justified: Annotated[bool, typer.Option("--justified/--not-justified", help="Whether it was.")] = False,
) -> None:
    """Review a leave that has ended, as the data-protection officer."""
    from bianque.services import break_glass

    opened = session.opened(register)
    break_glass.review_glass(opened, session.authority(opened), leave, justified=justified, finding=finding)
    typer.echo(f"reviewed: {'justified' if justified else 'not justified'}")
