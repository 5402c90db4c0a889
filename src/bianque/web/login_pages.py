"""Logging in, step by step, each a form that works without JavaScript; logging out; proving oneself again."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from bianque.model.account import Step
from bianque.model.errors import LogInRefused, MustWait
from bianque.safeguard.passkeys import Site
from bianque.services import enrolment, login, passkeys, sessions
from bianque.services.login import NewSession, Ticket
from bianque.web import identity, navigation, qr, rendering, returning
from bianque.web.address import Address
from bianque.web.guard import AnySession
from bianque.web.identity import TICKET
from bianque.web.pages import AtAddress
from bianque.web.posting import PAGE_HEADERS, Sent, open_form

router = APIRouter()

STEPS = {Step.CODE: "/login/code", Step.PASSWORD: "/login/password", Step.ENROL: "/login/enrol"}
WHERE = {"name": "/login", "prove": "/prove"}
OpenForm = Annotated[FormData, Depends(open_form)]


def text_of(sent: FormData, name: str) -> str:
    """A field as it was typed; a file is none."""
    given = sent.get(name)
    return given if isinstance(given, str) else ""


def address_of_guess(request: Request) -> str:
    """Where a guess comes from, for the counting of guesses."""
    return request.client.host if request.client else ""


def _page(
    request: Request, step: str, address: Address, back: str, wrong: LogInRefused | None = None, **context: Any
) -> HTMLResponse:
    status = 429 if isinstance(wrong, MustWait) else 422 if wrong else 200
    to = WHERE.get(step) or f"/login/{step}"
    shown = {"step": step, "to": to, "back": returning.own_path(back), "wrong": wrong, "passkey": False, **context}
    kept = {returning.BACK: shown["back"]} if shown["back"] else {}
    answer = rendering.page(request, "login", address, status=status, kept=kept, **shown)
    answer.headers.update(PAGE_HEADERS)
    if isinstance(wrong, MustWait):
        answer.headers["Retry-After"] = str(wrong.seconds)
    return answer


def passkey_site(request: Request) -> Site | None:
    """Where passkeys count: a browser binds them to a name, never to the bare number of an address."""
    host = request.url.hostname or ""
    scheme = "https" if request.app.state.secure else "http"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host, f"{scheme}://{request.headers['host']}")
    return None


@router.get("/login")
def login_page(request: Request, address: AtAddress) -> HTMLResponse:
    return _page(request, "name", address, request.query_params.get(returning.BACK, ""))


@router.post("/login")
def give_password(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    back = text_of(sent, returning.BACK)
    register, at = identity.register_of(request), identity.now()
    try:
        ticket = login.first_step(
            register, text_of(sent, "login").strip(), text_of(sent, "password"), at, address=address_of_guess(request)
        )
    except LogInRefused as wrong:
        return _page(request, "name", address, back, wrong)
    return after_step(request, ticket, address, back)


def after_step(request: Request, after: Ticket | NewSession, address: Address, back: str) -> Response:
    """What the browser keeps after a step, and the page of the next one."""
    back = returning.own_path(back)
    if isinstance(after, Ticket):
        answer = RedirectResponse(address.to(STEPS[after.step], **({returning.BACK: back} if back else {})), 303)
        identity.keep(request, answer, after.token, TICKET)
        return answer
    identity.end_former(request)
    answer = RedirectResponse(back or address.to(_landing(request, after.token)), 303)
    identity.keep(request, answer, after.token)
    identity.forget(request, answer, TICKET)
    return answer


def _landing(request: Request, token: str) -> str:
    """Where the day begins; who can work for one thing only, works for it."""
    register, at = identity.register_of(request), identity.now()
    choices = sessions.choices(register, token, at)
    if len(choices) == 1:
        sessions.choose(register, token, choices[0].emergency, choices[0].purpose, at, basis=choices[0].basis)
    return navigation.landing(sessions.authority_of(register, token, at))


def _step(request: Request, expected: Step, address: Address, back: str) -> Ticket | Response:
    """The ticket, when its next step is the expected one; else the way to where the log-in stands."""
    try:
        ticket = login.standing(identity.register_of(request), identity.token_of(request, TICKET), identity.now())
    except LogInRefused as over:
        return _page(request, "name", address, back, over)
    if ticket.step is expected:
        return ticket
    return RedirectResponse(address.to(STEPS[ticket.step]), 303)


def _done(
    request: Request, sent: FormData, step: Step, address: Address, do: Callable[[str], Ticket | NewSession]
) -> Response:
    """One step of the log-in: do it, or show its page again with what was wrong."""
    back = text_of(sent, returning.BACK)
    try:
        return after_step(request, do(identity.token_of(request, TICKET)), address, back)
    except LogInRefused as wrong:
        if wrong.field == "ticket":
            return _page(request, "name", address, back, wrong)
        return shown_step(request, step, address, back, wrong)


def shown_step(
    request: Request, step: Step, address: Address, back: str, wrong: LogInRefused | None = None
) -> Response:
    """The page of a step, where the log-in stands there."""
    ticket = _step(request, step, address, back)
    if isinstance(ticket, Response):
        return ticket
    context: dict[str, Any] = {"passkey": ticket.passkey and passkey_site(request) is not None}
    if step is Step.ENROL:
        found = enrolment.totp_under_way(identity.register_of(request), ticket.token, identity.now())
        context |= {"secret": found.secret, "qr": qr.svg(found.address), "account": ticket.account}
        context["passkey"] = passkey_site(request) is not None
    return _page(request, step.value, address, back, wrong, **context)


@router.get("/login/code")
def code_page(request: Request, address: AtAddress) -> Response:
    return shown_step(request, Step.CODE, address, request.query_params.get(returning.BACK, ""))


@router.post("/login/code")
def give_code(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    register, code, at = identity.register_of(request), text_of(sent, "code"), identity.now()
    return _done(
        request,
        sent,
        Step.CODE,
        address,
        lambda ticket: login.second_step(register, ticket, code, at, address=address_of_guess(request)),
    )


@router.get("/login/password")
def password_page(request: Request, address: AtAddress) -> Response:
    return shown_step(request, Step.PASSWORD, address, request.query_params.get(returning.BACK, ""))


@router.post("/login/password")
def give_new_password(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    register, new, at = identity.register_of(request), text_of(sent, "new_password"), identity.now()
    return _done(request, sent, Step.PASSWORD, address, lambda ticket: login.new_password(register, ticket, new, at))


@router.get("/login/enrol")
def enrol_page(request: Request, address: AtAddress) -> Response:
    return shown_step(request, Step.ENROL, address, request.query_params.get(returning.BACK, ""))


@router.post("/login/enrol")
def give_first_code(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    register, code, at = identity.register_of(request), text_of(sent, "code"), identity.now()
    return _done(request, sent, Step.ENROL, address, lambda ticket: enrolment.finish_totp(register, ticket, code, at))


@router.post("/logout")
def log_out(request: Request, sent: Sent, address: AtAddress) -> Response:
    del sent
    sessions.log_out(identity.register_of(request), identity.token_of(request), identity.now())
    answer = RedirectResponse(address.to("/"), 303)
    identity.forget(request, answer)
    return answer


@router.get("/prove")
def prove_page(request: Request, authority: AnySession, address: AtAddress) -> HTMLResponse:
    back = request.query_params.get(returning.BACK, "")
    return _page(request, "prove", address, back, account=authority.account, passkey=_has_passkey(request))


def _has_passkey(request: Request) -> bool:
    if passkey_site(request) is None:
        return False
    return bool(passkeys.own(identity.register_of(request), identity.token_of(request), identity.now()))


@router.post("/prove")
def prove(request: Request, authority: AnySession, sent: Sent, address: AtAddress) -> Response:
    back = text_of(sent, returning.BACK)
    try:
        proved = sessions.prove(
            identity.register_of(request), identity.token_of(request), text_of(sent, "code"), identity.now()
        )
    except LogInRefused as wrong:
        return _page(request, "prove", address, back, wrong, account=authority.account)
    answer = RedirectResponse(returning.own_path(back) or address.to(navigation.landing(authority)), 303)
    identity.keep(request, answer, proved.token)
    return answer
