"""bianque register escrow make | confirm | restore"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bianque.registry.escrow_sheet import Holder
    from bianque.services.register_keys import Sheet

app = typer.Typer(no_args_is_help=True, help="Two sealed shares of a register's keys, on paper.")
Folder = Annotated[Path, typer.Option("--register", envvar="BIANQUE_REGISTER", help="Folder of the register.")]
Holders = Annotated[
    list[str] | None,
    typer.Option("--holder", help="Who keeps a share: an age recipient, age1…, or `passphrase`; give it twice."),
]
Identity = Annotated[Path | None, typer.Option(help="File of the holder's age identity, where there is no passphrase.")]


@app.command()
def make(
    register: Folder,
    to: Annotated[Path, typer.Option(help="Folder that the two sheets are written to, to be printed.")],
    holder: Holders = None,
) -> None:
    """Two sheets, one a holder: together they make the keys, one alone tells nothing."""
    from bianque.cli import session
    from bianque.services import register_keys

    opened = session.opened(register)
    print_sheets(register_keys.make_escrow(opened, session.authority(opened), holders_of(holder or []), to))


@app.command()
def confirm(
    sheet: Annotated[Path, typer.Argument(help="The holder's sheet.")], register: Folder, identity: Identity = None
) -> None:
    """A holder shows that their sheet can be opened, typed in from paper or as it was written."""
    from bianque.cli import session
    from bianque.services import register_keys

    opened = session.opened(register)
    known = register_keys.confirm_share(opened, session.authority(opened), _sheet(sheet, identity))
    typer.echo("confirmed by both holders" if known.complete else "confirmed; the other holder is still to come")


@app.command()
def restore(
    one: Annotated[Path, typer.Argument(help="One sheet.")],
    other: Annotated[Path, typer.Argument(help="The other sheet.")],
    to: Annotated[Path, typer.Option(help="Folder that root.key and door.key are written to.")],
    identity: Annotated[
        list[Path] | None, typer.Option(help="File of a holder's age identity, in the order of the sheets.")
    ] = None,
) -> None:
    """The keys of a register from both sheets."""
    from bianque.services import register_keys

    keys = iter(identity or [])
    sheets = [
        _sheet(path, None if register_keys.Sheet(path).asks_for_passphrase else next(keys, None))
        for path in (one, other)
    ]
    typer.echo(f"{to}: the keys are back; root key {register_keys.put_together(sheets[0], sheets[1], to)}")


def holders_of(given: Sequence[str]) -> list[Holder]:
    """The holders of a new escrow; passphrases are asked for, and never stand on the command line."""
    from bianque.registry.escrow_sheet import Holder

    return [
        Holder(passphrase=_secret(f"passphrase of the holder of share {number}"))
        if one == "passphrase"
        else Holder(recipient=one)
        for number, one in enumerate(given, start=1)
    ]


def print_sheets(paths: Sequence[Path]) -> None:
    """Where the sheets are, and what is to be done with them."""
    for path in paths:
        typer.echo(f"share: {path}")
    typer.echo(
        "Print each for its holder and delete the files; then each holder opens theirs once:"
        " `bianque register escrow confirm SHEET`."
    )


def _sheet(path: Path, identity: Path | None) -> Sheet:
    from bianque.services.register_keys import Sheet

    sheet = Sheet(path, identity)
    return Sheet(path, passphrase=_secret(f"passphrase of {path.name}")) if sheet.asks_for_passphrase else sheet


def _secret(what: str) -> str:
    """Asked for without an echo; from a pipe, the next line."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True))
    return sys.stdin.readline().rstrip("\n")
