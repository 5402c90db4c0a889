"""What has the reader chosen?  Everything a page depends on is in its URL, and every link carries it on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, urlencode

from fastapi import Request

from bianque.model.dates import iso_day
from bianque.model.text import LANGUAGES
from bianque.services.charts import MODELS
from bianque.services.scales import METRICS, MetricKey
from bianque.services.tables.regions import SORTABLE
from bianque.services.tables.table import Behind
from bianque.web.refusals import Refusal

Curve = Literal["daily", "cumulative"]
Order = Literal["desc", "asc"]
DEFAULTS = {"metric": "growth", "curve": "daily", "model": "", "sort": "growth", "order": "desc"}
CHOICES: dict[str, tuple[str, ...]]
CHOICES = {
    "metric": METRICS,
    "curve": get_args(Curve),
    "model": MODELS,
    "sort": SORTABLE,
    "order": get_args(Order),
}


@dataclass(frozen=True, slots=True)
class Address:
    """The state of a page. `language` is what the page is written in, `chosen` whether the URL says so."""

    language: str
    chosen: bool = False
    as_of: dt.date | None = None
    metric: MetricKey = "growth"
    curve: Curve = "daily"
    model: str = ""
    sort: str = "growth"
    order: Order = "desc"

    def query(self) -> dict[str, str]:
        """What a URL has to say for this state: everything that is not as usual."""
        said = {"as_of": self.as_of.isoformat()} if self.as_of else {}
        if self.chosen:
            said["lang"] = self.language
        state = {
            "metric": self.metric,
            "curve": self.curve,
            "model": self.model,
            "sort": self.sort,
            "order": self.order,
        }
        return said | {key: value for key, value in state.items() if value != DEFAULTS[key]}

    def to(self, path: str | Behind, **changes: str | None) -> str:
        """The URL of another page or state, with everything else kept; None takes a part out of the state."""
        own: dict[str, str] = {}
        if isinstance(path, Behind):
            own, path = path.query, path.path
        path, _, fragment = path.partition("#")
        query = self.query() | own
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None and value != DEFAULTS.get(key):
                query[key] = value
        text = quote(path) + (f"?{urlencode(query)}" if query else "")
        return f"{text}#{quote(fragment)}" if fragment else text


def address_of(request: Request) -> Address:
    """The state a request asks for.

    raises  Refusal  when a date, a language or a choice is none that there is
    """
    asked = request.query_params
    language = language_of(request)
    if (given := asked.get("lang")) and given not in LANGUAGES:
        raise Refusal(400, "bad_lang", allowed=", ".join(LANGUAGES))
    for key, allowed in CHOICES.items():
        if key in asked and asked[key] not in allowed:
            raise Refusal(400, "bad_choice", key=key, allowed=", ".join(allowed))
    return Address(
        language=language,
        chosen=bool(given),
        as_of=_date(asked.get("as_of")),
        metric=asked.get("metric", "growth"),  # type: ignore[arg-type]  # checked above
        curve=asked.get("curve", "daily"),  # type: ignore[arg-type]
        model=asked.get("model", ""),
        sort=asked.get("sort", "growth"),
        order=asked.get("order", "desc"),  # type: ignore[arg-type]
    )


def _date(given: str | None) -> dt.date | None:
    if not given:
        return None
    try:
        return iso_day(given)
    except ValueError as cause:
        raise Refusal(400, "bad_as_of") from cause


def language_of(request: Request) -> str:
    """The language asked for in the URL, else the one the browser prefers, else English."""
    if (given := request.query_params.get("lang")) in LANGUAGES:
        return str(given)
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in accept.split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if name == "q" else 1.0
        except ValueError:
            continue
        language = {"zh": "zh-CN", "en": "en"}.get(tag.strip().lower().split("-")[0])
        if language and weight > 0:
            weighed.append((weight, language))
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else "en"
