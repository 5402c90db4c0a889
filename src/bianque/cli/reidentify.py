"""bianque reidentify …"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder

if TYPE_CHECKING:
    from bianque.model.authority import Authority
    from bianque.model.release import Release
    from bianque.registry.register import Register
    from bianque.safeguard.door import Door

app = typer.Typer(add_completion=False, no_args_is_help=True)

Targets = Annotated[list[str], typer.Argument(help="Pseudonyms of the lake.")]
Id = Annotated[str, typer.Argument(help="The request, as `list` shows it.")]
Colleague = Annotated[str, typer.Argument(help="Account that is to hold the share.")]
EmergencyId = Annotated[str, typer.Argument(help="The emergency.")]


@app.callback()
def root() -> None:
    """The way back from a pseudonym to a person: locked targets, two approvers, an officer's hours."""


@app.command()
def rules() -> None:
    """The risk rules by which a target may be locked."""
    from bianque.safeguard.risk_rules import rules as known

    for rule in known().values():
        typer.echo(f"{rule.id}\n    {rule.holds.zh}\n    {rule.holds.en}\n    evidence: {rule.evidence}")


@app.command()
def key(register: Folder) -> None:
    """Make the key pair to which shares and identities are sealed; a former pair and its shares are gone."""
    from bianque.services import release_keys

    opened = session.opened(register)
    who = session.authority(opened)
    public = release_keys.make_key(opened, who, _password())
    typer.echo(f"{who.account} has a key pair, public key {public.hex()[:16]}…")


@app.command()
def ceremony(
    emergency: EmergencyId,
    holder: Annotated[list[str], typer.Option(help="Account that holds a share, of two organisations at least.")],
    register: Folder,
) -> None:
    """Draw an emergency's keys behind the door and give its holders their shares of the release key."""
    from bianque.services import release_keys

    with _at_door(register) as (opened, door, who):
        held = release_keys.ceremony(opened, door, who, emergency, holder)
    for one in held.holders:
        typer.echo(f"{one.account} holds the share of {one.organisation}")
    for organisation in held.single:
        typer.echo(f"{organisation} has one holder: when that password is lost, two others must vouch for a new one")


@app.command()
def lock(
    targets: Targets,
    rule: Annotated[str, typer.Option(help="The risk rule that holds; `bianque reidentify rules` lists them.")],
    evidence: Annotated[str, typer.Option(help="Where the facts are: a receipt, a query. Name nobody.")],
    register: Folder,
) -> None:
    """Lock pseudonyms as targets: only what is locked can be asked for."""
    from bianque.services import targets as locks

    with _at_door(register) as (opened, door, who):
        typer.echo(f"{locks.lock(opened, door, who, targets, rule, evidence)} locked by {rule}")


@app.command()
def lift(targets: Targets, register: Folder) -> None:
    """Lift locks that hold no longer: requests for these targets open nothing any more."""
    from bianque.services import targets as locks

    with _at_door(register) as (opened, door, who):
        typer.echo(f"{locks.lift(opened, door, who, targets)} locks lifted")


@app.command()
def request(
    targets: Targets,
    field: Annotated[list[str], typer.Option(help="Kind of identifier: phone, id_number, card, account, passport.")],
    reason: Annotated[str, typer.Option(help="Why these persons must be known. Name nobody.")],
    register: Folder,
    hours: Annotated[int, typer.Option(min=1, help="How long you need to read it, once it is released.")] = 8,
) -> None:
    """Ask for the identities behind locked targets."""
    from bianque.services import reidentify

    opened = session.opened(register)
    made = reidentify.request(opened, session.authority(opened), reidentify.Request(targets, field, reason, hours))
    typer.echo(_line(made))


@app.command()
def approve(id_: Id, register: Folder) -> None:
    """Approve a request with your organisation's share; the second organisation's approval releases it."""
    from bianque.services import reidentify

    with _at_door(register) as (opened, door, who):
        typer.echo(_line(reidentify.approve(opened, door, who, id_, _password())))


@app.command()
def refuse(id_: Id, reason: Annotated[str, typer.Option(help="Why. Name nobody.")], register: Folder) -> None:
    """Refuse a request; one refusal ends it."""
    from bianque.services import reidentify

    with _at_door(register) as (opened, door, who):
        typer.echo(_line(reidentify.refuse(opened, door, who, id_, reason)))


@app.command()
def read(id_: Id, register: Folder) -> None:
    """Read what was released to you, while its hours last."""
    from bianque.services import reidentify

    opened = session.opened(register)
    for one in reidentify.read(opened, session.authority(opened), id_, _password()):
        for kind, shown in one.values.items():
            typer.echo(f"{one.pseudonym}  {kind}: {shown[reidentify.FIELD]}")
        if not one.values:
            typer.echo(f"{one.pseudonym}  nothing of what was asked for is known")


@app.command(name="list")
def list_(register: Folder) -> None:
    """The requests of the emergency: your own; to holders of a share, all."""
    from bianque.services import reidentify

    opened = session.opened(register)
    for one in reidentify.listed(opened, session.authority(opened)):
        typer.echo(_line(one))


@app.command(name="pass-on")
def pass_on(emergency: EmergencyId, to: Colleague, register: Folder) -> None:
    """Hand your organisation's share to a colleague, such as one who has lost a password and made a new key pair."""
    from bianque.services import release_keys

    opened = session.opened(register)
    who = session.authority(opened)
    release_keys.pass_on(opened, who, emergency, to, _password())
    typer.echo(f"{to} holds the share of {who.organisation} in {emergency}")


@app.command()
def vouch(emergency: EmergencyId, to: Colleague, register: Folder) -> None:
    """Give another organisation its lost share back, together with a holder of a third one, within a day."""
    from bianque.services import release_keys

    with _at_door(register) as (opened, door, who):
        done = release_keys.vouch(opened, door, who, emergency, to, _password())
    typer.echo(f"{to} holds a share in {emergency}" if done else "a holder of a third organisation has to vouch too")


@contextmanager
def _at_door(folder: Path) -> Iterator[tuple[Register, Door, Authority]]:
    from bianque.services.door import at_door

    register = session.opened(folder)
    who = session.authority(register)
    with at_door(folder) as door:
        yield register, door, who


def _password() -> str:
    return session.secret("Password", "BIANQUE_PASSWORD")


def _line(release: Release) -> str:
    until = release.until if release.released else release.lapses
    persons = f"{len(release.targets)} target" + ("s" if len(release.targets) > 1 else "")
    said = f"{release.id}  {release.state}  {persons}, {', '.join(release.fields)}; asked by {release.requester}"
    return f"{said}; until {until:%Y-%m-%d %H:%M} UTC"
