"""From figures to HTML: one Jinja environment, escaping on, and the words every template may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bianque.model import catalogue
from bianque.services import drawing, numerals
from bianque.services.scales import Ground
from bianque.web import assets, identity, navigation
from bianque.web.address import Address
from bianque.web.refusals import Refusal

# What a chart's parts are drawn in: `main` is counted, `second` died, `median` is expected.
COLOURS: dict[Ground, dict[str, Any]] = {
    "light": {
        "main": drawing.BLUE,
        "second": drawing.RED,
        "median": drawing.ORANGE,
        "ahead": drawing.RANGE_COLOURS,
        "band": drawing.BAND_COLOUR,
    },
    "dark": {
        "main": "#7db8f0",
        "second": "#ff8f73",
        "median": "#ffb55e",
        "ahead": {50: "#9c6a33", 80: "#6f4f2c", 95: "#4a3a28"},
        "band": "#33506b",
    },
}


def _drawing(svg: str) -> Markup:
    """A drawing of ours, whose texts are escaped where they are made."""
    return Markup(svg)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bianque.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = _drawing
    return environment


def page(
    request: Request,
    name: str,
    address: Address,
    *,
    status: int = 200,
    ground: Ground = "light",
    kept: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A template filled in for a reader's language and state.

    kept    the state of this page beyond what every address has: the page in the other language has it too, and the
            template by this name. What else an address holds was typed there, may be about a person, and is repeated
            in no link.
    """
    language = address.language

    def text(key: str, **values: object) -> str:
        return catalogue.text(key, language, **values)

    def here(tag: str) -> str:
        path = _page_of(request.url.path) if request.method == "POST" else ""
        return f"{path}?{urlencode(address.query() | dict(kept or {}) | {'lang': tag})}"

    def day(date: dt.date) -> str:
        return numerals.day(date, language)

    def own() -> Markup:
        """What every form that is posted carries: it is one of this session's own pages."""
        token = identity.form_token(identity.token_of(request))
        return Markup('<input type="hidden" name="form_token" value="{}">').format(token)

    reader = getattr(request.state, "authority", None)
    html = (
        _environment()
        .get_template(f"{name}.html.j2")
        .render(
            a=address,
            t=text,
            here=here,
            here_json=_json_of(request.url.path),
            day=day,
            number=numerals.number,
            asset=assets.url,
            ground=ground,
            page=name,
            own=own,
            kept=kept or {},
            reader=reader,
            ways=navigation.ways(reader),
            home=navigation.landing(reader) if reader else "/",
            colours=COLOURS[ground],
            **context,
        )
    )
    return HTMLResponse(html, status, headers={"Vary": "Accept-Language"})


def _page_of(path: str) -> str:
    """The page that an answer to a form is about; empty where that is its own address."""
    return next((page for page in ("/approvals", "/access", "/releases") if path.startswith(page)), "")


def _json_of(path: str) -> str:
    """Where a page is as JSON; the answers to forms of a page are that page."""
    return "/index.json" if path == "/" else f"{_page_of(path) or path}.json"


def refusal(request: Request, why: Refusal, language: str) -> HTMLResponse:
    """The error page; its links keep the language only, since the rest of the state may be what is wrong."""
    return page(request, "refusal", Address(language), status=why.status, refusal=why)
