"""My access: who am I here, for what do I work, what may I, where am I logged in, what did I do?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.account import Choice
from bianque.model.authority import Authority, Purpose
from bianque.model.errors import BadInput, LogInRefused
from bianque.services import emergencies, enrolment, numerals, oversight, release_keys, released, sessions
from bianque.services.login import NewSession
from bianque.services.tables import access
from bianque.services.tables.table import Table
from bianque.web import identity, navigation, qr, rendering, returning
from bianque.web.address import Address
from bianque.web.downloads import csv_file
from bianque.web.guard import OwnAccess
from bianque.web.login_pages import passkey_site, text_of
from bianque.web.pages import AtAddress, OfLake, lake_of
from bianque.web.posting import PAGE_HEADERS, Sent
from bianque.web.refusals import Refusal

router = APIRouter()

DONE = ("chosen", "ended", "password", "factor")  # what a form of this page did, said once


def _sentence(request: Request, authority: Authority, language: str) -> str:
    organisation = released.organisation_name(identity.register_of(request), authority.organisation)
    said = {
        "role": catalogue.text(f"decision_role_{authority.role}", language),
        "organisation": organisation.in_language(language),
    }
    if authority.purpose is None or authority.emergency is None:
        return catalogue.text("access_sentence_none", language, **said)
    purpose = catalogue.text(f"purpose_{authority.purpose}", language)
    emergency = authority.emergency.terms.name.in_language(language)
    return catalogue.text("access_sentence", language, **said, purpose=purpose, emergency=emergency)


def _choices(request: Request, authority: Authority, language: str) -> list[dict[str, Any]]:
    register, token = identity.register_of(request), identity.token_of(request)
    return [
        {
            "value": f"{choice.emergency} {choice.purpose} {choice.basis}",
            "emergency": emergencies.find(register, authority, choice.emergency).terms.name.in_language(language),
            "purpose": catalogue.text(f"purpose_{choice.purpose}", language),
            "until": numerals.moment(choice.until, language) if choice.until else "",
            "current": _current(choice, authority),
        }
        for choice in sessions.choices(register, token, identity.now())
    ]


def _current(choice: Choice, authority: Authority) -> bool:
    working = authority.emergency_id or None
    return (choice.emergency, choice.purpose) == (working, authority.purpose)


@router.get("/access")
def access_page(request: Request, authority: OwnAccess, address: AtAddress) -> HTMLResponse:
    return _page(request, authority, address)


def _page(request: Request, authority: Authority, address: Address, wrong: LogInRefused | None = None) -> HTMLResponse:
    register, language = identity.register_of(request), address.language
    done = request.query_params.get("done", "")
    answer = rendering.page(
        request,
        "access",
        address,
        status=422 if wrong else 200,
        sentence=_sentence(request, authority, language),
        account=authority.account,
        done=f"access_done_{done}" if done in DONE else "",
        wrong=wrong,
        choices=_choices(request, authority, language),
        passkey=passkey_site(request) is not None,
        lacks_key=release_keys.lacks_key(register, authority),
        grants=_grants(request, authority, lake_of(request), language),
        sessions=[
            (one, numerals.moment(one.started, language), numerals.moment(one.seen, language))
            for one in sessions.own(register, identity.token_of(request), identity.now())
        ],
        events=access.own_events(oversight.own_events(register, authority), language),
    )
    answer.headers.update(PAGE_HEADERS)
    return answer


def _grants(request: Request, authority: Authority, lake: Lake, language: str) -> Table:
    own = oversight.own_grants(identity.register_of(request), authority)
    return access.own_grants(own, lake.regions(), language)


@router.get("/access.json")
def access_json(request: Request, authority: OwnAccess, lake: OfLake, address: AtAddress) -> JSONResponse:
    register = identity.register_of(request)
    grants = _grants(request, authority, lake, address.language)
    events = access.own_events(oversight.own_events(register, authority), address.language)
    return JSONResponse(
        {
            "account": authority.account,
            "role": authority.role,
            "organisation": authority.organisation,
            "emergency": authority.emergency_id or None,
            "purpose": authority.purpose,
            "lacks_key": release_keys.lacks_key(register, authority),
            "grants": grants.records(),
            "events": events.records(),
        }
    )


@router.get("/access/{name}.csv")
def access_csv(name: str, request: Request, authority: OwnAccess, lake: OfLake, address: AtAddress) -> Response:
    register, language = identity.register_of(request), address.language
    if name == "grants":
        table = _grants(request, authority, lake, language)
    elif name == "events":
        table = access.own_events(oversight.own_events(register, authority), language)
    else:
        raise Refusal(404, "not_found")
    return csv_file(table, name)


@router.post("/access/choose")
def choose(request: Request, authority: OwnAccess, sent: Sent, address: AtAddress) -> Response:
    emergency, _, rest = text_of(sent, "choice").partition(" ")
    purpose, _, basis = rest.partition(" ")
    register, token, at = identity.register_of(request), identity.token_of(request), identity.now()
    try:
        sessions.choose(register, token, emergency, Purpose(purpose), at, basis=basis)
    except (BadInput, ValueError) as cause:
        raise Refusal(422, "bad_form") from cause
    after = navigation.landing(sessions.authority_of(register, token, at))
    del authority
    return RedirectResponse(address.to(after) if after != "/access" else address.to("/access", done="chosen"), 303)


@router.post("/access/sessions/end")
def end_session(request: Request, authority: OwnAccess, sent: Sent, address: AtAddress) -> Response:
    del authority
    try:
        sessions.end_own(
            identity.register_of(request), identity.token_of(request), text_of(sent, "session"), identity.now()
        )
    except BadInput as cause:
        raise Refusal(422, "bad_form", detail=cause.diagnostics()) from cause
    return RedirectResponse(address.to("/access", done="ended"), 303)


@router.post("/access/password")
def change_password(request: Request, authority: OwnAccess, sent: Sent, address: AtAddress) -> Response:
    register, token = identity.register_of(request), identity.token_of(request)
    old, new = text_of(sent, "password"), text_of(sent, "new_password")
    try:
        changed = enrolment.change_password(register, token, old, new, identity.now())
    except LogInRefused as wrong:
        return _to_prove(request) if wrong.field == "code" else _page(request, authority, address, wrong)
    return _under(request, changed, address.to("/access", done="password"))


def _to_prove(request: Request) -> RedirectResponse:
    return RedirectResponse(returning.prove_for(request), 303)


def _under(request: Request, session: NewSession, path: str) -> RedirectResponse:
    """The session goes on under another token."""
    answer = RedirectResponse(path, 303)
    identity.keep(request, answer, session.token)
    return answer


@router.get("/access/authenticator")
def authenticator_page(request: Request, authority: OwnAccess, address: AtAddress) -> Response:
    return _authenticator(request, authority, address)


def _authenticator(
    request: Request, authority: Authority, address: Address, wrong: LogInRefused | None = None
) -> Response:
    try:
        found = enrolment.totp_under_way(identity.register_of(request), identity.token_of(request), identity.now())
    except LogInRefused:
        return _to_prove(request)
    answer = rendering.page(
        request,
        "login",
        address,
        status=422 if wrong else 200,
        step="enrol",
        to="/access/authenticator",
        back="",
        wrong=wrong,
        passkey=False,
        secret=found.secret,
        qr=qr.svg(found.address),
        account=authority.account,
    )
    answer.headers.update(PAGE_HEADERS)
    return answer


@router.post("/access/authenticator")
def set_up_authenticator(request: Request, authority: OwnAccess, sent: Sent, address: AtAddress) -> Response:
    register, token = identity.register_of(request), identity.token_of(request)
    try:
        after = enrolment.finish_totp(register, token, text_of(sent, "code"), identity.now())
    except LogInRefused as wrong:
        return _authenticator(request, authority, address, wrong)
    assert isinstance(after, NewSession), "a session stays a session"
    return _under(request, after, address.to("/access", done="factor"))
