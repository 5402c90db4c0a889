"""The officer's own requests for an identity: how far each is, and what was opened, while its hours last."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.release import Release, ReleaseState
from bianque.services import numerals, reidentify
from bianque.services.reidentify import FIELD, Opened
from bianque.web import identity, rendering
from bianque.web.address import Address
from bianque.web.guard import AnySession
from bianque.web.login_pages import text_of
from bianque.web.pages import AtAddress
from bianque.web.posting import PAGE_HEADERS, Sent
from bianque.web.refusals import Refusal

router = APIRouter()


def kinds_in_words(kinds: Sequence[str], language: str) -> str:
    """Kinds of identifiers as they are called."""
    comma = catalogue.text("kinds_comma", language)
    return comma.join(catalogue.text(f"identifier_{kind}", language) for kind in kinds)


def _own(request: Request, authority: Authority) -> list[Release]:
    found = reidentify.listed(identity.register_of(request), authority)
    return [one for one in found if one.requester == authority.account]


@router.get("/releases")
def releases_page(request: Request, authority: AnySession, address: AtAddress) -> HTMLResponse:
    return _page(request, authority, address)


@router.get("/releases.json")
def releases_json(request: Request, authority: AnySession) -> JSONResponse:
    own = _own(request, authority)
    rows = [{"id": one.id, "state": one.state, "fields": one.fields} for one in own]
    return JSONResponse({"emergency": authority.emergency_id or None, "releases": rows})


@router.post("/releases/{release}")
def read_release(release: str, request: Request, authority: AnySession, sent: Sent, address: AtAddress) -> HTMLResponse:
    """What was opened: the answer to the form itself, kept nowhere."""
    try:
        opened = reidentify.read(identity.register_of(request), authority, release, text_of(sent, "password"))
    except BadInput as cause:
        raise Refusal(409, "bad_form", detail=cause.diagnostics()) from cause
    return _page(request, authority, address, opened)


def _page(
    request: Request, authority: Authority, address: Address, opened: Sequence[Opened] | None = None
) -> HTMLResponse:
    language, own = address.language, _own(request, authority)
    readable = [one for one in own if one.state is ReleaseState.RELEASED]
    none = "releases_sentence_none" if authority.emergency else "none_chosen"
    key = {0: none, 1: "releases_sentence_one"}.get(len(readable), "releases_sentence")
    answer = rendering.page(
        request,
        "releases",
        address,
        sentence=catalogue.text(key, language, count=len(readable)),
        releases=[(one, one in readable, _said(one, language)) for one in own],
        opened=None if opened is None else [row for one in opened for row in _rows(one, language)],
    )
    answer.headers.update(PAGE_HEADERS)
    return answer


def _said(one: Release, language: str) -> str:
    state = catalogue.text(f"release_state_{one.state}", language)
    kinds, until = kinds_in_words(one.fields, language), numerals.moment(one.until or one.lapses, language)
    return catalogue.text("releases_one", language, fields=kinds, targets=len(one.targets), state=state, until=until)


def _rows(one: Opened, language: str) -> list[tuple[str, str, str]]:
    """Pseudonym, kind and value of what one target opened to."""
    return [(one.pseudonym, kinds_in_words([kind], language), shown[FIELD]) for kind, shown in one.values.items()]
