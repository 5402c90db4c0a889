"""The page of the HTTP addresses: every route, asked once over the shipped bulletins by people of the exercise."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from reference_markdown import NOTE, cell, table

from bianque.model import catalogue, disclosure
from bianque.model.text import LANGUAGES
from bianque.safeguard import second_factor
from bianque.services import fold_examples, fold_question, fold_worker, lakes, login, numerals, operator
from bianque.services.charts import CHARTS
from bianque.services.exercise_accounts import ExerciseLogIn
from bianque.services.exercise_register import exercise_register
from bianque.services.fold_answer import KINDS
from bianque.services.fold_jobs import QUEUED_AT_MOST, Jobs
from bianque.services.tables import intake
from bianque.web import address, downloads, fold_pages, posting
from bianque.web.app import ROUTERS, create_app
from bianque.web.fold_window import VIEWS
from bianque.web.settings import Settings

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "china-2020-bulletins"
BASE = "http://127.0.0.1"

PAGE = """{note}
# HTTP

What `bianque serve` answers to. `/`, `/index.json`, `/index.csv`, the definitions, the log-in and the static files are
for everybody. Every other address needs a session: a page leads to `/login`, anything else answers 401. Each names an
action, the rules decide on it, and the attempt is on record; where they say no it answers 403 with the rule and its
sentence. A form is taken only from a page of the same site (`Sec-Fetch-Site`, else `Origin`) or from a program that
sends neither, and only with the session's own `form_token`, a hidden field of every form.

Everything a page depends on is in its address, so a link shows the same picture to everybody who may see it; no
personal value stands in an address. What the rule for small counts hides is hidden in every form: `{hidden}` in a CSV
file, null in JSON. It answers only to the host names {hosts}; `BIANQUE_HOSTS`, a JSON list, names others.

A request that cannot be answered gets a page, or JSON where JSON was asked for, that says what was wrong and what to
do: `{{"error": {{"status": …, "what": {{…}}, "remedy": {{…}}, "detail": …}}}}`.

## Parameters
"""
CSV = """## Tables

