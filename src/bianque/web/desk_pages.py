"""The desk of the data-protection officer: who read what and why, what was refused, what ends soon."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bianque.model import catalogue
from bianque.model.errors import BadInput
from bianque.services import numerals, oversight
from bianque.services.oversight import DAYS, Desk
from bianque.services.tables import access
from bianque.services.tables.table import Table
from bianque.web import identity, rendering
from bianque.web.guard import AuditReader
from bianque.web.pages import AtAddress
from bianque.web.refusals import Refusal

router = APIRouter()

SHOWN = 30


def _tables(desk: Desk, language: str) -> dict[str, Table]:
    return {
        "reads": access.events(desk.reads, "reads", language, explained=True),
        "refused": access.events(desk.refused, "refused", language, explained=True),
        "notices": access.notices(desk.notices, language),
        "releases": access.releases(desk.releases, language),
        "grants": access.grants(desk.expiring, language),
        "protected": access.protections(desk.protections, language),
    }


def _sentence(desk: Desk, language: str) -> str:
    totals = desk.totals
    values = {"days": DAYS, "readers": totals.readers, "subjects": totals.subjects}
    values["refused"] = totals.refused
    return catalogue.text("desk_sentence" if totals.readers else "desk_sentence_quiet", language, **values)


@router.get("/desk")
def desk_page(request: Request, authority: AuditReader, address: AtAddress) -> HTMLResponse:
    desk, language = oversight.desk(identity.register_of(request), authority), address.language
    return rendering.page(
        request,
        "desk",
        address,
        sentence=_sentence(desk, language),
        tables=_tables(desk, language),
        days=DAYS,
        shown=SHOWN,
    )


@router.get("/desk.json")
def desk_json(request: Request, authority: AuditReader, address: AtAddress) -> JSONResponse:
    tables = _tables(oversight.desk(identity.register_of(request), authority), address.language)
    return JSONResponse({name: table.records() for name, table in tables.items()})


@router.get("/desk/{name}.csv")
def desk_csv(name: str, request: Request, authority: AuditReader, address: AtAddress) -> Response:
    tables = _tables(oversight.desk(identity.register_of(request), authority), address.language)
    if name not in tables:
        raise Refusal(404, "not_found")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(("\ufeff" + tables[name].csv()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _explained(request: Request, authority: AuditReader, number: str) -> oversight.Explained:
    try:
        return oversight.explain(identity.register_of(request), authority, int(number))
    except (BadInput, ValueError, OverflowError) as cause:
        raise Refusal(404, "unknown_event", given=number) from cause


@router.get("/desk/events/{number}.json")
def event_json(number: str, request: Request, authority: AuditReader) -> JSONResponse:
    found = _explained(request, authority, number)
    return JSONResponse(_record(found) | {"why": found.why.model_dump() if found.why else None})


@router.get("/desk/events/{number}")
def event_page(number: str, request: Request, authority: AuditReader, address: AtAddress) -> HTMLResponse:
    found, language = _explained(request, authority, number), address.language
    event = found.recorded.event
    heading = catalogue.text(
        "desk_event_heading",
        language,
        account=event.account or catalogue.text("desk_event_anonymous", language),
        at=event.at.replace("T", " ")[:19],
        action=access.action_name(event.action, language),
        outcome=catalogue.text(f"outcome_{event.outcome}", language),
    )
    return rendering.page(
        request,
        "desk_event",
        address,
        heading=heading,
        number_of=found.recorded.number,
        why=found.why.in_language(language) if found.why else "",
        record=[
            (key, numerals.UNKNOWN if value in ("", []) else _plain(value)) for key, value in _record(found).items()
        ],
    )


def _record(found: oversight.Explained) -> dict[str, Any]:
    """The event as it stands in the chain, and its hash."""
    written: dict[str, Any] = json.loads(found.recorded.event.canonical())
    return {"number": found.recorded.number, **written, "hash": found.recorded.hash.hex()}


def _plain(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list) else str(value)
    return text or numerals.UNKNOWN
