"""The application: `uvicorn bianque.web.app:create_app --factory`, with BIANQUE_LAKE and BIANQUE_REGISTER set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from bianque.model.errors import BadInput, BianqueError, NotLoggedIn, PolicyRefusal
from bianque.registry.register import open_register
from bianque.services import lakes
from bianque.services.fold_jobs import Jobs
from bianque.web import (
    access_pages,
    approval_pages,
    assets,
    desk_pages,
    downloads,
    ending,
    events,
    fold_pages,
    folds,
    login_pages,
    logs,
    metrics_page,
    pages,
    passkey_pages,
    people_pages,
    public_pages,
    release_pages,
    rendering,
    returning,
    worker,
)
from bianque.web.address import language_of
from bianque.web.counts import counts
from bianque.web.guard import SITUATION, SituationReader
from bianque.web.headers import HeadAsGet, KnownHosts, SecurityHeaders
from bianque.web.kept_door import KeptDoor
from bianque.web.leaving import WhileItStands
from bianque.web.logs import Observed
from bianque.web.pages import OfLake
from bianque.web.refusals import NotPermitted, Refusal, wants_json
from bianque.web.settings import Settings

ROUTERS = (
    public_pages.router,
    pages.open_router,
    login_pages.router,
    passkey_pages.router,
    pages.router,
    downloads.router,
    folds.router,
    fold_pages.router,
    access_pages.router,
    approval_pages.router,
    desk_pages.router,
    people_pages.router,
    release_pages.router,
    metrics_page.router,
)
PROOF_TOO_OLD = "proof-too-old"  # the rule that asks for the second factor anew


def create_app(
    lake: Path | None = None, jobs: Path | None = None, register: Path | None = None, *, secure: bool | None = None
) -> FastAPI:
    """The pages over one lake, one register and one folder of jobs, whose worker runs while the application does.

    secure  readers come over https: cookies then go over nothing else
    raises  BadLake      when there is no lake
            BadRegister  when there is no register
            BadInput     when the folder of the jobs is inside the lake
    """
    named = (("lake", lake), ("jobs", jobs), ("register_folder", register), ("secure", secure))
    given = {key: value for key, value in named if value is not None}
    settings = Settings(**given)  # type: ignore[arg-type]  # the rest is from the environment
    app = FastAPI(title="Bianque", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_with_worker)
    app.state.lake = lakes.open_lake(settings.lake)
    app.state.register = open_register(settings.register_folder)
    app.state.door = KeptDoor(settings.register_folder)
    app.state.secure = settings.secure
    app.state.jobs = _jobs(settings)
    app.state.stopping = False
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/events", _events)
    app.add_api_route("/static/{name:path}", _static)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotLoggedIn, _not_logged_in)
    app.add_exception_handler(PolicyRefusal, _not_permitted)
    app.add_exception_handler(BianqueError, _bianque_error)
    app.add_exception_handler(Exception, _defect)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(WhileItStands, refuse=_ended_meanwhile)
    app.add_middleware(SecurityHeaders, https=settings.secure)
    app.add_middleware(Observed)
    app.add_middleware(HeadAsGet)
    app.add_middleware(KnownHosts, hosts=tuple(host.lower() for host in settings.hosts))
    return app


def _jobs(settings: Settings) -> Jobs | BadInput:
    """The jobs, or why there can be none: the other pages do without."""
    folder, lake = settings.jobs_folder(), settings.lake.resolve()
    if lake in (folder.resolve(), *folder.resolve().parents):
        raise BadInput(f"the jobs folder {folder} is inside the lake", remedy="choose another with --jobs")
    try:
        return Jobs(folder)
    except BadInput as why:
        return why


@asynccontextmanager
async def _with_worker(app: FastAPI) -> AsyncIterator[None]:
    logs.write_to_stderr()
    jobs = app.state.jobs
    try:
        async with ending.at_work(app.state.register):
            if not isinstance(jobs, Jobs):
                yield
                return
            async with worker.at_work(jobs.folder):
                yield
    finally:
        app.state.door.close()


async def _events(request: Request, authority: SituationReader, lake: OfLake) -> StreamingResponse:
    del authority  # the guard has asked for it
    standing = events.Standing(request, SITUATION)
    return StreamingResponse(events.states(lake, standing), media_type="text/event-stream")


def _static(name: str, request: Request) -> Response:
    return assets.respond(name, request)


def _refuse(request: Request, why: Refusal) -> Response:
    """As JSON where JSON was asked for, else as a page in the reader's language."""
    counts.refused(why.key)
    if wants_json(request):
        return JSONResponse(why.as_json(), why.status)
    return rendering.refusal(request, why, language_of(request))


def _ended_meanwhile(request: Request) -> Response:
    return _refuse(request, Refusal(403, "ended_meanwhile"))


def _refused(request: Request, why: Exception) -> Response:
    assert isinstance(why, Refusal)
    return _refuse(request, why)


def _http_error(request: Request, why: Exception) -> Response:
    assert isinstance(why, HTTPException)
    key = {404: "not_found", 405: "not_allowed"}.get(why.status_code, "bad_request")
    answer = _refuse(request, Refusal(why.status_code, key))
    if why.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_taken(request.url.path)))  # RFC 9110, 15.5.6
    return answer


def _taken(path: str) -> set[str]:
    """The verbs of an address: only those of folds take another than GET."""
    routes = [route for route in folds.router.routes if isinstance(route, APIRoute)]
    taken = {verb for route in routes if route.path_regex.fullmatch(path) for verb in route.methods or ()}
    return taken | {"GET", "HEAD"} if "GET" in taken or not taken else taken


def _invalid(request: Request, why: Exception) -> Response:
    del why
    return _refuse(request, Refusal(422, "bad_request"))


def _not_logged_in(request: Request, why: Exception) -> Response:
    """A page leads to the log-in and back again; anything else hears that it has to log in."""
    del why
    if wants_json(request) or not returning.is_page(request):
        return _refuse(request, Refusal(401, "not_logged_in"))
    return RedirectResponse(returning.login_for(request), 303)


def _not_permitted(request: Request, why: Exception) -> Response:
    assert isinstance(why, PolicyRefusal)
    if why.decision.rule == PROOF_TOO_OLD and not wants_json(request):
        return RedirectResponse(returning.prove_for(request), 303)
    return _refuse(request, NotPermitted(why.decision))


def _bianque_error(request: Request, why: Exception) -> Response:
    assert isinstance(why, BianqueError)
    return _refuse(request, Refusal(503, "no_answer", detail=why.diagnostics()))


def _defect(request: Request, why: Exception) -> Response:
    """A defect: the server's log has the traceback, the reader gets none."""
    del why
    return _refuse(request, Refusal(500, "defect"))
