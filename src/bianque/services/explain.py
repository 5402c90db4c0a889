"""What is each field of a table in a context?  Classes and rules alone: no record is read, so no leave is needed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from bianque.model.authority import Purpose
from bianque.model.emergency import Emergency, State, Terms
from bianque.model.errors import BadInput
from bianque.model.fields import of_table, tables
from bianque.model.organisation import HolderKind
from bianque.model.regions import china
from bianque.safeguard.classify import Sensitivity, context_of, effective


def explained(
    table: str,
    terms: Path | None = None,
    *,
    region: str = "",
    controller: HolderKind | None = None,
    purpose: Purpose | None = None,
    known: Iterable[str] = (),
) -> dict[str, Sensitivity]:
    """The sensitivity of each field of a table, with the rules that raised it.

    terms    file of an emergency's terms, which is taken as declared and open; None: outside an emergency
    region   code of the persons' region
    known    words of `bianque.safeguard.classify.evidence()`
    raises   BadInput  for an unknown table or word, or a file that holds no terms
    """
    fields = of_table(table)
    if not fields:
        raise BadInput(f"there is no table {table}", remedy=f"one of {', '.join(tables())}")
    emergency = Emergency(terms.stem, "", _terms(terms), State.DECLARED) if terms else None
    within = _within(region) if region else ()
    context = context_of(
        emergency, is_open=emergency is not None, within=within, controller=controller, purpose=purpose
    )
    return effective(fields, context | frozenset(known))


def _within(region: str) -> tuple[str, ...]:
    """A region and those that contain it; a code of another system stands for itself."""
    found = china().regions.get(region)
    return (region, *(_within(found.parent) if found and found.parent else ()))


def _terms(path: Path) -> Terms:
    try:
        return Terms.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInput(
            f"{path} is no TOML: {cause}", remedy="give the file that the emergency was drafted from"
        ) from cause
    except ValidationError as cause:
        first = cause.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {where}: {first['msg']}", remedy="mend the key that is named") from cause
