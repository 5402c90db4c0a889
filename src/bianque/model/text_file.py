"""A text file that somebody names: in UTF-8, or it is said that it is not."""

from __future__ import annotations

from pathlib import Path

from bianque.model.errors import BadInput


def read_utf8(path: Path) -> str:
    """The text of a file.

    raises  BadInput  when it is not in UTF-8; OSError when it cannot be read
    """
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as cause:
        raise BadInput(f"{path}: this is no text in UTF-8", remedy="save it as UTF-8, or name another file") from cause
