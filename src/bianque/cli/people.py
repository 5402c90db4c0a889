"""bianque people import | find | show | correct | export | give | exports | erase | lists | add-list | receipts | …

What names a person is asked for, and never stands on the command line, where everybody on the machine reads it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from bianque.registry.collections import Receipt
    from bianque.services.show_person import PersonView

app = typer.Typer(no_args_is_help=True, add_completion=False)
Record = Annotated[str, typer.Argument(help="Id of the record, as `find` prints it.")]
FieldNames = Annotated[list[str] | None, typer.Option("--field", help="A field such as person.phone; repeat it.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file with a heading: name, id_number, phone, region, list …")],
    register: Folder,
    source: Annotated[str, typer.Option("--source", help="Id of the organisation whose data it is.")],
    device: Annotated[str, typer.Option("--device", help="Device on which it was collected or came.")],
    anew: Annotated[bool, typer.Option("--anew", help="It was collected for this, not held before.")] = False,
    regions: Annotated[
        Path | None, typer.Option("--regions", help="CSV file of one's own regions; without it GB/T 2260.")
    ] = None,
) -> None:
    """Take a file of people in. Given again after it was cut off, it goes on where it was."""
    from bianque.model.regions import from_file
    from bianque.services.import_people import Transfer, import_people

    opened = session.opened(register)
    transfer = Transfer(source, device, anew)
    receipt = import_people(
        opened, session.authority(opened), file, transfer, regions=from_file(regions) if regions else None
    )
    _print_receipt(receipt)


@app.command()
def find(
    kind: Annotated[str, typer.Argument(help="phone or id_number; the number itself is asked for.")], register: Folder
) -> None:
    """The records with a phone or ID number, as far as you may see them."""
    from bianque.services.find_person import find_person

    value = typer.prompt(kind, err=True)
    opened = session.opened(register)
    found = find_person(opened, session.authority(opened), kind, value)
    for one in found:
        _print_view(one)
    typer.echo(f"{len(found)} records that you may see")


@app.command()
def show(record: Record, register: Folder, fields: FieldNames = None) -> None:
    """One record, as far as you may see it."""
    from bianque.services.show_person import ALL, show_person

    opened = session.opened(register)
    _print_view(show_person(opened, session.authority(opened), record, fields or ALL))


@app.command()
def correct(
    record: Record,
    field: Annotated[str, typer.Argument(help="A field such as person.phone; its new value is asked for.")],
    register: Folder,
) -> None:
    """Put another value in a field; the old one is nowhere kept. An empty value takes it out."""
    from bianque.services.correct_person import correct_person

    value = typer.prompt(field, default="", show_default=False, err=True)
    opened = session.opened(register)
    version = correct_person(opened, session.authority(opened), record, {field: value})
    typer.echo(f"{record}: {field} corrected, version {version}")


@app.command()
def export(
    of_list: Annotated[str, typer.Argument(metavar="LIST", help="Id of the list.")],
    register: Folder,
    recipient: Annotated[str, typer.Option("--recipient", help="Id of the organisation it goes to.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; name nobody in it.")],
    fields: FieldNames = None,
) -> None:
    """Ask for an export of a list. Somebody else gives it."""
    from bianque.services.export_people import request_export

    if not fields:
        raise BadInput("no field is named", kept="nothing", remedy="say which with --field person.name …")
    opened = session.opened(register)
    asked = request_export(
        opened, session.authority(opened), of_list=of_list, fields=fields, recipient=recipient, reason=reason
    )
    typer.echo(f"export {asked.id} waits for a second person: bianque people give {asked.id}")


@app.command()
def give(
    request: Annotated[str, typer.Argument(help="Id of the export that waits.")],
    register: Folder,
    to: Annotated[Path, typer.Option("--to", help="File to write; it must not exist.")],
) -> None:
    """Give an export that another person asked for."""
    from bianque.services.export_people import give_export

    try:
        file = os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")
    except FileExistsError as cause:
        raise BadInput(f"{to} exists", kept="the file as it is", remedy="name a new file") from cause
    try:
        with file:
            opened = session.opened(register)
            given = give_export(opened, session.authority(opened), request)
            file.write(given.csv())
    except BaseException:
        to.unlink()
        raise
    typer.echo(f"{to}: {len(given.views)} records, {given.refused} refused and left out")


@app.command()
def exports(register: Folder) -> None:
    """The exports that wait for a second person."""
    from bianque.services.export_people import waiting_exports

    opened = session.opened(register)
    for one in waiting_exports(opened, session.authority(opened)):
        typer.echo(f"{one.id}  {one.list} to {one.recipient}, asked for by {one.account}: {one.reason}")


@app.command()
def erase(
    records: Annotated[list[str], typer.Argument(help="Ids of one person's records.")],
    register: Folder,
    reason: Annotated[str, typer.Option("--reason", help="Why; name nobody in it.")],
) -> None:
    """Erase a person's records: their identifiers behind the door, their keys, then every trace of them in the files.

    At most five at once, within five minutes of `bianque account prove`; there is no way back.
    """
    from bianque.services.erase_person import erase_people

    opened = session.opened(register)
    done = erase_people(opened, session.authority(opened), records, reason=reason)
    typer.echo(
        f"{done.records} records erased, {done.keys} keys destroyed, {done.identifiers} identifiers behind the door"
    )
    typer.echo(
        "no trace of them is left in the register's files"
        if done.scrubbed
        else "their keys are gone; the owner of the database rewrites the tables"
    )
    if done.others:
        typer.echo(
            f"{done.others} other records here hold the same ID number and stay: `bianque people find id_number`"
        )
    typer.echo("out of reach: copies on paper and with recipients")


@app.command()
def lists(register: Folder) -> None:
    """The lists of the emergency."""
    from bianque.services.people_lists import listed

    opened = session.opened(register)
    for one in listed(opened, session.authority(opened)):
        typer.echo(f"{one.id}  {one.name.zh} / {one.name.en}  ({one.organisation}) {' '.join(sorted(one.implies))}")


@app.command("add-list")
def add_list(
    name: Annotated[str, typer.Argument(metavar="LIST", help="Id of the new list.")],
    register: Folder,
    zh: Annotated[str, typer.Option("--zh", help="Its name in Chinese.")],
    en: Annotated[str, typer.Option("--en", help="Its name in English.")],
    source: Annotated[str, typer.Option("--source", help="Id of the organisation it comes from.")],
    implies: Annotated[
        list[str] | None, typer.Option("--implies", help="What follows from standing in it, such as health; repeat it.")
    ] = None,
) -> None:
    """A new list that people may stand in."""
    from bianque.model.text import Text
    from bianque.registry.lists import PersonList
    from bianque.services.people_lists import add_list as add

    opened = session.opened(register)
    add(opened, session.authority(opened), PersonList(name, Text(zh=zh, en=en), source, frozenset(implies or ())))
    typer.echo(f"list {name} is there")


@app.command()
def receipts(register: Folder) -> None:
    """The receipts of the files that were taken in, newest first."""
    from bianque.services.people_lists import receipts as listed

    opened = session.opened(register)
    for receipt in listed(opened, session.authority(opened)):
        _print_receipt(receipt)


@app.command()
def quarantine(
    receipt: Annotated[str, typer.Argument(help="Id of a receipt.")],
    register: Folder,
    drop: Annotated[bool, typer.Option(help="Destroy the rows, once they are put right in their file.")] = False,
) -> None:
    """The rows of a file that could not be taken, to whoever may see them whole."""
    from bianque.services.quarantine import drop_quarantine, quarantined_rows

    opened = session.opened(register)
    if drop:
        typer.echo(f"{drop_quarantine(opened, session.authority(opened), receipt)} rows destroyed")
        return
    for row in quarantined_rows(opened, session.authority(opened), receipt):
        typer.echo(f"row {row.row}, {row.field}: {_said(row.reason)}")
        typer.echo(f"  {', '.join(row.content)}")


@app.command()
def check(
    register: Folder, tidy: Annotated[bool, typer.Option(help="Sweep what interrupted work left behind.")] = False
) -> None:
    """Whether interrupted imports, rotations and erasures left something in the vault."""
    from bianque.services.vault import check_vault

    opened = session.opened(register)
    found = check_vault(opened, session.authority(opened), tidy=tidy)
    for emergency, left in found.leftovers.items():
        typer.echo(
            f"{emergency}: {len(left.keys)} keys that seal nothing, {len(left.unreadable)} records that nothing opens,"
            f" {left.older_keys} older key-encryption keys, {len(left.unfinished)} imports cut off"
            + ("; traces of what was deleted may be left" if left.traces else "")
        )
    typer.echo(f"{found.releases} releases whose hours are over{', ended now' if tidy else ''}")
    if not tidy and (found.releases or any(left.any for left in found.leftovers.values())):
        typer.echo("`bianque people check --tidy` sweeps them; none of it can be read")


def _print_view(one: PersonView) -> None:
    typer.echo(one.id)
    for field, text in one.view.items():
        typer.echo(f"  {field}: {text or '(unknown)'}")


def _print_receipt(receipt: Receipt) -> None:
    typer.echo(
        f"receipt {receipt.id}: {receipt.organisation}: read {receipt.read} = accepted {receipt.accepted}"
        f" + quarantined {receipt.quarantined}"
        + (f"; {receipt.resumed} of them before it was cut off" if receipt.resumed else "")
        + (f"; {receipt.refused_values} values the source may not give, not kept" if receipt.refused_values else "")
    )
    if receipt.doubled:
        typer.echo(f"    {receipt.doubled} of the accepted hold an ID number that another record here holds, too")
    for one in receipt.reasons:
        typer.echo(f"    row {one.first_row}, {one.field}: {_said(one.reason)} ({one.rows} rows)")


def _said(reason: str) -> str:
    from bianque.model import catalogue

    return catalogue.text(f"people_reason_{reason}", "en")
