"""Who asks?  The session's cookie, and the authority the register gives it at this moment."""

from __future__ import annotations

import datetime as dt
import hashlib

from fastapi import Request, Response

from bianque.model.authority import Authority
from bianque.model.errors import NotLoggedIn
from bianque.registry.register import Register
from bianque.services import sessions

SESSION, TICKET = "session", "ticket"
TICKET_SECONDS = 600  # between the password and the second factor; the register has its own, shorter or equal


def register_of(request: Request) -> Register:
    register: Register = request.app.state.register
    return register


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _name(request: Request, kind: str) -> str:
    """`__Host-`: no other host or path can have set it, and it came over https; on loopback there is no https."""
    return f"__Host-bianque-{kind}" if request.app.state.secure else f"bianque-{kind}"


def token_of(request: Request, kind: str = SESSION) -> str:
    """What the browser brings; empty where it brings nothing."""
    return request.cookies.get(_name(request, kind), "")


def keep(request: Request, answer: Response, token: str, kind: str = SESSION) -> None:
    """Give the browser a token in a cookie that no script reads and no other site sends."""
    answer.set_cookie(
        _name(request, kind),
        token,
        max_age=TICKET_SECONDS if kind == TICKET else None,
        path="/",
        secure=request.app.state.secure,
        httponly=True,
        samesite="strict",
    )


def forget(request: Request, answer: Response, kind: str = SESSION) -> None:
    secure = request.app.state.secure
    answer.delete_cookie(_name(request, kind), path="/", secure=secure, httponly=True, samesite="strict")


def form_token(token: str) -> str:
    """What a form of a session carries: another site cannot know it, and it says nothing of the session's token."""
    return hashlib.sha256(b"bianque form " + token.encode()).hexdigest()[:32]


def end_former(request: Request) -> None:
    """End the session that the browser still brings when somebody logs in anew."""
    if former := token_of(request):
        sessions.log_out(register_of(request), former, now())


def authority(request: Request) -> Authority:
    """The authority of the session, as the register has it now.

    raises  NotLoggedIn  when there is no session, or it has ended
    """
    token = token_of(request)
    if not token:
        raise NotLoggedIn("no session", remedy="log in")
    found = sessions.authority_of(register_of(request), token, now())
    request.state.authority = found
    return found


def unseen(request: Request) -> Authority | None:
    """The authority of the session for a page that asks by itself: that its reader is idle stays so. None when over."""
    try:
        return sessions.authority_of(register_of(request), token_of(request), now(), seen=False)
    except NotLoggedIn:
        return None


def known(request: Request) -> Authority | None:
    """The same where a page is for everybody; None for a reader who is not logged in."""
    try:
        return authority(request)
    except NotLoggedIn:
        return None
