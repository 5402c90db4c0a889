"""The approver's screen: what waits for a decision, each a form; every decision answers with a receipt."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bianque.lake.store import Lake
from bianque.model import catalogue
from bianque.model.authority import Authority
from bianque.model.emergency import Act
from bianque.model.errors import BadInput, NothingUsable
from bianque.model.outreach import Outreach
from bianque.model.release import Release
from bianque.registry.publications import Publication
from bianque.services import approvals, emergencies, numerals, reidentify, released
from bianque.services import outreach as outreaches
from bianque.services.approvals import Matters
from bianque.services.door import at_door
from bianque.web import identity, rendering
from bianque.web.address import Address
from bianque.web.guard import OwnAccess
from bianque.web.login_pages import text_of
from bianque.web.pages import AtAddress, OfLake
from bianque.web.posting import PAGE_HEADERS, Sent
from bianque.web.refusals import Refusal
from bianque.web.release_pages import kinds_in_words

router = APIRouter()


def _sentence(found: Matters, authority: Authority, language: str) -> str:
    none = "approvals_sentence_none" if authority.emergency else "none_chosen"
    key = {0: none, 1: "approvals_sentence_one"}.get(found.count, "approvals_sentence")
    return catalogue.text(key, language, count=found.count)


@router.get("/approvals")
def approvals_page(request: Request, authority: OwnAccess, address: AtAddress) -> HTMLResponse:
    return _page(request, authority, address)


def _page(request: Request, authority: Authority, address: Address, receipt: str = "") -> HTMLResponse:
    found, language = approvals.matters(identity.register_of(request), authority), address.language
    answer = rendering.page(
        request,
        "approvals",
        address,
        sentence=_sentence(found, authority, language),
        receipt=receipt,
        matters=found,
        outreach=[(one, _calls(request, one, count, language)) for one, count in found.outreach],
        releases=[(one, _release(one, language)) for one in found.releases],
        figures=[(one, _proposal(request, one, language)) for one in found.figures],
    )
    answer.headers.update(PAGE_HEADERS)
    return answer


def _proposal(request: Request, one: Publication, language: str) -> str:
    body = released.organisation_name(identity.register_of(request), one.proposed_organisation)
    return catalogue.text(
        "approvals_figures_one",
        language,
        day=one.as_of,
        account=one.proposed_by,
        organisation=body.in_language(language),
        moment=numerals.moment(one.proposed_at, language),
    )


def _calls(request: Request, one: Outreach, count: int, language: str) -> str:
    body = released.organisation_name(identity.register_of(request), one.proposed_organisation)
    return catalogue.text(
        "approvals_outreach_one",
        language,
        account=one.proposed_by,
        organisation=body.in_language(language),
        moment=numerals.moment(one.proposed_at, language),
        count=numerals.number(count),
        reason=one.reason,
    )


def _release(one: Release, language: str) -> str:
    """What is asked for, and who has approved it already."""
    asked = catalogue.text(
        "approvals_release_one",
        language,
        account=one.requester,
        fields=kinds_in_words(one.fields, language),
        targets=len(one.targets),
        hours=one.hours,
        lapses=numerals.moment(one.lapses, language),
    )
    approved = [verdict.account for verdict in one.verdicts if verdict.approves]
    said = [catalogue.text("approvals_release_once", language, account=account) for account in approved]
    return ("" if language == "zh" else " ").join([asked, *said])


@router.get("/approvals.json")
def approvals_json(request: Request, authority: OwnAccess) -> JSONResponse:
    found = approvals.matters(identity.register_of(request), authority)
    return JSONResponse(
        {
            "emergency": authority.emergency_id or None,
            "count": found.count,
            "figures": [{"id": one.id, "as_of": one.as_of, "proposed_by": one.proposed_by} for one in found.figures],
            "outreach": [
                {"id": one.id, "proposed_by": one.proposed_by, "persons": count} for one, count in found.outreach
            ],
            "releases": [{"id": one.id, "requester": one.requester} for one in found.releases],
            "emergencies": [
                {"id": one.emergency.id, "act": one.act, "signed": list(one.signed)} for one in found.emergencies
            ],
        }
    )


@router.post("/approvals/figures")
def propose_figures(
    request: Request, authority: OwnAccess, sent: Sent, lake: OfLake, address: AtAddress
) -> RedirectResponse:
    del sent
    return _receipt(address, _proposed(request, authority, lake))


def _proposed(request: Request, authority: Authority, lake: Lake) -> Publication:
    try:
        return released.propose(identity.register_of(request), authority, lake)
    except NothingUsable as cause:
        raise Refusal(404, "no_picture", detail=cause.diagnostics()) from cause


@router.post("/approvals/figures/{publication}")
def decide_figures(
    publication: str, request: Request, authority: OwnAccess, sent: Sent, address: AtAddress
) -> RedirectResponse:
    register, verdict = identity.register_of(request), text_of(sent, "verdict")
    decide = {"release": released.release, "decline": released.decline}.get(verdict)
    if decide is None:
        raise Refusal(422, "bad_form")
    try:
        done = decide(register, authority, publication)
    except BadInput as cause:
        raise Refusal(409, "bad_form", detail=cause.diagnostics()) from cause
    return _receipt(address, done)


def _receipt(address: Address, of: Publication) -> RedirectResponse:
    return RedirectResponse(address.to(f"/approvals/receipts/{of.id}"), 303)


@router.get("/approvals/receipts/{publication}")
def receipt_page(publication: str, request: Request, authority: OwnAccess, address: AtAddress) -> Response:
    """The receipt of a decision on figures, with what still waits."""
    try:
        found = released.find(identity.register_of(request), authority, publication)
    except BadInput as cause:
        raise Refusal(404, "unknown_release", detail=cause.diagnostics()) from cause
    said = catalogue.text(f"receipt_{found.state}", address.language, day=found.as_of, id=found.id)
    return _page(request, authority, address, said)


@router.post("/approvals/outreach/{outreach}")
def decide_outreach(
    outreach: str, request: Request, authority: OwnAccess, sent: Sent, address: AtAddress
) -> HTMLResponse:
    approve = _approves(sent)
    try:
        done = outreaches.decide(
            identity.register_of(request), authority, outreach, approve=approve, reason=text_of(sent, "reason")
        )
    except BadInput as cause:
        raise Refusal(409, "bad_form", detail=cause.diagnostics()) from cause
    key = "receipt_outreach_approved" if approve else "receipt_outreach_refused"
    return _page(request, authority, address, catalogue.text(key, address.language, id=done.id))


@router.post("/approvals/releases/{release}")
def decide_release(
    release: str, request: Request, authority: OwnAccess, sent: Sent, address: AtAddress
) -> HTMLResponse:
    approve, register = _approves(sent), identity.register_of(request)
    try:
        if approve:
            request.app.state.door.keep()
        with at_door(register.at_rest) as door:
            if approve:
                reidentify.approve(register, door, authority, release, text_of(sent, "password"))
            else:
                reidentify.refuse(register, door, authority, release, text_of(sent, "reason"))
    except BadInput as cause:
        raise Refusal(409, "bad_form", detail=cause.diagnostics()) from cause
    key = "receipt_release_approved" if approve else "receipt_release_refused"
    return _page(request, authority, address, catalogue.text(key, address.language, id=release))


def _approves(sent: Sent) -> bool:
    """What the button said.

    raises  Refusal  when it was none of ours
    """
    verdict = text_of(sent, "verdict")
    if verdict not in ("approve", "refuse"):
        raise Refusal(422, "bad_form")
    return verdict == "approve"


@router.post("/approvals/emergencies/{emergency}")
def sign_emergency(
    emergency: str, request: Request, authority: OwnAccess, sent: Sent, address: AtAddress
) -> HTMLResponse:
    given = text_of(sent, "act")
    try:
        after = emergencies.sign(identity.register_of(request), authority, emergency, Act(given))
    except ValueError as cause:
        raise Refusal(422, "bad_form") from cause
    except BadInput as cause:
        raise Refusal(409, "bad_form", detail=cause.diagnostics()) from cause
    name, act = after.terms.name.in_language(address.language), catalogue.text(f"sign_{given}", address.language)
    return _page(request, authority, address, catalogue.text("receipt_signed", address.language, name=name, act=act))
