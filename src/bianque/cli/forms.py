"""bianque forms issue | back | list"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.days import day
from bianque.cli.session import Folder

if TYPE_CHECKING:
    from bianque.model.paper_forms import FormBatch

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def forms() -> None:
    """Paper forms booked out and back: issued = returned + destroyed, or the batch is open."""


@app.command()
def issue(
    form: Annotated[str, typer.Argument(help="Which form.")],
    count: Annotated[int, typer.Argument(help="How many.")],
    responsible: Annotated[str, typer.Option(help="Login of whoever answers for them.")],
    device: Annotated[str, typer.Option(help="On which they will be typed in.")],
    due: Annotated[str, typer.Option(help="Day by which they are back, YYYY-MM-DD.")],
    register: Folder,
    first_number: Annotated[int, typer.Option(help="Number printed on the first form.")] = 1,
) -> None:
    """Book a batch of forms out."""
    from bianque.services import paper_forms

    opened = session.opened(register)
    wanted = paper_forms.FormIssue(form, first_number, count, responsible, device, day(due, "--due"))
    typer.echo(_line(paper_forms.issue_forms(opened, session.authority(opened), wanted)))


@app.command()
def back(
    batch: Annotated[str, typer.Argument(help="Id of the batch.")],
    register: Folder,
    returned: Annotated[int, typer.Option(help="How many came back.")] = 0,
    destroyed: Annotated[int, typer.Option(help="How many were destroyed.")] = 0,
) -> None:
    """Book forms of a batch back in, or as destroyed."""
    from bianque.services import paper_forms

    opened = session.opened(register)
    booked = paper_forms.book_back(opened, session.authority(opened), batch, returned=returned, destroyed=destroyed)
    typer.echo(_line(booked))


@app.command("list")
def list_(
    register: Folder,
    only_open: Annotated[bool, typer.Option("--open", help="Those that are not all back.")] = False,
) -> None:
    """The batches of the emergency; those past their day are marked."""
    from bianque.services import paper_forms

    opened = session.opened(register)
    authority = session.authority(opened)
    for batch in paper_forms.list_forms(opened, authority):
        if batch.open or not only_open:
            typer.echo(_line(batch) + ("  OVERDUE" if batch.overdue(authority.at.date()) else ""))


def _line(batch: FormBatch) -> str:
    return (
        f"{batch.id}  {batch.form}: issued {batch.issued} = returned {batch.returned} + destroyed {batch.destroyed}"
        f" + open {batch.open}; {batch.responsible}, {batch.device}, due {batch.due}"
    )
