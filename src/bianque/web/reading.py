"""The picture a request asks for, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from bianque.lake.store import Lake
from bianque.model.authority import Authority
from bianque.model.errors import BadInput, NothingUsable
from bianque.model.situation import RegionPicture, Situation
from bianque.services import picture
from bianque.web.refusals import Refusal

KEPT = 16  # pictures in memory; the lake keeps the others as files


@lru_cache(maxsize=KEPT)
def _read(lake: Lake, state: str, as_of: dt.date | None) -> Situation:
    """`state` is part of the key: another state of the lake is another picture."""
    del state
    return picture.load(lake, as_of)


def situation(authority: Authority, lake: Lake, as_of: dt.date | None) -> Situation:
    """The picture as known on a day, the newest without one.

    raises  PolicyRefusal  when it is not for this reader
            Refusal        when nothing is known, or the day lies outside the lake's days
    """
    picture.may_read(authority)
    try:
        first, last = picture.span(lake)
        latest = max(last, dt.date.today())  # noqa: DTZ011  # the reader's own calendar day
        if as_of is not None and not first <= as_of <= latest:
            raise Refusal(400, "as_of_outside", given=as_of, first=first, last=latest)
        return _read(lake, lake.state(), as_of)
    except NothingUsable as cause:
        raise Refusal(404, "no_picture", detail=cause.diagnostics()) from cause


def day_before(lake: Lake, now: Situation) -> Situation | None:
    """The picture of the day before, if anything was known by then."""
    try:
        return _read(lake, lake.state(), now.as_of - dt.timedelta(days=1))
    except BadInput:
        return None


def region(now: Situation, code: str) -> RegionPicture:
    """One region of the picture, or the whole area.

    raises  Refusal  when the picture has no such region
    """
    for candidate in (now.whole, *now.regions):
        if candidate.code == code:
            return candidate
    raise Refusal(404, "unknown_region")


def findings_of(now: Situation, code: str) -> Situation:
    """The picture with what was found in one region alone: signals, change points, importation to it and from it."""
    return now.model_copy(
        update={
            "signals": [s for s in now.signals if s.region == code],
            "not_assessed": [n.model_copy(update={"regions": [code]}) for n in now.not_assessed if code in n.regions],
            "change_points": [c for c in now.change_points if c.region == code],
            "importation": [i for i in now.importation if code in (i.destination, i.origin)],
        }
    )
