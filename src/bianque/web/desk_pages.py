"""The desk of the data-protection officer: who read what and why, what was refused, what is due, what ends soon."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.registry.audit import Link
from bianque.services import numerals, oversight
from bianque.services.oversight import DAYS, Desk
from bianque.services.tables import access, deadlines
from bianque.services.tables.table import Table
from bianque.web import identity, rendering
from bianque.web.downloads import csv_file
from bianque.web.guard import AuditReader
from bianque.web.pages import AtAddress, OfLake
from bianque.web.refusals import Refusal

router = APIRouter()

SHOWN = 30
OF_EMERGENCY = ("rights", "forms", "releases", "protected")  # empty as well where none is chosen
REFUSED_BY = ("account", "action", "rule")  # what names one line of the refusals


def _tables(desk: Desk, lake: Lake, authority: Authority, language: str) -> dict[str, Table]:
    """In the order of the page: what somebody waits for, then what was done."""
    today = authority.at.date()
    return {
        "notices": access.notices(desk.notices, language),
        "rights": deadlines.rights(desk.rights, today, language),
        "forms": deadlines.forms(desk.forms, today, language),
        "releases": access.releases(desk.releases, language),
        "grants": access.grants(desk.expiring, lake.regions(), language),
        "refused": access.refusals(desk.refused, language),
        "reads": access.events(desk.reads, "reads", language, explained=True),
        "protected": access.protections(desk.protections, language),
    }


def _sentence(desk: Desk, language: str) -> str:
    totals = desk.totals
    values = {"days": DAYS, "readers": totals.readers, "subjects": totals.subjects}
    values["refused"] = totals.refused
    return catalogue.text("desk_sentence" if totals.readers else "desk_sentence_quiet", language, **values)


@router.get("/desk")
def desk_page(request: Request, authority: AuditReader, lake: OfLake, address: AtAddress) -> HTMLResponse:
    desk, language = oversight.desk(identity.register_of(request), authority), address.language
    today = authority.at.date()
    late = {
        "rights": sum(one.overdue(today) for one in desk.rights),
        "forms": sum(one.overdue(today) for one in desk.forms),
    }
    return rendering.page(
        request,
        "desk",
        address,
        sentence=_sentence(desk, language),
        overdue=[
            (section, catalogue.text(f"desk_overdue_{section}", language, count=count))
            for section, count in late.items()
            if count
        ],
        tables=_tables(desk, lake, authority, language),
        days=DAYS,
        shown=SHOWN,
        of_emergency=OF_EMERGENCY,
    )


@router.get("/desk.json")
def desk_json(request: Request, authority: AuditReader, lake: OfLake, address: AtAddress) -> JSONResponse:
    tables = _tables(oversight.desk(identity.register_of(request), authority), lake, authority, address.language)
    emergency = {"emergency": authority.emergency_id or None}
    return JSONResponse(emergency | {name: table.records() for name, table in tables.items()})


def _refused(request: Request, authority: Authority) -> list[Link]:
    """The attempts of the line that the address names.

    raises  Refusal  when there is none
    """
    named = [request.query_params.get(part, "") for part in REFUSED_BY]
    try:
        return oversight.refused(identity.register_of(request), authority, *named)
    except BadInput as cause:
        raise Refusal(404, "no_refusals") from cause


def _refused_table(found: list[Link], language: str) -> Table:
    return access.events(found, "refusals", language, explained=True)


@router.get("/desk/refusals")
def refusals_page(request: Request, authority: AuditReader, address: AtAddress) -> HTMLResponse:
    """The attempts behind one line of the refusals, the newest first."""
    found, language = _refused(request, authority), address.language
    event = found[0].event
    heading = catalogue.text(
        "desk_refusals_heading",
        language,
        account=access.account_name(event.account, language),
        action=access.action_name(event.action, language),
        count=len(found),
        days=DAYS,
    )
    return rendering.page(
        request,
        "desk_refusals",
        address,
        heading=heading,
        why=access.rule_in_words(event, language),
        events=_refused_table(found, language),
        kept={part: getattr(event, part) for part in REFUSED_BY},
    )


@router.get("/desk/refusals.json")
def refusals_json(request: Request, authority: AuditReader, address: AtAddress) -> JSONResponse:
    return JSONResponse({"refusals": _refused_table(_refused(request, authority), address.language).records()})


@router.get("/desk/refusals.csv")
def refusals_csv(request: Request, authority: AuditReader, address: AtAddress) -> Response:
    table = _refused_table(_refused(request, authority), address.language)
    return csv_file(table, table.key)


@router.get("/desk/{name}.csv")
def desk_csv(name: str, request: Request, authority: AuditReader, lake: OfLake, address: AtAddress) -> Response:
    tables = _tables(oversight.desk(identity.register_of(request), authority), lake, authority, address.language)
    if name not in tables:
        raise Refusal(404, "not_found")
    return csv_file(tables[name], name)


def _explained(request: Request, authority: AuditReader, number: str) -> oversight.Explained:
    try:
        return oversight.explain(identity.register_of(request), authority, int(number))
    except (BadInput, ValueError, OverflowError) as cause:
        raise Refusal(404, "unknown_event") from cause


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
        account=access.account_name(event.account, language),
        at=event.at.replace("T", " ")[:19],
        action=access.action_name(event.action, language),
        outcome=catalogue.text(f"outcome_{event.outcome}", language),
    )
    said = access.event_in_words(event, language)
    return rendering.page(
        request,
        "desk_event",
        address,
        heading=heading,
        number_of=found.recorded.number,
        why=found.why.in_language(language) if found.why else "",
        record=[(key, _plain(value), said.get(key, "")) for key, value in _record(found).items()],
    )


def _record(found: oversight.Explained) -> dict[str, Any]:
    """The event as it stands in the chain, and its hash."""
    written: dict[str, Any] = json.loads(found.recorded.event.canonical())
    return {"number": found.recorded.number, **written, "hash": found.recorded.hash.hex()}


def _plain(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list) else str(value)
    return text or numerals.UNKNOWN
