"""bianque login"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bianque.cli import session
from bianque.cli.session import Folder
from bianque.model.account import Step
from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from bianque.registry.register import Register
    from bianque.services.login import NewSession, Ticket

app = typer.Typer(add_completion=False)


@app.command()
def login(
    login: Annotated[str, typer.Argument(help="Login of the account.")],
    register: Folder,
    code: Annotated[str, typer.Option(help="Six digits of the authenticator; without it they are asked for.")] = "",
    password_fd: Annotated[
        int | None,
        typer.Option(help="File descriptor that the password is read from; else BIANQUE_PASSWORD, or it is asked for."),
    ] = None,
) -> None:
    """Log in; at the first log-in also choose a password and set up an authenticator."""
    from bianque.services.login import Ticket, first_step

    opened = session.opened(register)
    password = session.secret("password", "BIANQUE_PASSWORD", password_fd)
    after: Ticket | NewSession = first_step(opened, login, password, session.now())
    while isinstance(after, Ticket):
        after = _next(opened, after, code)
    session.keep(after.token)
    typer.echo(f"logged in as {after.account}; the session ends after 15 minutes without a command, or in 8 hours")


def _next(register: Register, ticket: Ticket, code: str) -> Ticket | NewSession:
    from bianque.services.enrolment import begin_totp, finish_totp
    from bianque.services.login import new_password, second_step

    match ticket.step:
        case Step.CODE:
            return second_step(register, ticket.token, code or _asked("code of the authenticator"), session.now())
        case Step.PASSWORD:
            return new_password(register, ticket.token, _chosen(), session.now())
        case Step.ENROL:
            enrolment = begin_totp(register, ticket.token, session.now())
            typer.echo(f"put this secret into an authenticator application: {enrolment.secret}")
            typer.echo(f"or this address: {enrolment.address}")
            return finish_totp(register, ticket.token, _asked("the code it shows"), session.now())


def _asked(what: str) -> str:
    return session.secret(what, "BIANQUE_CODE")


def _chosen() -> str:
    """A new password, typed twice."""
    chosen = session.secret("a new password of your own, at least 12 characters", "BIANQUE_NEW_PASSWORD")
    if session.secret("the same again", "BIANQUE_NEW_PASSWORD") != chosen:
        raise BadInput("the two passwords differ", kept="the one-time password", remedy="log in again")
    return chosen
