"""How the pages of the reference are written: tables, anchors, the note on top."""

from __future__ import annotations

import re
from collections.abc import Sequence

NOTE = "<!-- Written from the code by `make docs`. Changes belong into the code. -->"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, one string a line."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows)]


def cell(text: str) -> str:
    """A text that may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def anchor(heading: str) -> str:
    """The anchor that a heading gets on the usual hosts of Markdown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def first_sentence(text: str | None) -> str:
    whole = " ".join((text or "").split())
    return whole.split(". ", 1)[0].rstrip(".")
