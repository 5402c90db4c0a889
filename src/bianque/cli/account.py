"""bianque account …: one's own access, other people's accounts, what they are granted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.days import day
from bianque.cli.session import Folder
from bianque.model.authority import Purpose, Role
from bianque.model.organisation import HolderKind

if TYPE_CHECKING:
    from bianque.model.account import GivenGrant, OneTime

app = typer.Typer(no_args_is_help=True, add_completion=False)
Login = Annotated[str, typer.Argument(help="Login of the account.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence; it stands in the audit.")]


@app.command()
def show(register: Folder) -> None:
    """Who is logged in, at work in which emergency, and what one may choose."""
    from bianque.services import release_keys, sessions

    opened = session.opened(register)
    mine = session.authority(opened)
    typer.echo(f"{mine.account}, {mine.role} of {mine.organisation} ({mine.kind}), agency {mine.agency}")
    if mine.emergency is not None:
        typer.echo(f"at work in {mine.emergency.id} ({mine.emergency.state}) for {mine.purpose}")
    if release_keys.lacks_key(opened, mine):
        typer.echo("no key pair: make one with `bianque reidentify key`; a colleague then hands the share on to you")
    for choice in sessions.choices(opened, session.token(), session.now()):
        until = f" until {choice.until:%Y-%m-%d}" if choice.until else ""
        typer.echo(f"may choose: {choice.emergency} {choice.purpose}{until} {choice.basis}".rstrip())


@app.command()
def choose(
    emergency: Annotated[str, typer.Argument(help="Id of the emergency.")],
    purpose: Annotated[Purpose, typer.Argument(help="What the session works for.")],
    register: Folder,
    basis: Annotated[str, typer.Option(help="Legal basis, where grants for the purpose rest on several.")] = "",
) -> None:
    """Work in an emergency for a purpose from now on."""
    from bianque.services import sessions

    sessions.choose(session.opened(register), session.token(), emergency, purpose, session.now(), basis=basis)
    typer.echo(f"at work in {emergency} for {purpose}")


@app.command()
def prove(
    register: Folder,
    code: Annotated[str, typer.Option(help="Six digits of the authenticator; without it they are asked for.")] = "",
) -> None:
    """Give the second factor again: for five minutes exports and re-identifications can be asked for."""
    from bianque.services import sessions

    given = code or session.secret("code of the authenticator", "BIANQUE_CODE")
    session.keep(sessions.prove(session.opened(register), session.token(), given, session.now()).token)
    typer.echo("proved for five minutes")


@app.command()
def create(
    login: Login,
    organisation: Annotated[str, typer.Argument(help="Id of the organisation the person works for.")],
    role: Annotated[Role, typer.Argument(help="What the person does.")],
    register: Folder,
) -> None:
    """Make an account; its one-time password is printed here, once."""
    from bianque.model.account import OFFICES
    from bianque.services import accounts

    opened = session.opened(register)
    _tell(accounts.create(opened, session.authority(opened), login, organisation, role))
    if role in OFFICES:
        typer.echo(f"nobody can log in yet: a second person runs `bianque account consent {login}`")


@app.command()
def consent(login: Login, register: Folder) -> None:
    """Open an account of an office, as the second person beside the administrator who made it."""
    from bianque.services import accounts

    opened = session.opened(register)
    accounts.consent(opened, session.authority(opened), login)
    typer.echo(f"open: {login}")


@app.command()
def disable(login: Login, register: Folder, reason: Reason) -> None:
    """Close an account for good; whoever is logged in to it is out with their next request."""
    from bianque.services import accounts

    opened = session.opened(register)
    accounts.disable(opened, session.authority(opened), login, reason=reason)
    typer.echo(f"disabled: {login}")


@app.command()
def password(login: Login, register: Folder) -> None:
    """Another one-time password for somebody who forgot theirs; their second factor stays."""
    from bianque.services import accounts

    opened = session.opened(register)
    _tell(accounts.reset_password(opened, session.authority(opened), login))


@app.command()
def lost(login: Login, register: Folder, reason: Reason) -> None:
    """Say that a person lost their second factor; another person resets it."""
    from bianque.services import recovery

    opened = session.opened(register)
    asked = recovery.ask(opened, session.authority(opened), login, reason=reason)
    typer.echo(f"asked: {asked.id}; a second person runs `bianque account reset {asked.id}`")


@app.command()
def reset(
    request: Annotated[str, typer.Argument(help="Id of the request, as `bianque account resets` lists it.")],
    register: Folder,
) -> None:
    """Reset a lost second factor, as the second person; the new one-time password is printed here, once."""
    from bianque.services import recovery

    opened = session.opened(register)
    _tell(recovery.reset(opened, session.authority(opened), request))


@app.command()
def resets(register: Folder) -> None:
    """Lost second factors that wait for a second person."""
    from bianque.services import recovery

    opened = session.opened(register)
    for asked in recovery.waiting(opened, session.authority(opened)):
        typer.echo(f"{asked.id}  {asked.account}, asked by {asked.asked_by}: {asked.reason}")


@app.command(name="list")
def list_(register: Folder) -> None:
    """Every account of the agency."""
    from bianque.services import accounts

    opened = session.opened(register)
    for one in accounts.listed(opened, session.authority(opened)):
        state = "disabled" if one.disabled_at else "waits for a second person" if not one.opened else "open"
        factor = "second factor" if one.enrolled else "no second factor yet"
        typer.echo(f"{one.id}  {one.role} of {one.organisation}: {state}, {factor}")


@app.command()
def organisation(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id: a-z, 0-9 and dashes.")],
    kind: Annotated[HolderKind, typer.Argument(help="What kind of body it is.")],
    register: Folder,
    zh: Annotated[str, typer.Option(help="Its name in Chinese.")],
    en: Annotated[str, typer.Option(help="Its name in English.")],
) -> None:
    """Add an organisation that emergencies can name and people work for."""
    from bianque.model.organisation import Organisation
    from bianque.model.text import Text
    from bianque.services import accounts

    opened = session.opened(register)
    mine = session.authority(opened)
    accounts.add_organisation(opened, mine, Organisation(id_, mine.agency, kind, Text(zh=zh, en=en)))
    typer.echo(f"added: {id_}")


@app.command()
def organisations(register: Folder) -> None:
    """Every organisation the register knows."""
    from bianque.services import accounts

    opened = session.opened(register)
    for one in accounts.organisations_of(opened, session.authority(opened)):
        typer.echo(f"{one.id}  {one.kind}, {one.name.zh}, {one.name.en}")


@app.command()
def grant(
    login: Login,
    emergency: Annotated[str, typer.Argument(help="Id of the emergency.")],
    purpose: Annotated[Purpose, typer.Argument(help="What the person may work for.")],
    register: Folder,
    basis: Annotated[str, typer.Option(help="Legal basis, one of the emergency's.")],
    region: Annotated[list[str], typer.Option(help="Code of a region; give it again for more.")],
    expires: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    reason: Reason,
    protected: Annotated[bool, typer.Option("--protected", help="It covers protected persons too.")] = False,
) -> None:
    """Grant a person to work in an emergency for a purpose, in some regions, until a day."""
    from bianque.services import grants

    last = dt.datetime.combine(day(expires, "--expires"), grants.LAST_MOMENT)
    opened = session.opened(register)
    new = grants.NewGrant(login, emergency, purpose, basis, tuple(region), last, reason, protected)
    _show(grants.give(opened, session.authority(opened), new))


@app.command()
def confirm(grant: Annotated[str, typer.Argument(help="Id of the grant.")], register: Folder) -> None:
    """Confirm a grant that covers protected persons, as the second person."""
    from bianque.services import grants

    opened = session.opened(register)
    grants.confirm(opened, session.authority(opened), grant)
    typer.echo(f"confirmed: {grant}")


@app.command()
def revoke(grant: Annotated[str, typer.Argument(help="Id of the grant.")], register: Folder, reason: Reason) -> None:
    """Take a grant back; it counts with the holder's next request."""
    from bianque.services import grants

    opened = session.opened(register)
    grants.revoke(opened, session.authority(opened), grant, reason=reason)
    typer.echo(f"revoked: {grant}")


