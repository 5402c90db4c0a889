"""released.json: what the public may see of a day. A part of the picture, frozen when two persons let it out."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from bianque.model.situation import Record
from bianque.model.text import Text

RELEASED_VERSION: Literal["1.0"] = "1.0"


class ReleasedRegion(Record):
    """The counts of one region on the last day. What the rule for small counts hides is null and named in `hidden`."""

    code: str = Field(description="code of the region")
    name: Text = Field(description="name of the region")
    total: float | None = Field(description="confirmed in total on the last day")
    new_last: float | None = Field(description="newly confirmed on the last day")
    new_7_days: float | None = Field(description="newly confirmed in the last 7 days")
    incidence_7_days_per_100k: float | None = Field(description="the same per 100,000 residents")
    deaths_total: float | None = Field(description="dead in total on the last day")
    hidden: list[str] = Field(default=[], description="fields of this record that the rule for small counts hides")


class ReleasedFigures(Record):
    """The figures of one day, as released."""

    schema_version: Literal["1.0"] = Field(default=RELEASED_VERSION, description="version of this schema")
    id: str = Field(description="short name of the emergency")
    name: Text = Field(description="name of the emergency")
    disease: Text = Field(description="name of the disease")
    as_of: dt.date = Field(description="day whose knowledge the figures rest on")
    last_date: dt.date = Field(description="last day with a case count")
    headline: Text = Field(description="the picture in a sentence")
    whole: ReleasedRegion = Field(description="the area all regions make up")
    regions: list[ReleasedRegion] = Field(description="its regions, in code order")
    disclosure_rule: Text = Field(description="the rule for small counts, in words")