CSV in UTF-8 with a byte-order mark; an empty cell is unknown. The same columns stand under the tables of the pages.
`trend` is `growing`, `steady` or `shrinking`. Text that a spreadsheet program would run as a formula, because it begins
with `=`, `+`, `-` or `@`, has `'` before it; numbers are as they are.
"""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


ROUTES = {
    "/": "the figures that were released, newest first; takes `release`, the id of an earlier release",
    "/index.json": "the same; `figures` is null before the first release",
    "/index.csv": "the released figures by region",
    "/login": "log-in; POST: `login`, `password`, `back` (a page of this server to come back to)",
    "/login/code": "its second factor; POST: `code`",
    "/login/password": "a password in place of a one-time password; POST: `new_password`",
    "/login/enrol": "the second factor is set up; POST: `code`, the first one of the authenticator",
    "/login/code/passkey": "POST: `answer`, what the browser's passkey says, as JSON",
    "/login/code/passkey/options": "POST: the challenge for it",
    "/login/enrol/passkey": "POST: `answer`, the passkey that the browser made",
    "/login/enrol/passkey/options": "POST: the challenge for it",
    "/logout": "POST: end the session",
    "/prove": "the second factor once more, which some actions ask for; POST: `code`, `back`",
    "/prove/passkey": "POST: the same with a passkey, `answer`",
    "/prove/passkey/options": "POST: the challenge for it",
    "/access": "who one is, grants, sessions, last events",
    "/access.json": "the same, without the sessions",
    "/access/{name}.csv": "one's own `grants` or `events`",
    "/access/choose": "POST: `choice`, the emergency and purpose to work for",
    "/access/sessions/end": "POST: `session`, another one of one's own to end",
    "/access/password": "POST: `password`, `new_password`",
    "/access/authenticator": "another authenticator; POST: `code`",
    "/access/passkey": "POST: `answer`, another passkey",
    "/access/passkey/options": "POST: the challenge for it",
    "/approvals": "what waits for one's decision",
    "/approvals.json": "the same",
    "/approvals/figures": "POST: propose the newest figures for release",
    "/approvals/figures/{publication}": "POST: `verdict` (release, decline), by another person than proposed them",
    "/approvals/receipts/{publication}": "the receipt of a decision on figures",
    "/approvals/outreach/{outreach}": "POST: `verdict` (approve, refuse), `reason`",
    "/approvals/releases/{release}": "POST: `verdict` (approve, refuse) on a re-identification, `password` or `reason`",
    "/approvals/emergencies/{emergency}": "POST: `act`, what is signed",
    "/releases": "one's own requests for an identity, and how far each is",
    "/releases.json": "the same",
    "/releases/{release}": "POST: `password`; what was opened, while its hours last, to whoever asked for it alone",
    "/desk": "the data-protection officer's desk: what is due, who read what, refused attempts, grants that end",
    "/desk.json": "the same",
    "/desk/{name}.csv": "`notices`, `rights`, `forms`, `releases`, `grants`, `refused`, `reads` or `protected`",
    "/desk/refusals": "the attempts behind one line of the refusals: `account`, `action` and `rule`",
    "/desk/refusals.json": "the same",
    "/desk/refusals.csv": "the same",
    "/desk/events/{number}": "one decision on record, explained",
    "/desk/events/{number}.json": "the same",
    "/people": "find a person; POST: `kind` (phone, id_number), `value`, which stands in no address",
    "/people/{record}": "one record, as far as the reader may see it",
    "/people/{record}.json": "the same",
    "/metrics": "counters of requests, refusals and decisions, in the Prometheus text format; for the administrator",
    "/situation": "the situation: a sentence, tiles, map, curve with estimate and forecast, regions, signals, quality",
    "/situation.json": "the whole picture, as [situation.json](situation-json.md)",
    "/wall": "the wall screen: map, what changed since the day before, what needs a decision",
    "/wall.json": "the changes and the decisions",
    "/regions/{code}": "one region, or the whole area by its code",
    "/regions/{code}.json": "the same",
    "/definitions": "what every figure means, how it is computed, what it is divided by, where it comes from",
    "/definitions.json": "the same",
    "/data": "feeds, receipts, quarantine",
    "/data.json": "the same; a receipt has the keys of [one receipt](results.md#one-receipt)",
    "/rows": "the facts behind a figure; takes `feed`, `region`, `measure`",
    "/rows.json": "the same, the first 500 rows",
    "/tables/{name}.csv": "a table, by its name below",
    "/tables/receipts.csv": "the receipts of the files",
    "/tables/rows.csv": "the facts behind a figure",
    "/tables/flows.csv": "the flows behind a figure",
    "/charts/{name}.svg": f"a chart: {_listed(CHARTS)} (takes `region`), or `map` (takes `metric`)",
    "/shapes.json": "the map shapes the emergency brings, as GeoJSON",
    "/data/quarantine/{receipt}.csv": "the [quarantine file](results.md#the-quarantine-file) of a receipt",
    "/fold": "the form that asks for a structure, and what was asked before; POST: the fields `sequence` or `file`, "
    "`span`, `temperature`, `probabilities` (auto, yes, no); answers 303 to the page of the question, 422 with the "
    f"`field` that is wrong, 413 for more than {posting.BODY_AT_MOST // 1000} kB, 429 when {QUEUED_AT_MOST} wait",
    "/fold.json": "what was asked before",
    "/fold/{identity}": "one question: how far it is, then its structure; takes `from`, `to`, `view`, `structure`, and "
    "`loops` and `pairs`, the page of the table",
    "/fold/{identity}.json": "the same",
    "/fold/{identity}/events": "server-sent events: `event: job` with status, share and a text, until it is over",
    "/fold/{identity}/cancel": "POST: stop it",
    "/fold/{identity}/again": "POST: queue again what failed or was cancelled",
    "/fold/{identity}/picture.svg": "the picture of the window; takes `from`, `to`, `view`, `structure`",
    "/fold/{identity}/structure.{kind}": "the whole structure as dbn, ct, bpseq or json; takes `structure`",
    "/fold/{identity}/positions.json": "letter, partner, loop and probabilities at the positions of a window, at most "
    f"{fold_pages.POSITIONS_AT_MOST:,}",
    "/fold/{identity}/{name}.csv": "the `loops` or the `pairs` of the window",
    "/report.html": "the report as `bianque assess` writes it",
    "/events": "server-sent events: `event: state` with the state of the lake, at once and whenever it changes",
    "/static/{name:path}": "styles, scripts and the licences of the libraries",
}
ASKED_AS = {
    "/regions/{code}.json": "/regions/CN.json",
    "/rows.json": "/rows.json?region=CN",
    "/desk/events/{number}.json": "/desk/events/1.json",
}
# The bulletins have no shapes, and in the exercise are no people yet and nobody was refused.
NOT_ASKED = ("/shapes.json", "/people/{record}.json", "/desk/refusals.json")
FOLDED = "yeast-tRNA-Phe"
TABLES = {
    "regions": "every region today",
    "series": "day by day, of `region` (the whole area without it)",
    "forecast": "the days to come, of `region`",
    "signals": "signals of the last 7 days",
    "not_assessed": "what could not be judged on the last day",
    "change_points": "days counted by another rule",
    "importation": "destinations by expected infected arrivals",
    "published": "published figures, checked",
    "feeds": "feeds and whether they are late",
    "receipts": "files taken in",
    "rows": "facts; takes `feed`, `region`, `measure`",
    "flows": "facts of a flows feed; takes `feed`",
}
PARAMETERS = {
    "as_of": "a day, YYYY-MM-DD: what was known then; the newest without it",
    "lang": "language of the page; without it the one the browser prefers",
    "metric": "figure of the map",
    "curve": "new cases a day, or running totals",
    "model": "key of the forecast shown",
    "sort": "column the regions are sorted by",
    "order": "direction",
    "from": "`/fold/…`: first position of the window, from 1",
    "to": "`/fold/…`: last position of the window",
    "view": "`/fold/…`: kind of picture",
    "structure": "`/fold/…`: the structure of least free energy, or with probabilities that of maximum expected "
    "accuracy or the centroid",
}


def page() -> str:
    """Every address, what it takes and what it gives."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        lakes.ingest_example(EXAMPLE, EXAMPLE, lake, dt.date(2020, 2, 12))
        register, at = Path(folder) / "register", dt.datetime.now(dt.UTC)
        made = exercise_register(register, lakes.open_lake(lake), at, people=300)
        told = {one.login: one for one in made.told}
        app = create_app(lake, register=register)
        readers = {login: _log_in(app, told[login], at) for login in ("epidemiologist", "officer")}
        return _page(app, _folded(app.state.jobs), readers)


