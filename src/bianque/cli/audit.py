"""bianque audit verify | export | list"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.audit import Form

LAST = 2**63 - 1  # no store counts further

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def verify(
    register: Folder,
    head: Annotated[str, typer.Option(help="A head that is known from elsewhere, NUMBER:HASH.")] = "",
) -> None:
    """Whether the audit is as it was written: no event changed, missing, or taken away since the last head."""
    from bianque.services.audit_trail import Head, verify

    now = verify(session.opened(register), Head.read(head) if head else None)
    typer.echo(f"{now.number} events hold; the head is {now}")
    typer.echo("keep the head elsewhere, on paper too: `--head` compares with it", err=True)


@app.command()
def export(
    register: Folder,
    form: Annotated[
        Form, typer.Option("--format", help="FHIR R4 AuditEvents, or lines the chain can be checked with.")
    ],
    out: Annotated[Path | None, typer.Option(help="New file to write; else standard output.")] = None,
) -> None:
    """Every event of the audit, one a line, oldest first; for the data-protection officer."""
    from bianque.services import audit_trail

    opened = session.opened(register)
    authority = session.authority(opened)
    if out is None:
        audit_trail.export(opened, authority, form, sys.stdout.write)
        return
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        count = audit_trail.export(opened, authority, form, file.write)
    typer.echo(f"{count} events → {out}")


@app.command(name="list")
def list_(
    register: Folder,
    account: Annotated[str, typer.Option(help="By this account.")] = "",
    subject: Annotated[str, typer.Option(help="On this person: the pseudonym of the audit.")] = "",
    emergency: Annotated[str, typer.Option(help="In this emergency.")] = "",
    since: Annotated[str, typer.Option(help="From this day or moment on, UTC.")] = "",
    until: Annotated[str, typer.Option(help="Before this day or moment, UTC.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    before: Annotated[
        int | None, typer.Option(max=LAST, help="Only events with a smaller number: the next page.")
    ] = None,
) -> None:
    """The newest events, a hundred at a time; for the data-protection officer."""
    from bianque.registry.audit import Asked
    from bianque.services import audit_trail

    opened = session.opened(register)
    asked = Asked(account=account, subject=subject, emergency=emergency, since=since, until=until, refused=refused)
    for link in audit_trail.events(opened, session.authority(opened), asked, before=before):
        one = link.event
        what = one.subject or one.resource or one.kind
        said = f"  # {one.reason}" if one.reason else ""
        typer.echo(
            f"{link.number}  {one.at}  {one.account or '-'}  {one.action} {what}  {one.outcome} ({one.rule}){said}"
        )
