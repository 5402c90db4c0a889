"""bianque rights receive | list | statement | access-log | copy | correct | reconsider | refuse"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.errors import BadInput
from bianque.model.rights import IdentityCheck, Right
from bianque.model.text_file import read_utf8

if TYPE_CHECKING:
    from bianque.model.rights import RightsRequest

app = typer.Typer(no_args_is_help=True, add_completion=False)
Id = Annotated[str, typer.Argument(metavar="REQUEST", help="Id of the request.")]
Reason = Annotated[str, typer.Option(help="Why: it is told to the data subject.")]


@app.callback()
def rights() -> None:
    """A data subject's rights: requests with a receipt and a deadline, and their answers."""


@app.command()
def receive(
    person: Annotated[str, typer.Argument(help="Id of the record.")],
    right: Annotated[Right, typer.Option(help="What is asked for.")],
    identity: Annotated[IdentityCheck, typer.Option(help="How you made sure who asks.")],
    register: Folder,
    statement: Annotated[Path | None, typer.Option(help="File with what they said; it is stored sealed.")] = None,
    event: Annotated[int, typer.Option(help="Number of the contested decision, from the access log.")] = 0,
) -> None:
    """Take a request down and print its receipt."""
    from bianque.services import rights as service

    said = read_utf8(statement).strip() if statement else ""
    opened = session.opened(register)
    new = service.NewRequest(person, right, identity, said, event)
    request = service.receive(opened, session.authority(opened), new)
    _print_receipt(request)


@app.command("list")
def list_(
    register: Folder, overdue: Annotated[bool, typer.Option("--overdue", help="Those past their day alone.")] = False
) -> None:
    """The requests of the emergency: the open ones first, by the day they are due."""
    from bianque.services import rights as service

    opened = session.opened(register)
    authority = session.authority(opened)
    found = service.list_overdue(opened, authority) if overdue else service.list_requests(opened, authority)
    for request in found:
        state = request.answered.answer if request.answered else f"due {request.due}"
        late = "  OVERDUE" if request.overdue(authority.at.date()) else ""
        typer.echo(f"{request.id}  {request.right}  {state}{late}")


@app.command()
def statement(request: Id, register: Folder) -> None:
    """What the data subject said when they asked."""
    from bianque.services import rights as service

    opened = session.opened(register)
    typer.echo(service.statement(opened, session.authority(opened), request) or "nothing was written down")


@app.command("access-log")
def access_log(request: Id, register: Folder) -> None:
    """Who tried what on the record; this answers the request."""
    from bianque.services import rights as service

    opened = session.opened(register)
    for one in service.access_log(opened, session.authority(opened), request):
        fields = f" {', '.join(one.fields)}" if one.fields else ""
        basis = f" ({one.purpose}, {one.basis})" if one.purpose else ""
        typer.echo(
            f"{one.number}  {one.at}  {one.organisation}, {one.role}: {one.action}{fields}{basis}: {one.outcome}"
        )


@app.command()
def copy(
    request: Id, register: Folder, out: Annotated[Path, typer.Option(help="File to write; it must not exist.")]
) -> None:
    """Write a copy of the record as JSON; this answers the request."""
    from bianque.services import rights as service

    opened = session.opened(register)
    authority = session.authority(opened)
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as cause:
        raise BadInput(f"{out} exists", kept="the file, and the request as it is", remedy="give another one") from cause
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(service.copy_of_record(opened, authority, request), file, ensure_ascii=False, indent=1)
    except BaseException:
        out.unlink()
        raise
    typer.echo(f"written: {out}, readable by you alone; hand it over and delete it")


@app.command()
def correct(
    request: Id,
    values: Annotated[Path, typer.Argument(help="JSON file: person.FIELD to its right value.")],
    register: Folder,
) -> None:
    """Put right values in the record; this answers the request."""
    from bianque.services import rights as service

    try:
        read = json.loads(read_utf8(values))
    except ValueError as cause:
        remedy = 'write {"person.phone": "..."}'
        raise BadInput(f"{values} is no JSON", kept="the record as it was", remedy=remedy) from cause
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()) or not read:
        raise BadInput(f"{values} does not map fields to texts", remedy='write {"person.phone": "..."}')
    opened = session.opened(register)
    version = service.correct(opened, session.authority(opened), request, read)
    typer.echo(f"corrected: {len(read)} fields; the record is version {version}")


@app.command()
def reconsider(
    request: Id,
    reason: Reason,
    register: Folder,
    change: Annotated[bool, typer.Option("--change/--uphold", help="What becomes of the contested decision.")] = False,
) -> None:
    """Decide anew on a contested decision, as another person than the one who took it."""
    from bianque.services import rights as service

    opened = session.opened(register)
    _print_receipt(service.reconsider(opened, session.authority(opened), request, change=change, reason=reason))


@app.command()
def refuse(request: Id, reason: Reason, register: Folder) -> None:
    """Refuse a request, with the reason."""
    from bianque.services import rights as service

    opened = session.opened(register)
    _print_receipt(service.refuse(opened, session.authority(opened), request, reason))


def _print_receipt(request: RightsRequest) -> None:
    from bianque.services.rights import receipt

    typer.echo(json.dumps(receipt(request), ensure_ascii=False, indent=1))