def _log_in(app: FastAPI, told: ExerciseLogIn, at: dt.datetime) -> dict[str, str]:
    """The cookie of a log-in."""
    register = app.state.register
    code = login.first_step(register, told.login, told.password, at)
    session = login.second_step(register, code.token, second_factor.code(told.secret, at), at)
    return {"bianque-session": session.token}


def _folded(jobs: Jobs) -> str:
    """The identity of a question that is answered."""
    sequence = fold_examples.examples()[FOLDED].sequence
    job = jobs.submit(operator.now(), fold_question.question(fold_question.Form(sequence=f">{FOLDED}\n{sequence}")))
    fold_worker.work(jobs, job.identity, stopping=lambda: False)
    return job.identity


def _page(app: FastAPI, folded: str, readers: dict[str, dict[str, str]]) -> str:
    given = (*app.routes, *(route for router in ROUTERS for route in router.routes))
    paths = {path for route in given if (path := getattr(route, "path", None))}
    if missing := set(paths) ^ set(ROUTES):
        raise SystemExit(
            f"scripts/reference_http.py: routes without a text, or texts without a route: {sorted(missing)}"
        )
    if missing := set(downloads.OF_PICTURE) - set(TABLES):
        raise SystemExit(f"scripts/reference_http.py: tables without a text: {sorted(missing)}")
    choices = {"lang": LANGUAGES, "view": VIEWS, "structure": KINDS, **address.CHOICES}
    parameters = [
        [f"`{name}`", _listed(choices.get(name, ())), _usual(name), text] for name, text in PARAMETERS.items()
    ]
    hosts = _listed(Settings.model_fields["hosts"].default)
    parts = [
        PAGE.format(note=NOTE, hosts=hosts, hidden=numerals.HIDDEN),
        *table(["parameter", "one of", "usual", "meaning"], parameters),
        "",
        "## Addresses",
        "",
        *table(
            ["address", "gives"], [[f"`{path.replace(':path', '')}`", ROUTES[path]] for path in ROUTES if path in paths]
        ),
        "",
        "## JSON",
        "",
    ]
    gave = asyncio.run(_ask(app, folded, readers))
    for path in (p for p in ROUTES if p.endswith(".json") and p in gave):
        parts += [f"### `{path}`", "", _shape(gave[path].json()), ""]
    parts.append(CSV)
    for name, text in TABLES.items():
        header = gave[name].text.lstrip("\ufeff").splitlines()[0].split(",") if name in gave else _of_facts(name)
        parts += [f"### `/tables/{name}.csv`", "", f"{text[0].upper()}{text[1:]}.", ""]
        parts += [*table(["column", "heading on the page"], [[f"`{c}`", cell(_heading(c))] for c in header]), ""]
    return "\n".join(parts)


