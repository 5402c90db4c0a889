"""Finding and reading a person: the number is sent in a form and stands in no address; what is shown is a view."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from bianque.model import catalogue
from bianque.model.regions import RegionSystem
from bianque.services.find_person import find_person
from bianque.services.follow_ups import Assigned, own_list
from bianque.services.show_person import PersonView, show_person
from bianque.services.tables import words
from bianque.web import identity, rendering
from bianque.web.address import Address
from bianque.web.guard import AnySession
from bianque.web.login_pages import text_of
from bianque.web.pages import AtAddress, OfLake, lake_of
from bianque.web.posting import PAGE_HEADERS, Sent
from bianque.web.refusals import Refusal

router = APIRouter()

KINDS = ("phone", "id_number")
REGION = "person.region"


@router.get("/people")
def people_page(request: Request, authority: AnySession, address: AtAddress) -> HTMLResponse:
    """The search form, and in an emergency whom the reader follows up."""
    mine = own_list(identity.register_of(request), authority) if authority.emergency else None
    return _page(request, address, "people_sentence", assigned=mine)


def _page(
    request: Request,
    address: Address,
    key: str,
    found: list[PersonView] | None = None,
    assigned: list[Assigned] | None = None,
    **values: object,
) -> HTMLResponse:
    places = lake_of(request).regions()
    answer = rendering.page(
        request,
        "people",
        address,
        sentence=catalogue.text(key, address.language, **values),
        kinds=KINDS,
        found=[(one, _shown(one.view, places, address.language)) for one in found or ()],
        looked=found is not None,
        assigned=None
        if assigned is None
        else [(one, _shown(one.person.view, places, address.language)) for one in assigned],
    )
    answer.headers.update(PAGE_HEADERS)
    return answer


@router.post("/people")
def find(request: Request, authority: AnySession, sent: Sent, address: AtAddress) -> HTMLResponse:
    """Who has a number: the answer to the form itself, so that no address holds it."""
    kind = text_of(sent, "kind")
    if kind not in KINDS:
        raise Refusal(422, "bad_form")
    found = find_person(identity.register_of(request), authority, kind, text_of(sent, "value"))
    key = {0: "people_found_none", 1: "people_found_one"}.get(len(found), "people_found_many")
    return _page(request, address, key, found, count=len(found))


def _shown(view: Mapping[str, str], places: RegionSystem, language: str) -> list[tuple[str, str]]:
    """Each field's name and its text as it may be seen, a region by its name; nothing where nothing is known."""
    return [
        (words.field_name(field, language), words.place(text, places, language) if field == REGION else text)
        for field, text in view.items()
    ]


@router.get("/people/{record}.json")
def person_json(record: str, request: Request, authority: AnySession) -> JSONResponse:
    shown = show_person(identity.register_of(request), authority, record)
    return JSONResponse({"id": shown.id, "fields": dict(shown.view), "masked": sorted(shown.view.masked)})


@router.get("/people/{record}")
def person_page(record: str, request: Request, authority: AnySession, lake: OfLake, address: AtAddress) -> HTMLResponse:
    shown = show_person(identity.register_of(request), authority, record)
    masked = len(shown.view.masked)
    key = "people_person_masked" if masked else "people_person_whole"
    return rendering.page(
        request,
        "person",
        address,
        sentence=catalogue.text(key, address.language, count=len(shown.view), masked=masked),
        fields=[
            (name, text, field in shown.view.masked)
            for field, (name, text) in zip(
                shown.view, _shown(shown.view, lake.regions(), address.language), strict=True
            )
        ],
    )
