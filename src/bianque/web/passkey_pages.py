"""Passkeys as a second factor: each ceremony is two forms, the challenge and the browser's answer to it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bianque.model.account import Step
from bianque.model.errors import LogInRefused
from bianque.safeguard.passkeys import Site
from bianque.services import passkeys
from bianque.services.login import NewSession
from bianque.web import identity, navigation, returning
from bianque.web.guard import AnySession, OwnAccess
from bianque.web.identity import TICKET
from bianque.web.login_pages import OpenForm, address_of_guess, after_step, passkey_site, shown_step, text_of
from bianque.web.pages import AtAddress
from bianque.web.posting import Sent
from bianque.web.refusals import Refusal

router = APIRouter()

ANSWER = "answer"


def _site(request: Request) -> Site:
    """Where passkeys count.

    raises  Refusal  at an address that no passkey can be bound to
    """
    site = passkey_site(request)
    if site is None:
        raise Refusal(400, "no_passkeys")
    return site


def _options(options: Callable[[], str]) -> Response:
    """The challenge as the browser takes it.

    raises  Refusal  when it is not for this reader now
    """
    try:
        return Response(options(), media_type="application/json")
    except LogInRefused as wrong:
        raise Refusal(403, "no_ceremony", detail=wrong.what) from wrong


@router.post("/login/code/passkey/options")
def use_options(request: Request, sent: OpenForm) -> Response:
    del sent
    register, ticket = identity.register_of(request), identity.token_of(request, TICKET)
    return _options(lambda: passkeys.challenge_options(register, ticket, _site(request), identity.now()))


@router.post("/login/code/passkey")
def use(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    register, ticket, back = identity.register_of(request), identity.token_of(request, TICKET), _back(sent)
    try:
        after = passkeys.second_step(
            register,
            ticket,
            text_of(sent, ANSWER),
            _site(request),
            identity.now(),
            address=address_of_guess(request),
        )
    except LogInRefused as wrong:
        return shown_step(request, Step.CODE, address, back, wrong)
    return after_step(request, after, address, back)


@router.post("/login/enrol/passkey/options")
def first_options(request: Request, sent: OpenForm) -> Response:
    del sent
    register, ticket = identity.register_of(request), identity.token_of(request, TICKET)
    return _options(lambda: passkeys.registration_options(register, ticket, _site(request), identity.now()))


@router.post("/login/enrol/passkey")
def add_first(request: Request, sent: OpenForm, address: AtAddress) -> Response:
    register, ticket, back = identity.register_of(request), identity.token_of(request, TICKET), _back(sent)
    try:
        after = passkeys.add(register, ticket, text_of(sent, ANSWER), _site(request), identity.now())
    except LogInRefused as wrong:
        return shown_step(request, Step.ENROL, address, back, wrong)
    return after_step(request, after, address, back)


@router.post("/prove/passkey/options")
def prove_options(request: Request, authority: AnySession, sent: Sent) -> Response:
    del authority, sent
    register, token = identity.register_of(request), identity.token_of(request)
    return _options(lambda: passkeys.challenge_options(register, token, _site(request), identity.now()))


@router.post("/prove/passkey")
def prove(request: Request, authority: AnySession, sent: Sent, address: AtAddress) -> Response:
    register, token = identity.register_of(request), identity.token_of(request)
    try:
        proved = passkeys.prove(register, token, text_of(sent, ANSWER), _site(request), identity.now())
    except LogInRefused as wrong:
        raise Refusal(403, "no_ceremony", detail=wrong.what) from wrong
    return _under(request, proved, returning.own_path(_back(sent)) or address.to(navigation.landing(authority)))


@router.post("/access/passkey/options")
def another_options(request: Request, authority: OwnAccess, sent: Sent) -> Response:
    del authority, sent
    register, token = identity.register_of(request), identity.token_of(request)
    return _options(lambda: passkeys.registration_options(register, token, _site(request), identity.now()))


@router.post("/access/passkey")
def add_another(request: Request, authority: OwnAccess, sent: Sent, address: AtAddress) -> Response:
    del authority
    register, token = identity.register_of(request), identity.token_of(request)
    try:
        after = passkeys.add(register, token, text_of(sent, ANSWER), _site(request), identity.now())
    except LogInRefused as wrong:
        raise Refusal(403, "no_ceremony", detail=wrong.what) from wrong
    assert isinstance(after, NewSession), "a session stays a session"
    return _under(request, after, address.to("/access", done="factor"))


def _back(sent: OpenForm) -> str:
    return text_of(sent, returning.BACK)


def _under(request: Request, session: NewSession, path: str) -> RedirectResponse:
    answer = RedirectResponse(path, 303)
    identity.keep(request, answer, session.token)
    return answer
