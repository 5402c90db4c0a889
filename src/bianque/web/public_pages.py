"""The page everybody may read: the figures that were released, newest first; and the same as JSON and CSV."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bianque.model.text import Text
from bianque.registry.publications import Publication
from bianque.services import numerals, released
from bianque.services.tables.released import count_cell
from bianque.services.tables.released import released as table_of
from bianque.web import identity, rendering
from bianque.web.downloads import csv_file
from bianque.web.pages import AtAddress
from bianque.web.refusals import Refusal

router = APIRouter()

EARLIER_SHOWN = 30
TILES = (
    ("total", "total", "count"),
    ("new_last", "new", "count"),
    ("new_7_days", "new_7_days", "count"),
    ("incidence_7_days_per_100k", "incidence", "decimal"),
    ("deaths_total", "deaths", "count"),
)


def _wanted(request: Request) -> tuple[Publication | None, list[Publication]]:
    """The release that is asked for, the newest without `release`; and all of them.

    raises  Refusal  when there is none of that id
    """
    found = released.released(identity.register_of(request))
    asked = request.query_params.get("release")
    if not asked:
        return (found[0] if found else None), found
    for one in found:
        if one.id == asked:
            return one, found
    raise Refusal(404, "unknown_release")


def _moment(one: Publication, language: str) -> str:
    return numerals.moment(one.decided_at or one.proposed_at, language)


def _by(request: Request, one: Publication) -> Text:
    return released.organisation_name(identity.register_of(request), one.decided_organisation)


@router.get("/")
def released_page(request: Request, address: AtAddress) -> HTMLResponse:
    identity.known(request)
    wanted, found = _wanted(request)
    if wanted is None:
        return rendering.page(request, "released", address, figures=None)
    language, figures = address.language, wanted.read()
    return rendering.page(
        request,
        "released",
        address,
        figures=figures,
        newest=wanted.id == found[0].id,
        wanted=wanted,
        by=_by(request, wanted).in_language(language),
        moment=_moment(wanted, language),
        tiles_listed=[(key, anchor, count_cell(figures.whole, key, form)) for key, anchor, form in TILES],  # type: ignore[arg-type]
        regions=table_of(figures, language),
        earlier=[(one, _moment(one, language)) for one in found if one.id != wanted.id],
        shown=EARLIER_SHOWN,
        kept={} if wanted.id == found[0].id else {"release": wanted.id},
    )


@router.get("/index.json")
def released_json(request: Request) -> JSONResponse:
    """The newest released figures, or those of `release`; `figures` is null before the first release."""
    wanted, found = _wanted(request)
    return JSONResponse(
        {
            "figures": wanted.read().model_dump(mode="json") if wanted else None,
            "release": _as_json(request, wanted) if wanted else None,
            "releases": [_as_json(request, one) for one in found],
        }
    )


def _as_json(request: Request, one: Publication) -> dict[str, Any]:
    by = _by(request, one).model_dump()
    return {
        "id": one.id,
        "as_of": one.as_of,
        "released_at": one.decided_at and one.decided_at.isoformat(),
        "released_by": by,
    }


@router.get("/index.csv")
def released_csv(request: Request, address: AtAddress) -> Response:
    wanted, _ = _wanted(request)
    if wanted is None:
        raise Refusal(404, "nothing_released")
    figures = wanted.read()
    return csv_file(table_of(figures, address.language), f"{figures.id}-{figures.as_of}-released")
