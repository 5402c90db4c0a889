"""Who acts on the command line: the session that BIANQUE_SESSION or the file of the last log-in holds the token of."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from bianque.model.authority import Authority
    from bianque.registry.register import Register

TOKEN = "BIANQUE_SESSION"  # environment variable


def token_file() -> Path:
    """Where the token of a log-in is kept: under the user's state folder (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "bianque" / "session"


def authority(register: Register) -> Authority:
    """The authority of the session on this command line, at this moment.

    raises  BadInput  when nobody is logged in; NotLoggedIn when the session has ended
    """
    from bianque.services.sessions import authority_of

    token, path = os.environ.get(TOKEN, ""), token_file()
    if not token and path.is_file():
        token = path.read_text("utf-8").strip()
    if not token:
        raise BadInput("nobody is logged in on this command line", remedy="run `bianque login`")
    return authority_of(register, token, dt.datetime.now(dt.UTC))
