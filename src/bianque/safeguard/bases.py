"""Legal bases: which article permits what, for which purposes?  Configuration, not legal advice."""

from __future__ import annotations

import datetime as dt
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import Field

from bianque.model.authority import Purpose
from bianque.model.text import Strict, Text


class Rank(StrEnum):
    """Special law goes before general law."""

    SPECIAL = "special"
    GENERAL = "general"


class Basis(Strict):
    """One legal basis."""

    law: Text = Field(description="name of the law")
    article: str = Field(description="article, paragraph, letter")
    version: dt.date = Field(description="day of the version that is meant")
    rank: Rank = Field(description="special law goes before general law")
    published: str = Field(description="where the text stands")
    carries: tuple[Purpose, ...] = Field(min_length=1, description="purposes an emergency may rest on it for")
    permits: Text = Field(description="what the article permits, in our own words")


@cache
def bases() -> dict[str, Basis]:
    """Every legal basis by id, special law before general law, otherwise in the order of the file."""
    read = tomllib.loads(files("bianque.safeguard").joinpath("bases.toml").read_text("utf-8"))
    listed = {key: Basis.model_validate(entry) for key, entry in read.items()}
    return dict(sorted(listed.items(), key=lambda entry: entry[1].rank is Rank.GENERAL))


def carried_by(basis: str | None) -> tuple[Purpose, ...]:
    """The purposes a basis carries; none when it is not listed."""
    found = bases().get(basis or "")
    return found.carries if found else ()
