"""authority.toml: the terms of an emergency, as two persons of the command body sign them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from bianque.model.emergency import Terms
from bianque.model.errors import BadEmergencyFile


def read_terms(path: Path) -> Terms:
    """The terms in a file.

    raises  BadEmergencyFile  with each key that is wrong and what is wrong with it
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as cause:
        raise BadEmergencyFile(f"{path}: there is no such file", remedy="give a file with the terms in TOML") from cause
    except (OSError, ValueError, RecursionError) as cause:
        raise BadEmergencyFile(f"{path}: {cause}", remedy="write valid TOML in UTF-8") from cause
    try:
        return Terms.model_validate(data)
    except ValidationError as cause:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in cause.errors())
        raise BadEmergencyFile(
            f"{path}: {problems}",
            kept="nothing was drafted",
            remedy="see docs/reference/authority-toml.md for the keys",
        ) from cause
