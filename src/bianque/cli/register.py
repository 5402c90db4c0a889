"""bianque register create | check | backup | restore | rotate | sweep | upgrade | compact | refusals | hardware | …"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from bianque.cli.escrow import Holders
from bianque.cli.escrow import app as escrow
from bianque.model.errors import BadRegister

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(escrow, name="escrow")
Folder = Annotated[Path, typer.Option("--register", envvar="BIANQUE_REGISTER", help="Folder of the register.")]


def _without_password(address: str) -> str:
    from bianque.registry.postgres import without_password

    return without_password(address) if address else ""


Owner = Annotated[
    str,
    typer.Option(
        callback=_without_password,
        help="On PostgreSQL: address of the database with its owner's role, whose password is read from PGPASSWORD or"
        " ~/.pgpass.",
    ),
]
Database = Annotated[
    str,
    typer.Option(
        callback=_without_password,
        help="Address of a database, with the role that is to own it, whose password is read from PGPASSWORD or"
        " ~/.pgpass; without it, SQLite.",
    ),
]
New = Annotated[Path, typer.Argument(help="Folder of the new register.")]


@app.command()
def create(
    folder: New,
    agency: Annotated[str, typer.Option(help="Id of the agency that writes to it.")],
    administrator: Annotated[str, typer.Option(help="Login of the first administrator.")],
    command: Annotated[list[str], typer.Option(help="Login of a member of the command body; give it twice.")],
    agency_zh: Annotated[str, typer.Option(help="Name of the agency in Chinese; without it, its id.")] = "",
    agency_en: Annotated[str, typer.Option(help="Name of the agency in English; without it, its id.")] = "",
    body: Annotated[str, typer.Option(help="Id of the command body.")] = "command",
    body_zh: Annotated[str, typer.Option(help="Name of the command body in Chinese.")] = "应急指挥部",
    body_en: Annotated[str, typer.Option(help="Name of the command body in English.")] = "Command body",
    suite: Annotated[str, typer.Option(help="What it seals with: aes or sm (SM4 and SM3).")] = "aes",
    postgresql: Database = "",
    holder: Holders = None,
    shares: Annotated[
        Path | None, typer.Option(help="Folder that the two sheets of the escrow are written to.")
    ] = None,
) -> None:
    """A new register, its first accounts with one-time passwords, and the escrow of its keys."""
    from bianque.cli.escrow import holders_of, print_sheets
    from bianque.model.organisation import Agency, HolderKind, Organisation
    from bianque.model.text import Text
    from bianque.services import register_keys, setup

    holders = holders_of(holder or [])
    at = dt.datetime.now(dt.UTC)
    controller = Agency(agency, Text(zh=agency_zh or agency, en=agency_en or agency))
    commands = Organisation(body, agency, HolderKind.COMMAND, Text(zh=body_zh, en=body_en))
    logins = setup.FirstLogins(administrator, tuple(command))
    register, accounts = setup.create_register(folder, controller, commands, logins, at, suite=suite, owner=postgresql)
    typer.echo(f"made: {folder}, root key {register.root.fingerprint()}")
    for account in accounts:
        typer.echo(f"{account.role:14} {account.account:20} one-time password {account.password}")
    if holders:
        print_sheets(
            register_keys.first_escrow(register, holders, shares or folder.with_name(f"{folder.name}-shares"), at)
        )
    else:
        typer.echo(
            "The keys lie in this folder alone. Lost with it, nobody can read the register or a backup of it again:"
            f" run `bianque register escrow make --register {folder}` before anybody is taken in."
        )
    register.close()


@app.command()
def check(register: Folder) -> None:
    """Whether a register is well: rights, audit, what is sealed and what is clear, keys, escrow, backups, roles."""
    from bianque.services.register_check import State, look_over

    found = look_over(register, dt.datetime.now(dt.UTC))
    for finding in found:
        remedy = f"; what to do: {finding.remedy}" if finding.remedy else ""
        typer.echo(f"{finding.state:8} {finding.name}: {finding.found}{remedy}")
    wrong = [finding.name for finding in found if finding.state is State.WRONG]
    if wrong:
        raise BadRegister(f"{register}: wrong: {', '.join(wrong)}", remedy="see the lines above")


@app.command()
def backup(
    register: Folder,
    to: Annotated[Path, typer.Option(help="Folder of the backups, on another disk or machine.")],
    recipient: Annotated[list[str], typer.Option(help="Who may open it: an age recipient, age1…; may be repeated.")],
) -> None:
    """An encrypted backup of the data; of the wrapped keys and the door's directory the newest copy alone is kept."""
    from bianque.cli import session
    from bianque.services.backup import back_up

    opened = session.opened(register)
    made = back_up(opened, session.authority(opened), to, recipient)
    rows = sum(made.manifest.rows.values())
    typer.echo(f"{made.file}: {rows} rows, {made.bytes} bytes, audit up to event {made.manifest.audit[0]}")
    for path in made.left_behind:
        typer.echo(
            f"out of reach: {path} is an older copy of the keys; bring its folder back and back up again", err=True
        )


