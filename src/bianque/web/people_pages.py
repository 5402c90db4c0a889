"""Finding and reading a person: the number is sent in a form and stands in no address; what is shown is a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.services import people_lists
from bianque.services.find_person import find_person
from bianque.services.follow_ups import Assigned, own_list
from bianque.services.show_person import PersonView, show_person
from bianque.services.tables import words
from bianque.web import identity, rendering
from bianque.web.address import Address
from bianque.web.guard import AnySession
from bianque.web.login_pages import text_of
from bianque.web.pages import AtAddress, lake_of
from bianque.web.posting import PAGE_HEADERS, Sent
from bianque.web.refusals import Refusal

router = APIRouter()

KINDS = ("phone", "id_number")
Shown = list[tuple[str, str]]  # name and text of each field


@router.get("/people")
def people_page(request: Request, authority: AnySession, address: AtAddress) -> HTMLResponse:
    """Whom the reader follows up in the chosen emergency, and the search form."""
    if authority.emergency is None:
        return _page(request, address, "none_chosen")
    mine = own_list(identity.register_of(request), authority)
    shown = _in_words(request, authority, address, [one.person.view for one in mine])
    count = len(mine)
    key = {0: "people_sentence", 1: "people_assigned_sentence_one"}.get(count, "people_assigned_sentence")
    return _page(request, address, key, assigned=list(zip(mine, shown, strict=True)), count=count)


def _page(
    request: Request,
    address: Address,
    key: str,
    found: list[tuple[PersonView, Shown]] | None = None,
    assigned: list[tuple[Assigned, Shown]] | None = None,
    **values: object,
) -> HTMLResponse:
    answer = rendering.page(
        request,
        "people",
        address,
        sentence=catalogue.text(key, address.language, **values),
        kinds=KINDS,
        found=found,
        looked=found is not None,
        assigned=assigned,
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
    shown = _in_words(request, authority, address, [one.view for one in found])
    return _page(request, address, key, list(zip(found, shown, strict=True)), count=len(found))


def _in_words(
    request: Request, authority: Authority, address: Address, views: Sequence[Mapping[str, str]]
) -> list[Shown]:
    """Of each view the fields' names and texts as they may be seen, codes by their names."""
    if not views:
        return []
    places, language = lake_of(request).regions(), address.language
    lists = people_lists.names(identity.register_of(request), authority)
    return [
        [
            (words.field_name(field, language), words.person_value(field, text, places, lists, language))
            for field, text in view.items()
        ]
        for view in views
    ]


@router.get("/people/{record}.json")
def person_json(record: str, request: Request, authority: AnySession) -> JSONResponse:
    shown = show_person(identity.register_of(request), authority, record)
    return JSONResponse({"id": shown.id, "fields": dict(shown.view), "masked": sorted(shown.view.masked)})


@router.get("/people/{record}")
def person_page(record: str, request: Request, authority: AnySession, address: AtAddress) -> HTMLResponse:
    shown = show_person(identity.register_of(request), authority, record)
    masked = len(shown.view.masked)
    key = "people_person_masked" if masked else "people_person_whole"
    (named,) = _in_words(request, authority, address, [shown.view])
    return rendering.page(
        request,
        "person",
        address,
        sentence=catalogue.text(key, address.language, count=len(shown.view), masked=masked),
        fields=[
            (name, text, field in shown.view.masked) for field, (name, text) in zip(shown.view, named, strict=True)
        ],
    )
