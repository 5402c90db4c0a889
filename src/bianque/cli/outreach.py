"""bianque outreach propose | approve | refuse | record | list | refusal | ask-police | decide-police | list-police"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.errors import BadInput
from bianque.model.outreach import Channel, Contact
from bianque.model.text_file import read_utf8

if TYPE_CHECKING:
    from bianque.model.outreach import Outreach

app = typer.Typer(no_args_is_help=True, add_completion=False)
Id = Annotated[str, typer.Argument(help="Id of the list.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence that names nobody.")]
Record = Annotated[str, typer.Argument(help="Id of the person's record.")]


@app.callback()
def outreach() -> None:
    """Reaching out to persons because of an analysis: proposed by one, approved by another, recorded one by one."""


@app.command()
def propose(
    persons: Annotated[Path, typer.Argument(help="File with the id of one record a line.")],
    channel: Annotated[Channel, typer.Option(help="How they are to be reached.")],
    reason: Reason,
    wording_zh: Annotated[str, typer.Option(help="What they are told, in Chinese.")],
    wording_en: Annotated[str, typer.Option(help="What they are told, in English.")],
    register: Folder,
) -> None:
    """Propose a list; nobody on it may be contacted before another person approves it."""
    from bianque.model.text import Text
    from bianque.services import outreach as service

    ids = [line.strip() for line in read_utf8(persons).splitlines() if line.strip()]
    if not ids:
        raise BadInput(f"{persons}: no record id in it", remedy="give the id of one record a line")
    opened = session.opened(register)
    proposal = service.Proposal(ids, channel, reason, Text(zh=wording_zh, en=wording_en))
    receipt = service.propose(opened, session.authority(opened), proposal)
    typer.echo(
        f"proposed: {receipt.outreach.id}: asked {receipt.asked} = listed {receipt.listed} + left out "
        f"{receipt.left_out}; another person approves it"
    )


@app.command()
def approve(outreach_id: Id, reason: Reason, register: Folder) -> None:
    """Approve a list, its reason and its wording, for a week."""
    _decide(outreach_id, reason, register, approve=True)


@app.command()
def refuse(outreach_id: Id, reason: Reason, register: Folder) -> None:
    """Refuse a list."""
    _decide(outreach_id, reason, register, approve=False)


@app.command()
def record(
    outreach_id: Id,
    person: Record,
    contact: Annotated[Contact, typer.Argument(help="What came of it.")],
    register: Folder,
) -> None:
    """Record what came of reaching out to one person of an approved list."""
    from bianque.services import outreach as service

    opened = session.opened(register)
    service.record_contact(opened, session.authority(opened), outreach_id, person, contact)
    typer.echo(f"recorded: {contact}")


@app.command("list")
def list_(register: Folder) -> None:
    """The lists of the emergency, and how far each is."""
    from bianque.services import outreach as service

    opened = session.opened(register)
    for status in service.list_outreach(opened, session.authority(opened)):
        far = ", ".join(f"{count} {contact}" for contact, count in sorted(status.contacts.items()))
        typer.echo(f"{status.outreach.id}  {status.outreach.channel}  {_state(status.outreach)}  {far}")


@app.command()
def refusal(
    person: Record,
    what: Annotated[str, typer.Argument(help="What they do not cooperate in: answer, isolation, testing, treatment.")],
    register: Folder,
) -> None:
    """Put on record that somebody does not cooperate; nothing follows from it by itself."""
    from bianque.services import refusals

    opened = session.opened(register)
    made = refusals.record_refusal(opened, session.authority(opened), person, what)
    typer.echo(f"recorded: refusal {made.id}")


@app.command("ask-police")
def ask_police(
    refusal_id: Annotated[str, typer.Argument(help="Id of the refusal.")],
    police: Annotated[str, typer.Option(help="Id of the police that is asked.")],
    reason: Reason,
    register: Folder,
) -> None:
    """Ask for help of the police after a refusal (art. 44); another person decides on it."""
    from bianque.services import refusals

    opened = session.opened(register)
    asked = refusals.ask_assistance(opened, session.authority(opened), refusal_id, police, reason)
    typer.echo(f"asked: {asked.id}; another person decides on it")


@app.command("decide-police")
def decide_police(
    assistance: Annotated[str, typer.Argument(help="Id of the request.")],
    reason: Reason,
    register: Folder,
    grant: Annotated[bool, typer.Option("--grant/--refuse", help="What is decided.")] = False,
) -> None:
    """Decide on a request for help of the police, as another person than the asker."""
    from bianque.services import refusals

    opened = session.opened(register)
    refusals.decide_assistance(opened, session.authority(opened), assistance, grant=grant, reason=reason)
    typer.echo(f"decided: {'granted' if grant else 'refused'}")


@app.command("list-police")
def list_police(register: Folder) -> None:
    """The requests for help of the police, newest first, and what was decided."""
    from bianque.services import refusals

    opened = session.opened(register)
    for one in refusals.list_assistance(opened, session.authority(opened)):
        decided = "waits" if one.verdict is None else "granted" if one.verdict.granted else "refused"
        typer.echo(f"{one.id}  {one.police}, asked by {one.asked_by}: {decided}")


def _decide(outreach_id: str, reason: str, register: Path, *, approve: bool) -> None:
    from bianque.services import outreach as service

    opened = session.opened(register)
    decided = service.decide(opened, session.authority(opened), outreach_id, approve=approve, reason=reason)
    typer.echo(_state(decided))


def _state(of: Outreach) -> str:
    if of.verdict is None:
        return "waits for approval"
    if not of.verdict.granted:
        return f"refused by {of.verdict.account}"
    return f"approved by {of.verdict.account} until {of.until:%Y-%m-%d %H:%M} UTC"
