"""The page of one structure: its picture in a window, what is at each position, its loops and pairs, its files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response

from bianque.model import catalogue
from bianque.model.errors import BadInput
from bianque.services import fold_answer, fold_view, structure_files
from bianque.services.fold_answer import Answer
from bianque.services.fold_jobs import Job
from bianque.services.tables import structure
from bianque.services.tables.table import Table
from bianque.web import rendering
from bianque.web.address import Address
from bianque.web.downloads import csv_file
from bianque.web.fold_window import VIEWS, Window, window_of
from bianque.web.folds import OfJob, OfJobs, as_json, waiting
from bianque.web.guard import FOLDS
from bianque.web.pages import AtAddress
from bianque.web.posting import PAGE_HEADERS
from bianque.web.refusals import Refusal

router = APIRouter(dependencies=[Depends(FOLDS)])

ROWS_A_PAGE = 50
POSITIONS_AT_MOST = 2_000  # in one answer
TABLES = ("loops", "pairs")
WORDS = ("position", "partner", "unpaired", "loop", "energy", "pair_probability", "unpaired_probability")
MEDIA = {"dbn": "text/plain", "ct": "text/plain", "bpseq": "text/plain", "json": "application/json"}


def answer_of(job: OfJob, jobs: OfJobs) -> Answer:
    """The stored answer to a question.

    raises  Refusal  when it is not done, or what is stored is damaged: then the question can be asked again;
            or it cannot be read now
    """
    if job.state.status != "done":
        raise Refusal(404, "unfinished_fold")
    try:
        return fold_answer.load(jobs.place(job.identity) / "answer.npz", job.question)
    except BadInput as cause:
        with suppress(OSError):  # a full disk: it is found again at the next look
            jobs.damaged(job)
        raise Refusal(404, "unfinished_fold", detail=cause.diagnostics()) from cause
    except OSError as cause:
        raise Refusal(503, "unreadable_fold", detail=cause.strerror or "") from cause


OfAnswer = Annotated[Answer, Depends(answer_of)]


def window_in(request: Request, job: OfJob) -> Window:
    return window_of(request, job.question)


AtWindow = Annotated[Window, Depends(window_in)]


@router.get("/fold/{identity}.json")
def answer_json(request: Request, job: OfJob, jobs: OfJobs, window: AtWindow, address: AtAddress) -> JSONResponse:
    if job.state.status != "done":
        return JSONResponse(as_json(job))
    answer, language = answer_of(job, jobs), address.language
    fold = answer.structure(window.kind).fold
    shown = {name: _listed(request, answer, window, name, language).table for name in TABLES}
    return JSONResponse(
        as_json(job)
        | {"structure": window.kind, "energy": fold.energy, "method": fold.method}
        | {"ensemble_energy": answer.ensemble.energy if answer.ensemble else None}
        | {"computed": answer.computed, "seconds": answer.seconds}
        | {"window": {"from": window.first, "to": window.last, "view": window.view}}
        | {name: jsonable_encoder(table.records()) for name, table in shown.items()}
    )


@router.get("/fold/{identity}")
def answer_page(request: Request, job: OfJob, jobs: OfJobs, window: AtWindow, address: AtAddress) -> HTMLResponse:
    if job.state.status == "done":
        page = _result(request, job, answer_of(job, jobs), window, address)
    else:
        page = _progress(request, job, address)
    page.headers.update(PAGE_HEADERS)
    return page


def _progress(request: Request, job: Job, address: Address) -> HTMLResponse:
    failure = f"fold_failed_{job.state.failure}" if job.state.failure else ""
    return rendering.page(
        request,
        "fold_progress",
        address,
        job=job,
        called=fold_view.called(job.question, address.language),
        said=waiting(job, address.language),
        reason=catalogue.text(failure, address.language) if failure else "",
        remedy=catalogue.text(f"{failure}_remedy", address.language) if failure else "",
    )


def _result(request: Request, job: Job, answer: Answer, window: Window, address: Address) -> HTMLResponse:
    language, path = address.language, f"/fold/{job.identity}"

    def link(to: Window, below: str = "") -> str:
        return address.to(path + below, **to.query())

    listed = [_listed(request, answer, window, name, language) for name in TABLES]
    turned_to = {name: str(one.page) for name, one in zip(TABLES, listed, strict=True) if one.page > 1}
    return rendering.page(
        request,
        "fold_result",
        address,
        kept={key: value for key, value in window.query().items() if value is not None} | turned_to,
        job=job,
        answer=answer,
        called=fold_view.called(job.question, language),
        sentence=fold_view.sentence(answer, window.kind, language),
        method=fold_view.method(answer, window.kind, language),
        computed=fold_view.moment(answer.computed, language),
        window=window,
        picture=fold_view.picture(answer, window.kind, window.view, window.first, window.last, language),
        picture_url=link(window, "/picture.svg"),
        positions_url=link(window.all(), "/positions.json"),
        files=[(kind, link(window.all().seen_as("arc"), f"/structure.{kind}")) for kind in MEDIA],
        words={key: catalogue.text(f"fold_word_{key}", language) for key in WORDS},
        tables=[(one, link(window, f"/{name}.csv"), name) for name, one in zip(TABLES, listed, strict=True)],
        turned=lambda name, page: address.to(f"{path}#{name}", **window.query(), **{name: str(page)}),
        **_choices(answer, window, link, language),
    )


def _choices(answer: Answer, window: Window, link: Callable[[Window], str], language: str) -> dict[str, Any]:
    """The links of the page's switches: which structure, which picture, which window."""
    kinds = [(f"fold_kind_{kind}", window.of(kind)) for kind in answer.kinds]
    views = [(f"fold_view_{view}", window.seen_as(view)) for view in VIEWS]
    moves = {
        "in": window.scaled(0.5),
        "out": window.scaled(2),
        "left": window.moved(-0.5),
        "right": window.moved(0.5),
        "all": window.all(),
    }

    def option(key: str, to: Window) -> dict[str, Any]:
        return {"label": catalogue.text(key, language), "href": link(to), "current": to == window}

    return {
        "kinds": [option(key, to) for key, to in kinds],
        "views": [option(key, to) for key, to in views],
        "moves": [option(f"fold_move_{key}", to) | {"id": f"move-{key}"} for key, to in moves.items() if to != window],
    }


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a table's rows, its number, and how many pages there are."""

    table: Table
    page: int
    pages: int


