"""Every text a person reads, in zh-CN and English: one file a topic in `texts/`, no key in two of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bianque.model.text import LANGUAGES, Text


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for topic in files("bianque.model").joinpath("texts").iterdir():
        read = tomllib.loads(topic.read_text("utf-8"))
        if twice := texts.keys() & read.keys():
            raise KeyError(f"{topic.name} has keys of another file: {', '.join(sorted(twice))}")
        texts |= read
    return texts


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