@app.command()
def restore(
    source: Annotated[Path, typer.Option("--from", help="File of the data backup; the copies of the keys beside it.")],
    identity: Annotated[Path, typer.Option(help="File of the age identity that opens it.")],
    to: Annotated[Path, typer.Option(help="Folder of the register that is made.")],
    keys: Annotated[
        Path | None, typer.Option(help="Folder with root.key and door.key; without it they lie in --to already.")
    ] = None,
    postgresql: Database = "",
    agency: Annotated[str, typer.Option(help="Id of the agency that it is restored for, on PostgreSQL.")] = "",
) -> None:
    """A register from a backup, proved before it takes its place; who was erased since stays erased."""
    from bianque.services.backup import bring_back

    found = bring_back(source, identity, to, keys, owner=postgresql, agency=agency)
    typer.echo(f"restored: {to}, as it was at {found.head.made}, with the keys of {found.keys_made}")
    typer.echo(
        f"proved: {sum(found.manifest.rows.values())} rows as counted, audit whole up to event"
        f" {found.manifest.audit[0]}; of the people looked at {found.sample.readable} are readable,"
        f" {found.sample.erased} erased"
    )
    typer.echo(
        f"accounts and grants are as they were at {found.head.made}, also of who was disabled since: look at them with"
        f" `bianque account list --register {to}`; every session has ended"
    )
    typer.echo(
        f"its backups go on in {found.backups.folder}, where an erasure reaches them: whatever is left of the register"
        " that they were made of must not write there any more"
    )
    if found.swept:
        typer.echo(f"{found.swept} identifiers behind the door were erased since: they stay erased")
    if found.sample.replaced:
        typer.echo(
            f"{found.sample.replaced} were sealed with keys that have been rotated away: restore a newer backup",
            err=True,
        )


@app.command()
def rotate(
    register: Folder,
    data_keys: Annotated[
        str,
        typer.Option(
            help="Id of an emergency whose people are also sealed anew under new data keys: after a suspicion."
        ),
    ] = "",
) -> None:
    """New key-encryption keys for every emergency; the older ones are destroyed. Cut off, it is run again."""
    from bianque.cli import session
    from bianque.services import register_keys

    opened = session.opened(register)
    if data_keys:  # first: a wrong id is refused before anything is rotated
        sealed, made = register_keys.rotate_data_keys(opened, session.authority(opened), data_keys)
        typer.echo(
            f"{sealed} records of {data_keys} sealed anew; older backups open them no longer:"
            f" {f'backed up to {made.file}' if made else 'back up now'}"
        )
    typer.echo(f"{register_keys.rotate(opened, session.authority(opened))} data keys wrapped anew")


@app.command()
def sweep(register: Folder) -> None:
    """Finish what a crash cut off: erasures, rotations, keys that seal nothing."""
    from bianque.cli import session
    from bianque.services import register_keys

    opened = session.opened(register)
    swept = register_keys.sweep(opened, session.authority(opened))
    typer.echo(
        f"swept: {swept.keys} keys that sealed nothing, {swept.unreadable} records whose key was destroyed,"
        f" {swept.older_keys} older key-encryption keys; {swept.unfinished} imports to be given again"
    )


@app.command()
def upgrade(
    register: Folder,
    owner: Owner = "",
) -> None:
    """Bring the tables of a register to the version of this Bianque."""
    from bianque.registry.register import upgrade as upgraded

    for store, ran in upgraded(register, owner).items():
        typer.echo(f"{store}: {', '.join(ran) if ran else 'is of this version'}")


@app.command()
def compact(owner: Owner) -> None:
    """PostgreSQL, after erasures: rewrite the tables without what was deleted, and remove the log that held it."""
    from bianque.registry.compaction import compact as compacted

    done = compacted(owner)
    typer.echo(f"{done.tables} tables rewritten; the log of the time before is removed")
    for sentence in done.left:
        typer.echo(f"bytes of what was deleted may be left: {sentence}")


@app.command()
def refusals(
    register: Folder,
    log: Annotated[Path, typer.Option(help="Folder where the server writes its log as JSON.")],
) -> None:
    """Add to the audit what PostgreSQL refused since the last time."""
    from bianque.cli import session
    from bianque.registry.database_log import read_log

    receipt = read_log(session.opened(register), log)
    typer.echo(
        f"{receipt.refusals} refusals went to the audit; {receipt.others} other lines, {receipt.damaged} damaged ones"
    )


@app.command()
def hardware(
    register: Folder,
    module: Annotated[Path, typer.Option(help="PKCS#11 library of the hardware module.")],
    token: Annotated[str, typer.Option(help="Label of the token. Its PIN is read from BIANQUE_PKCS11_PIN.")],
) -> None:
    """Move the root key into a hardware module; the escrow must be confirmed before."""
    from bianque.cli import session
    from bianque.services import register_keys

    opened = session.opened(register)
    place = register_keys.seal_in_hardware(opened, session.authority(opened), str(module), token)
    typer.echo(f"sealed by key {place.key!r} of token {place.token}; root.key is overwritten and gone")