def _listed(request: Request, answer: Answer, window: Window, name: str, language: str) -> Listed:
    """The page of a table that is asked for: `?loops=2` is the second page of the loops."""
    found = _found(answer, window, name)
    pages = max(1, -(-len(found) // ROWS_A_PAGE))
    given = request.query_params.get(name) or "1"
    try:
        page = int(given)
    except ValueError:  # also what Python says to thousands of digits
        page = 0
    if not 1 <= page <= pages:
        raise Refusal(400, "bad_choice", key=name, allowed=f"1–{pages}")
    end = page * ROWS_A_PAGE
    return Listed(_table(answer, window, name, found[end - ROWS_A_PAGE : end], language), page, pages)


def _found(answer: Answer, window: Window, name: str) -> list[Any]:
    """What a table of the window has to list, without its words: those take long for a whole genome."""
    between = structure.loops_between if name == "loops" else structure.pairs_between
    return between(answer.structure(window.kind), window.first, window.last)


def _table(answer: Answer, window: Window, name: str, found: list[Any], language: str) -> Table:
    if name == "loops":
        return structure.loops(found, language)
    return structure.pairs(answer.structure(window.kind), found, language)


@router.get("/fold/{identity}/picture.svg")
def picture_svg(job: OfJob, answer: OfAnswer, window: AtWindow, address: AtAddress) -> Response:
    svg = fold_view.picture(answer, window.kind, window.view, window.first, window.last, address.language)
    return _file(svg, "image/svg+xml", f"{_stem(job)}-{window.view}-{window.first}-{window.last}.svg")


@router.get("/fold/{identity}/structure.{kind}")
def structure_file(kind: str, job: OfJob, answer: OfAnswer, window: AtWindow) -> Response:
    """The whole structure in a format that other programs read."""
    if kind not in MEDIA:
        raise Refusal(404, "not_found")
    fold = answer.structure(window.kind).fold
    content = structure_files.text(kind, _stem(job), fold, answer.ensemble)
    return _file(content, MEDIA[kind], f"{_stem(job)}-{window.kind}.{kind}")


@router.get("/fold/{identity}/positions.json")
def positions_json(answer: OfAnswer, window: AtWindow, address: AtAddress) -> JSONResponse:
    if window.last - window.first >= POSITIONS_AT_MOST:
        raise Refusal(400, "too_many_positions", most=f"{POSITIONS_AT_MOST:,}")
    found = fold_view.positions(answer.structure(window.kind), window.first, window.last, address.language)
    return JSONResponse(found)


@router.get("/fold/{identity}/{name}.csv")
def fold_table_csv(name: str, job: OfJob, answer: OfAnswer, window: AtWindow, address: AtAddress) -> Response:
    if name not in TABLES:
        raise Refusal(404, "not_found")
    table = _table(answer, window, name, _found(answer, window, name), address.language)
    return csv_file(table, f"{_stem(job)}-{name}")


def _stem(job: Job) -> str:
    """What its files are called."""
    return f"fold-{fold_view.digest(job.identity)}-{len(job.question.sequence)}nt"


def _file(content: str, media_type: str, name: str) -> Response:
    return Response(
        content.encode(), media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
