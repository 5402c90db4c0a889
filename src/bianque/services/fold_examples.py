"""Sequences that a reader may begin with: public ones, each with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bianque.model.text import Text


@dataclass(frozen=True, slots=True)
class Example:
    key: str
    name: Text
    source: str
    sequence: str


@cache
def examples() -> dict[str, Example]:
    """By key, in the order in which they are offered."""
    read = tomllib.loads(files("bianque.services").joinpath("fold_examples.toml").read_text("utf-8"))
    return {
        key: Example(key, Text(zh=one["zh"], en=one["en"]), one["source"], one["sequence"]) for key, one in read.items()
    }
