"""Who types: the session that `bianque login` began."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from bianque.model.authority import Authority
    from bianque.registry.register import Register

VARIABLE = "BIANQUE_SESSION"


def authority(register: Register) -> Authority:
    """The authority of the session in BIANQUE_SESSION, or in the file that `bianque login` wrote.

    raises  BadInput  when nobody is logged in
    """
    from bianque.services.sessions import authority_of

    token = os.environ.get(VARIABLE) or _stored()
    if not token:
        raise BadInput("nobody is logged in", remedy=f"run `bianque login`, or put a session's token in {VARIABLE}")
    return authority_of(register, token, dt.datetime.now(dt.UTC))


def session_file() -> Path:
    """Where `bianque login` keeps the session: a file that its owner alone may read."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "bianque" / "session"


def _stored() -> str:
    try:
        return session_file().read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
