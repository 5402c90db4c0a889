"""Data sheets: what may a kind of holder provide or collect, for which purpose, on which basis, how long?

Configuration, not legal advice. Only grassroots organisations collect anew; the others change the purpose of what they
hold, which needs a legal basis.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from bianque.model.authority import Purpose
from bianque.model.organisation import HolderKind
from bianque.model.text import Strict, Text


class Sheet(Strict):
    """The data sheet of one kind of holder."""

    kind: HolderKind = Field(description="kind of holder")
    version: dt.date = Field(description="day whose law the sheet follows")
    follows: Text = Field(description="which law that is, and what is later")
    name: Text = Field(description="who is meant")
    anew: bool = Field(
        description="whether they collect for the emergency; otherwise they hold data of another purpose"
    )
    holds: Text = Field(description="what they hold, and what it was taken for")
    fields: tuple[str, ...] = Field(min_length=1, description="fields they may provide or collect")
    purposes: tuple[Purpose, ...] = Field(min_length=1, description="for which purposes")
    bases: tuple[str, ...] = Field(min_length=1, description="on which legal bases")
    days: int = Field(ge=1, description="how long what they gave may be kept after the close")
    limits: Text = Field(description="what they do not give")
    source: str = Field(description="where this stands")


@cache
def sheets() -> dict[HolderKind, Sheet]:
    """Every data sheet by kind of holder, in the order of `HolderKind`."""
    folder = files("bianque.safeguard").joinpath("sheets")
    read = {sheet.kind: sheet for sheet in (_read(file.read_text("utf-8")) for file in folder.iterdir())}
    return {kind: read[kind] for kind in HolderKind}


def _read(text: str) -> Sheet:
    return Sheet.model_validate(tomllib.loads(text))