@app.command(name="grants")
def grants_(
    register: Folder,
    days: Annotated[int | None, typer.Option(min=0, max=36_500, help="Those that end within so many days.")] = None,
) -> None:
    """Grants that are not revoked, by expiry."""
    from bianque.services import grants

    opened = session.opened(register)
    by = None if days is None else session.now() + dt.timedelta(days=days)
    for given in grants.listed(opened, session.authority(opened), expires_by=by):
        _show(given)


def _tell(told: OneTime) -> None:
    typer.echo(f"{told.account} ({told.role}): one-time password {told.password}")
    typer.echo(f"it counts until {told.until:%Y-%m-%d %H:%M} UTC and is not shown again", err=True)
    if told.key_lost:
        typer.echo(
            f"the key pair of {told.account} went with the password: tell them to make another with `bianque reidentify"
            " key`, and a colleague of their organisation to hand the share on with `bianque reidentify pass-on`"
        )


def _show(given: GivenGrant) -> None:
    grant = given.grant
    waits = "; waits for a second person" if given.pending else ""
    typer.echo(
        f"{grant.id}  {given.account}: {grant.emergency} {grant.purpose} in {', '.join(grant.regions)}"
        f" until {grant.expires:%Y-%m-%d}{' protected' if grant.protected else ''}{waits}"
    )
