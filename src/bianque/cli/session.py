"""Who types: the session that `bianque login` left, for every verb that acts under an authority."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bianque.model.errors import NotLoggedIn

if TYPE_CHECKING:
    from bianque.model.authority import Authority
    from bianque.registry.register import Register


def token_file() -> Path:
    """Where the token of the session lies, in a file that its owner alone may read."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "bianque" / "session"


def authority(register: Register) -> Authority:
    """The authority of whoever is logged in, made anew.

    raises  NotLoggedIn  when nobody is, or the session has ended
    """
    from bianque.services.sessions import authority_of

    token = os.environ.get("BIANQUE_SESSION", "")
    if not token and token_file().is_file():
        token = token_file().read_text("ascii").strip()
    if not token:
        raise NotLoggedIn("nobody is logged in here", remedy="log in with `bianque login`")
    return authority_of(register, token, dt.datetime.now(dt.UTC))
