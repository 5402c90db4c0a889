"""What a reader takes along: tables as CSV, charts as SVG, the map's shapes, quarantined rows, the report."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.situation import Situation
from bianque.services import charts, drawing, feeds, picture, report, scales, shapes
from bianque.services.tables import findings, intake, words
from bianque.services.tables import regions as region_tables
from bianque.services.tables.table import Table
from bianque.web import reading
from bianque.web.address import Address
from bianque.web.guard import SITUATION, RowsReader, SituationReader
from bianque.web.pages import AtAddress, OfLake, Wanted, rows_tables
from bianque.web.refusals import Refusal

router = APIRouter()

ROWS_AT_MOST = 100_000

OF_PICTURE: dict[str, Callable[[Situation, str], Table]] = {
    "signals": findings.signals,
    "not_assessed": findings.not_assessed,
    "change_points": findings.change_points,
    "importation": findings.importation,
    "published": findings.published,
    "feeds": intake.feeds,
}


def csv_file(table: Table, stem: str) -> Response:
    """A table as a CSV file, `stem.csv`."""
    # A byte-order mark, so that spreadsheet programs read Chinese names as UTF-8.
    content = ("\ufeff" + table.csv()).encode()
    headers = {"Content-Disposition": f'attachment; filename="{stem}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _csv(table: Table, now: Situation) -> Response:
    return csv_file(table, f"{now.id}-{now.as_of}-{table.key}")


@router.get("/tables/receipts.csv")
def receipts_csv(authority: RowsReader, lake: OfLake, address: AtAddress) -> Response:
    now = reading.situation(authority, lake, address.as_of)
    return _csv(intake.receipts(feeds.receipts(authority, lake), address.language), now)


@router.get("/tables/rows.csv")
def rows_csv(authority: RowsReader, lake: OfLake, address: AtAddress, wanted: Wanted) -> Response:
    return _rows_csv("rows", authority, lake, address, wanted)


@router.get("/tables/flows.csv")
def flows_csv(authority: RowsReader, lake: OfLake, address: AtAddress, wanted: Wanted) -> Response:
    return _rows_csv("flows", authority, lake, address, wanted)


def _rows_csv(key: str, authority: Authority, lake: Lake, address: Address, wanted: dict[str, str]) -> Response:
    now = reading.situation(authority, lake, address.as_of)
    for table in rows_tables(authority, lake, now, wanted, address.language, ROWS_AT_MOST):
        if table.key == key:
            return _csv(table, now)
    raise Refusal(404, "not_found")


@router.get("/tables/{name}.csv")
def table_csv(name: str, request: Request, authority: SituationReader, lake: OfLake, address: AtAddress) -> Response:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    if name == "regions":
        table = region_tables.regions(now, language).sorted_by(address.sort, descending=address.order == "desc")
    elif name in ("series", "forecast"):
        region = reading.region(now, request.query_params.get("region") or now.whole.code)
        table = (
            region_tables.series(now, region, language)
            if name == "series"
            else region_tables.forecast(region, language)
        )
    elif name in OF_PICTURE:
        code = request.query_params.get("region")
        here = reading.findings_of(now, reading.region(now, code).code) if code else now
        table = OF_PICTURE[name](here, language)
    else:
        raise Refusal(404, "not_found")
    return _csv(table, now)


@router.get("/charts/{name}.svg")
def chart_svg(name: str, request: Request, authority: SituationReader, lake: OfLake, address: AtAddress) -> Response:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    if name == "map":
        svg = _map(lake, now, address)
    elif name in charts.CHARTS:
        region = reading.region(now, request.query_params.get("region") or now.whole.code)
        svg = drawing.line_chart(charts.chart(now, region, name, language, model=address.model), language)
    else:
        raise Refusal(404, "not_found")
    return Response(svg, media_type="image/svg+xml")


def _map(lake: Lake, now: Situation, address: Address) -> str:
    drawn_on = shapes.of(now, picture.shapes(lake))
    if drawn_on is None:
        raise Refusal(404, "not_found")
    title = catalogue.text(f"metric_{address.metric}_long", address.language)
    drawn = scales.choropleth(now, address.metric, language=address.language)
    return drawing.map_svg(drawn_on, drawn, words.names(now, address.language), title)


@router.get("/shapes.json", dependencies=[Depends(SITUATION)])
def shapes_json(lake: OfLake) -> JSONResponse:
    own = picture.shapes(lake)
    if own is None:
        raise Refusal(404, "not_found")
    return JSONResponse(own)


@router.get("/data/quarantine/{receipt}.csv")
def quarantine_csv(receipt: str, authority: RowsReader, lake: OfLake) -> Response:
    try:
        content = feeds.quarantine(authority, lake, receipt)
    except BadInput as cause:
        raise Refusal(404, "unknown_receipt") from cause
    headers = {"Content-Disposition": f'attachment; filename="quarantine-{receipt}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/report.html")
def report_page(authority: SituationReader, lake: OfLake, address: AtAddress) -> HTMLResponse:
    """The report as `assess` writes it: one file that needs nothing else, so with its style and switch inside."""
    now = reading.situation(authority, lake, address.as_of)
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    return HTMLResponse(report.render(now, picture.shapes(lake)), headers={"Content-Security-Policy": policy})
