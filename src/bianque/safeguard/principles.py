"""The principles of GDPR art. 5: what in the code keeps each of them?"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from bianque.model.text import Strict, Text


class Principle(Strict):
    """One principle."""

    article: str = Field(description="article of the GDPR")
    name: Text = Field(description="as the regulation calls it")
    kept: Text = Field(description="how it is kept")
    by: tuple[str, ...] = Field(min_length=1, description="files of the package that keep it")


@cache
def principles() -> dict[str, Principle]:
    """The seven principles by id, in the order of the article."""
    read = tomllib.loads(files("bianque.safeguard").joinpath("principles.toml").read_text("utf-8"))
    return {key: Principle.model_validate(entry) for key, entry in read.items()}