def _usual(name: str) -> str:
    usual = (address.DEFAULTS | {"view": VIEWS[0], "structure": KINDS[0]}).get(name, "")
    return f"`{usual}`" if usual else ""


async def _ask(app: FastAPI, folded: str, readers: dict[str, dict[str, str]]) -> dict[str, httpx.Response]:
    """Every JSON address and every table that the shipped bulletins have."""
    urls = {
        path: ASKED_AS.get(path, path).replace("{identity}", folded)
        for path in ROUTES
        if path.endswith(".json") and path not in NOT_ASKED
    }
    urls |= {name: f"/tables/{name}.csv?lang=en&region=CN" for name in TABLES if name not in ("rows", "flows")}
    gave = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        for key, url in urls.items():
            who = readers["officer" if url.startswith("/desk") else "epidemiologist"]
            client.cookies = httpx.Cookies(who)
            gave[key] = await client.get(url)
            gave[key].raise_for_status()
    return gave


def _of_facts(name: str) -> list[str]:
    """The header of a table of facts, which the shipped bulletins have only one of."""
    empty = intake.facts([], {}, disclosure.rule(), "en") if name == "rows" else intake.flows([], {}, "en")
    return empty.csv().splitlines()[0].split(",")


def _shape(content: Any) -> str:
    if isinstance(content, list):
        return f"A list of records with the keys {_keys(content[0])}."
    if "schema_version" in content:
        return "See [situation.json](situation-json.md)."
    lines = [f"An object with the keys {_keys(content)}."]
    lines += [
        f"Each of `{key}` has the keys {_keys(value[0])}."
        for key, value in content.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    return "\n".join(lines)


def _keys(record: dict[str, Any]) -> str:
    return _listed(record)


def _heading(column: str) -> str:
    key, end = re.sub(r"_(lower|upper)$", "", column), re.search(r"_(lower|upper)$", column)
    heading = catalogue.text(f"col_{key}", "en")
    return f"{heading}: {'lower' if end[1] == 'lower' else 'upper'} end" if end else heading
