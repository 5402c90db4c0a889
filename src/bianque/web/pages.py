"""The pages, and the same as JSON: load the picture, choose what to show, render."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.situation import RegionPicture, Situation
from bianque.services import brief, charts, definitions, feeds, numerals, picture, scales, sentences, tiles
from bianque.services.brief import Change, Decision
from bianque.services.charts import Chart
from bianque.services.scales import Choropleth, Ground
from bianque.services.tables import findings, intake, words
from bianque.services.tables import regions as region_tables
from bianque.services.tables.table import Table
from bianque.web import assets, figures, reading, rendering
from bianque.web.address import Address, address_of
from bianque.web.guard import RowsReader, SituationReader

router = APIRouter()
open_router = APIRouter()  # what is no secret: what the figures mean

WALL_LINES = 5  # lines of a list that fit a wall screen of 1920 × 1080 under the headline
ROWS_SHOWN = 500


def lake_of(request: Request) -> Lake:
    lake: Lake = request.app.state.lake
    return lake


OfLake = Annotated[Lake, Depends(lake_of)]
AtAddress = Annotated[Address, Depends(address_of)]


def map_url(lake: Lake, now: Situation) -> str | None:
    """Where the map's shapes are: the lake's own, or the vendored map of China; None where there are none."""
    if now.own_shapes:
        return f"/shapes.json?v={now.lake_state}" if picture.shapes(lake) else None
    if now.region_system != "cn" or "vendor/china.json" in assets.missing():
        return None
    return assets.url("vendor/china.json")


def _options(address: Address, request: Request, state: str, choices: dict[str, str]) -> list[dict[str, Any]]:
    """The links of a switch: same page, one part of its state changed."""
    path, current = request.url.path, getattr(address, state)
    return [
        {"href": address.to(path, **{state: key}), "label": label, "current": key == current}
        for key, label in choices.items()
    ]


def _curves(now: Situation, region: RegionPicture, address: Address) -> dict[str, Chart]:
    language = address.language
    return {
        "main": charts.chart(now, region, address.curve, language, model=address.model),
        "reproduction": charts.chart(now, region, "reproduction", language),
        "growth": charts.chart(now, region, "growth", language),
    }


def _curve_context(request: Request, now: Situation, region: RegionPicture, address: Address) -> dict[str, Any]:
    """What every page with curves needs: the charts, and the switches of their state."""
    models = charts.models(region)
    shown = Address(address.language, model=address.model or (models[0] if models else ""))
    model_options = _options(
        address, request, "model", {m: catalogue.text(f"method_{m}", address.language) for m in models}
    )
    for option, model in zip(model_options, models, strict=True):
        option["current"] = model == shown.model
    return {
        "charts": _curves(now, region, address),
        "curve_options": _options(
            address,
            request,
            "curve",
            {c: catalogue.text(f"curve_{c}", address.language) for c in ("daily", "cumulative")},
        ),
        "model_options": model_options,
        "missing_forecasts": _missing_forecasts(region, address.language),
    }


def _missing_forecasts(region: RegionPicture, language: str) -> list[str]:
    """Which models gave none, and why."""
    return [
        catalogue.text(
            "forecast_none",
            language,
            model=catalogue.text(f"method_{fan.model}", language),
            reason=words.reason(fan.reason, language),
        )
        for fan in region.forecasts
        if fan.reason
    ]


def _rankings(now: Situation, language: str) -> list[tuple[str, Table]]:
    """Name of the feed and table, one a travel feed: volumes of two feeds are never ranked together."""
    named = {feed.id: feed.name.in_language(language) for feed in now.feeds}
    rows = now.importation
    by_feed = {feed: [row for row in rows if row.feed == feed] for feed in dict.fromkeys(row.feed for row in rows)}
    return [(named.get(feed, feed), findings.importation(now, language, found=own)) for feed, own in by_feed.items()]


def _map_context(now: Situation, lake: Lake, address: Address, ground: Ground) -> tuple[dict[str, Any], Choropleth]:
    drawn = scales.choropleth(now, address.metric, ground, language=address.language)
    return {
        "choropleth": drawn,
        "region_map_drawn": map_url(lake, now) is not None,
        "map_title": catalogue.text(f"metric_{address.metric}_long", address.language),
        "metric_definition": address.metric,
    }, drawn


def _drawn(
    now: Situation, lake: Lake, address: Address, curves: dict[str, Chart], drawn: Choropleth | None, ground: Ground
) -> dict[str, Any]:
    """The data the browser draws from."""
    shapes = map_url(lake, now) if drawn else None
    return {
        "curves": {chart.key: figures.curve(chart, address.language) for chart in curves.values()},
        "map": figures.region_map(now, drawn, address, shapes) if drawn and shapes else None,
        "colours": rendering.COLOURS[ground],
    }


@router.get("/situation")
def situation_page(request: Request, authority: SituationReader, lake: OfLake, address: AtAddress) -> HTMLResponse:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    curves = _curve_context(request, now, now.whole, address)
    mapped, drawn = _map_context(now, lake, address, "light")
    signalled = findings.signals(now, language)
    return rendering.page(
        request,
        "picture",
        address,
        s=now,
        first=picture.span(lake)[0],
        tiles_listed=tiles.of_whole(now, language),
        metric_options=_options(
            address, request, "metric", {m: catalogue.text(f"metric_{m}", language) for m in scales.METRICS}
        ),
        regions=region_tables.regions(now, language).sorted_by(address.sort, descending=address.order == "desc"),
        series=region_tables.series(now, now.whole, language),
        forecast=region_tables.forecast(now.whole, language),
        signals=signalled,
        signals_sentence=sentences.signals(now, len(signalled.rows), language),
        not_assessed=findings.not_assessed(now, language),
        change_points=findings.change_points(now, language),
        published=findings.published(now, language),
        rankings=_rankings(now, language),
        feeds=intake.feeds(now, language),
        quality_sentence=sentences.quality(now, language),
        figures=_drawn(now, lake, address, curves["charts"], drawn, "light"),
        **curves,
        **mapped,
    )


@router.get("/situation.json")
def situation_json(authority: SituationReader, lake: OfLake, address: AtAddress) -> JSONResponse:
    """The whole picture, as documented for situation.json."""
    return JSONResponse(reading.situation(authority, lake, address.as_of).model_dump(mode="json"))


@router.get("/wall")
def wall_page(request: Request, authority: SituationReader, lake: OfLake, address: AtAddress) -> HTMLResponse:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    before = reading.day_before(lake, now)
    curves = _curve_context(request, now, now.whole, address)
    mapped, drawn = _map_context(now, lake, address, "dark")
    return rendering.page(
        request,
        "wall",
        address,
        ground="dark",
        s=now,
        before=before,
        shown=WALL_LINES,
        changes=brief.changes(now, before),
        decisions=brief.decisions(now),
        tiles_listed=tiles.of_whole(now, language),
        figures=_drawn(now, lake, address, curves["charts"], drawn, "dark"),
        **curves,
        **mapped,
    )


@router.get("/wall.json")
def wall_json(authority: SituationReader, lake: OfLake, address: AtAddress) -> JSONResponse:
    now = reading.situation(authority, lake, address.as_of)
    before = reading.day_before(lake, now)
    return JSONResponse(
        {
            "as_of": now.as_of.isoformat(),
            "headline": now.headline.model_dump(),
            "since": before.as_of.isoformat() if before else None,
            "changes": [_line(change) | {"regions": change.regions} for change in brief.changes(now, before)],
            "decisions": [_line(one) | {"why": one.why.model_dump()} for one in brief.decisions(now)],
            "lake_state": now.lake_state,
        }
    )


def _line(item: Change | Decision) -> dict[str, Any]:
    """A line of the brief; `behind` is the page that shows it."""
    return {"kind": item.kind, "text": item.text.model_dump(), "behind": Address("en").to(item.behind)}


@router.get("/regions/{code}.json")
def region_json(code: str, authority: SituationReader, lake: OfLake, address: AtAddress) -> JSONResponse:
    now = reading.situation(authority, lake, address.as_of)
    found = reading.region(now, code)
    return JSONResponse(
        {
            "as_of": now.as_of.isoformat(),
            "dates": [day.isoformat() for day in now.dates],
            "region": found.model_dump(mode="json"),
            **reading.findings_of(now, code).model_dump(
                mode="json", include={"signals", "not_assessed", "change_points", "importation"}
            ),
            "disclosure_rule": now.disclosure_rule.model_dump(),
        }
    )


@router.get("/regions/{code}")
def region_page(
    code: str, request: Request, authority: SituationReader, lake: OfLake, address: AtAddress
) -> HTMLResponse:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    found = reading.region(now, code)
    curves = _curve_context(request, now, found, address)
    here = reading.findings_of(now, code)
    return rendering.page(
        request,
        "region",
        address,
        s=now,
        r=found,
        first=picture.span(lake)[0],
        sentence=_region_sentence(now, found, language),
        tiles_listed=tiles.of_region(now, found, language),
        series=region_tables.series(now, found, language),
        forecast=region_tables.forecast(found, language),
        signals=findings.signals(here, language),
        signals_sentence=sentences.signals(now, len(here.signals), language),
        not_assessed=findings.not_assessed(here, language),
        change_points=findings.change_points(here, language),
        rankings=_rankings(here, language),
        figures=_drawn(now, lake, address, curves["charts"], None, "light"),
        **curves,
    )


def _region_sentence(now: Situation, found: RegionPicture, language: str) -> str:
    """Trend, reproduction number and signals of one region in a sentence."""
    rate = found.growth.value
    trend = catalogue.text(
        f"region_{found.trend}",
        language,
        region=found.name.in_language(language),
        growth="" if rate is None else numerals.number(rate, "percent"),
    )
    if found.reproduction.value is None:
        reproduction = catalogue.text("region_no_rt", language)
    else:
        reproduction = catalogue.text(
            "region_rt", language, rt=numerals.estimate(found.reproduction, "ratio", language)
        )
    today = {s.feed for s in now.signals if s.region == found.code and s.date == now.last_date}
    return trend + reproduction + catalogue.text("region_signal" if today else "region_no_signal", language)


@open_router.get("/definitions")
def definitions_page(request: Request, address: AtAddress) -> HTMLResponse:
    listed = [{"key": f, "name": definitions.name(f), "parts": definitions.parts(f)} for f in definitions.FIGURES]
    return rendering.page(request, "definitions", address, listed=listed)


@open_router.get("/definitions.json")
def definitions_json() -> JSONResponse:
    return JSONResponse(definitions.all_as_json())


@router.get("/data")
def data_page(request: Request, authority: RowsReader, lake: OfLake, address: AtAddress) -> HTMLResponse:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    receipts = feeds.receipts(authority, lake)
    return rendering.page(
        request,
        "data",
        address,
        s=now,
        first=picture.span(lake)[0],
        quality_sentence=sentences.quality(now, language),
        feeds=intake.feeds(now, language),
        receipts=intake.receipts(receipts, language),
        quarantines=[receipt for receipt in receipts if receipt.quarantined],
        **_filter_context(now, lake, {}, language),
    )


@router.get("/data.json")
def data_json(authority: RowsReader, lake: OfLake, address: AtAddress) -> JSONResponse:
    now = reading.situation(authority, lake, address.as_of)
    return JSONResponse(
        {
            "as_of": now.as_of.isoformat(),
            "feeds": [feed.model_dump(mode="json") for feed in now.feeds],
            "receipts": [receipt.model_dump(mode="json") for receipt in feeds.receipts(authority, lake)],
        }
    )


def wanted_rows(request: Request) -> dict[str, str]:
    """The filter of the rows page, without empty parts."""
    asked = request.query_params
    return {key: asked[key] for key in ("feed", "region", "measure") if asked.get(key)}


Wanted = Annotated[dict[str, str], Depends(wanted_rows)]


def _filter_context(now: Situation, lake: Lake, wanted: dict[str, str], language: str) -> dict[str, Any]:
    """What the form above the rows offers, and what it is set to."""
    named = words.names(now, language)
    measures = dict.fromkeys(m for feed in lake.emergency().feed for m in feed.measures)
    known: dict[str, Container[str]]
    known = {"feed": {feed.id for feed in now.feeds}, "region": named, "measure": measures}
    given = {key: value for key, value in wanted.items() if value in known[key]}
    return {
        "wanted": {key: given.get(key, "") for key in ("feed", "region", "measure")},
        "kept": given,
        "wanted_name": named.get(given.get("region", ""), ""),
        "known_regions": {now.whole.code, *(region.code for region in now.regions)},
        "measures": {key: words.measure(key, language) for key in measures},
    }


def rows_tables(
    authority: Authority, lake: Lake, now: Situation, wanted: dict[str, str], language: str, limit: int
) -> list[Table]:
    """Counts and flows behind a figure; a feed of flows has no measure and no single region."""
    named = words.names(now, language)
    of_flows = {feed.id for feed in now.feeds if feed.kind == "flows"}
    given = feeds.rows(
        authority,
        lake,
        as_of=now.as_of,
        feed=wanted.get("feed"),
        region=wanted.get("region"),
        measure=wanted.get("measure"),
        limit=limit,
    )
    tables = [intake.facts(given, named, now.disclosure_rule, language)]
    if wanted.get("feed") in of_flows:
        flows = feeds.flow_rows(authority, lake, as_of=now.as_of, feed=wanted["feed"], limit=limit)
        tables.append(intake.flows(flows, named, language))
    return tables


@router.get("/rows")
def rows_page(
    request: Request, authority: RowsReader, lake: OfLake, address: AtAddress, wanted: Wanted
) -> HTMLResponse:
    now, language = reading.situation(authority, lake, address.as_of), address.language
    tables = rows_tables(authority, lake, now, wanted, language, ROWS_SHOWN)
    count = sum(len(table.rows) for table in tables)
    key = "rows_none" if count == 0 else "rows_first" if count >= ROWS_SHOWN else "rows_all"
    return rendering.page(
        request,
        "rows",
        address,
        s=now,
        first=picture.span(lake)[0],
        tables=tables,
        sentence=catalogue.text(key, language, count=numerals.number(count), day=numerals.day(now.as_of, language)),
        **_filter_context(now, lake, wanted, language),
    )


@router.get("/rows.json")
def rows_json(authority: RowsReader, lake: OfLake, address: AtAddress, wanted: Wanted) -> JSONResponse:
    now = reading.situation(authority, lake, address.as_of)
    tables = rows_tables(authority, lake, now, wanted, address.language, ROWS_SHOWN)
    return JSONResponse(
        {"as_of": now.as_of.isoformat(), "disclosure_rule": now.disclosure_rule.model_dump()}
        | {table.key: jsonable_encoder(table.records()) for table in tables}
    )
