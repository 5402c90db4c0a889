"""The page /fold: ask for a structure, see what was asked before, wait for it or cancel it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.errors import BadField, BadInput, QueueFull
from bianque.services import fold_question, folding
from bianque.services.fold_examples import examples
from bianque.services.fold_jobs import QUEUED_AT_MOST, Job, Jobs
from bianque.services.fold_question import Question
from bianque.services.tables import asked
from bianque.web import events, posting, rendering
from bianque.web.address import Address
from bianque.web.guard import FOLDS, Folder
from bianque.web.pages import AtAddress
from bianque.web.posting import Posted, Sent
from bianque.web.refusals import Refusal, wants_json

router = APIRouter(dependencies=[Depends(FOLDS)])


def jobs_of(request: Request) -> Jobs:
    """The jobs.

    raises  Refusal  when there can be none here
    """
    jobs: Jobs | BadInput = request.app.state.jobs
    if isinstance(jobs, BadInput):
        raise Refusal(503, "no_jobs", detail=jobs.diagnostics())
    return jobs


OfJobs = Annotated[Jobs, Depends(jobs_of)]


def job_of(identity: str, jobs: OfJobs) -> Job:
    try:
        return jobs.get(identity)
    except KeyError as cause:
        raise Refusal(404, "unknown_fold") from cause


def listed_in(jobs: Jobs) -> list[Job]:
    """Every job.

    raises  Refusal  when their folder is gone
    """
    try:
        return jobs.all()
    except OSError as cause:
        raise Refusal(503, "no_jobs", detail=cause.strerror or "") from cause


OfJob = Annotated[Job, Depends(job_of)]


@router.get("/fold")
def fold_page(request: Request, address: AtAddress) -> HTMLResponse:
    example = examples().get(request.query_params.get("example", ""))
    if example is None:
        return _form(request, address, fold_question.Form(""))
    form = fold_question.Form(f">{example.key}\n{example.sequence}")
    return _form(request, address, form, kept={"example": example.key})


def _form(
    request: Request,
    address: Address,
    form: fold_question.Form,
    wrong: BadField | None = None,
    kept: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page with the form, filled in; where something is wrong, it says what, and what to do."""
    jobs: Jobs | BadInput = request.app.state.jobs
    listed = [] if isinstance(jobs, BadInput) else listed_in(jobs)
    waiting = sum(not job.state.over for job in listed)
    key = "fold_lead" if waiting == 0 else "fold_lead_waiting"
    answer = rendering.page(
        request,
        "fold",
        address,
        status=422 if wrong else 200,
        kept=kept,
        sentence=catalogue.text(key, address.language, count=waiting),
        no_jobs=jobs.diagnostics() if isinstance(jobs, BadInput) else "",
        form=form,
        wrong=wrong,
        examples=examples().values(),
        asked=asked.asked(listed, address.language),
        unasked_up_to=fold_question.UNASKED_UP_TO,
        limit=posting.BODY_AT_MOST // 1000,
    )
    answer.headers.update(posting.PAGE_HEADERS)
    return answer


@router.get("/fold.json")
def fold_json(jobs: OfJobs) -> JSONResponse:
    listed = [as_json(jobs.get(job.identity)) for job in listed_in(jobs)]
    return JSONResponse({"bytes_at_most": posting.BODY_AT_MOST, "queued_at_most": QUEUED_AT_MOST, "asked": listed})


@router.post("/fold")
async def ask(request: Request, authority: Folder, sent: Sent, jobs: OfJobs, address: AtAddress) -> Response:
    form = await _filled_in(sent)
    try:
        asked_for = await run_in_threadpool(fold_question.question, form)
        job = await run_in_threadpool(_submit, authority, jobs, asked_for)
    except BadField as wrong:
        if wants_json(request):
            return JSONResponse(_wrong_as_json(wrong), 422)
        return await run_in_threadpool(_form, request, address, form.shown_again(), wrong)
    return RedirectResponse(address.to(f"/fold/{job.identity}"), 303)


async def _filled_in(sent: FormData) -> fold_question.Form:
    """What was typed; a file stands for the sequence.

    A form says its own encoding, and some yield halves of characters, which no page could show again.
    """
    given = {key: value.encode(errors="replace").decode() for key, value in sent.items() if isinstance(value, str)}
    file = sent.get("file")
    uploaded = folding.text_of(await file.read()) if isinstance(file, UploadFile) else ""
    return fold_question.Form(
        given.get("sequence", ""),
        uploaded,
        given.get("span", ""),
        given.get("temperature", ""),
        given.get("probabilities", "auto"),
    )


def _submit(authority: Authority, jobs: Jobs, question: Question) -> Job:
    try:
        return jobs.submit(authority, question)
    except QueueFull as cause:
        raise Refusal(429, "queue_full", count=QUEUED_AT_MOST) from cause
    except OSError as cause:
        raise Refusal(503, "no_jobs", detail=cause.strerror or "") from cause


@router.post("/fold/{identity}/cancel", dependencies=[Posted])
def cancel(authority: Folder, job: OfJob, jobs: OfJobs, address: AtAddress) -> RedirectResponse:
    try:
        jobs.cancel(authority, job.identity)
    except OSError as cause:
        raise Refusal(503, "no_jobs", detail=cause.strerror or "") from cause
    return RedirectResponse(address.to(f"/fold/{job.identity}"), 303)


@router.post("/fold/{identity}/again", dependencies=[Posted])
def ask_again(authority: Folder, job: OfJob, jobs: OfJobs, address: AtAddress) -> RedirectResponse:
    """Queue once more what failed or was cancelled."""
    _submit(authority, jobs, job.question)
    return RedirectResponse(address.to(f"/fold/{job.identity}"), 303)


@router.get("/fold/{identity}/events")
async def fold_events(request: Request, job: OfJob, jobs: OfJobs, address: AtAddress) -> StreamingResponse:
    standing = events.Standing(request, FOLDS)
    said = events.progress(jobs, job.identity, standing, lambda job: waiting(job, address.language))
    return StreamingResponse(said, media_type="text/event-stream")


def waiting(job: Job, language: str) -> dict[str, Any]:
    """What a page says of a job that is not done."""
    state = job.state
    key = f"fold_running_{state.step}" if state.status == "running" else f"fold_waiting_{state.status}"
    return {
        "status": state.status,
        "share": round(state.share, 3),
        "text": catalogue.text(key, language, position=job.position, share=f"{state.share:.0%}"),
    }


def as_json(job: Job) -> dict[str, Any]:
    """A question and how far it is."""
    question, state = job.question, job.state
    return {
        "id": job.identity,
        "length": len(question.sequence),
        "span": question.span,
        "temperature": question.temperature,
        "probabilities": question.probabilities,
        "status": state.status,
        "share": state.share,
        "position": job.position,
        "failure": state.failure,
        "detail": state.detail,
    }


def _wrong_as_json(wrong: BadField) -> dict[str, Any]:
    said = {"what": wrong.both.model_dump(), "remedy": wrong.remedy_in_both.model_dump(), "detail": ""}
    return {"error": {"status": 422, "field": wrong.field, **said}}
