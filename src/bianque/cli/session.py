"""Who types: the session that `bianque login` left, for every verb that acts under an authority."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.model.errors import BadInput, NotLoggedIn

if TYPE_CHECKING:
    from bianque.model.authority import Authority
    from bianque.registry.register import Register

Folder = Annotated[Path, typer.Option("--register", envvar="BIANQUE_REGISTER", help="Folder of the register.")]


OPENED = ExitStack()  # the registers of this command; `main` closes them, whichever way it ends


def opened(folder: Path) -> Register:
    """The register in a folder, until the command ends.

    raises  BadRegister  when it cannot be opened
    """
    from bianque.registry.register import open_register

    register = open_register(folder)
    OPENED.callback(register.close)
    return register


def token_file() -> Path:
    """Where the token of the session lies, in a file that its owner alone may read."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "bianque" / "session"


def token() -> str:
    """The token of whoever is logged in: of BIANQUE_SESSION, or of the file that `bianque login` left.

    raises  NotLoggedIn  when there is neither
    """
    found = os.environ.get("BIANQUE_SESSION", "")
    if not found and token_file().is_file():
        found = token_file().read_text("ascii").strip()
    if not found:
        raise NotLoggedIn("nobody is logged in here", remedy="log in with `bianque login`")
    return found


def authority(register: Register) -> Authority:
    """The authority of whoever is logged in, made anew.

    raises  NotLoggedIn  when nobody is, or the session has ended
    """
    from bianque.services.sessions import authority_of

    return authority_of(register, token(), now())


def keep(new: str) -> None:
    """Leave a session's token for the next command."""
    path = token_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name("session.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{new}\n")
    beside.replace(path)


def forget() -> None:
    token_file().unlink(missing_ok=True)


def secret(prompt: str, variable: str, descriptor: int | None = None) -> str:
    """A password, typed without echo, or from an environment variable or a file descriptor; never an argument.

    raises  BadInput  when there is nobody to ask
    """
    if descriptor is not None:
        with os.fdopen(descriptor, "r", encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    if given := os.environ.get(variable):
        return given
    if not sys.stdin.isatty():
        raise BadInput(
            f"{prompt}: there is nobody to ask",
            remedy=f"run this in a terminal, or give it in {variable} or with --password-fd",
        )
    return getpass.getpass(f"{prompt}: ")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
