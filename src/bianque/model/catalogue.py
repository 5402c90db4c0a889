"""Every text a person reads, in zh-CN and English, from one file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bianque.model.emergency import LANGUAGES, Text


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("bianque.model").joinpath("catalogue.toml").read_text("utf-8"))


def keys() -> list[str]:
    return sorted(_texts())


def has(key: str) -> bool:
    return key in _texts()


def text(key: str, language: str, /, **values: object) -> str:
    """The text of a key in a language, with `{name}` filled in. An unknown key or language is a defect: KeyError."""
    if language not in LANGUAGES:
        raise KeyError(language)
    template = _texts()[key]["zh" if language == "zh-CN" else "en"]
    return template.format(**values) if values else template


def both(key: str, /, **values: object) -> Text:
    """The text of a key in both languages."""
    return Text(zh=text(key, "zh-CN", **values), en=text(key, "en", **values))
