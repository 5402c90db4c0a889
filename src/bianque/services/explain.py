"""What is each field of a table in a context?  Classes and rules alone: no record is read.

Terms in a file need no leave, since whoever has the file has read them; an emergency of a register is read on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from bianque.model.authority import Action, Authority, Purpose, Resource
from bianque.model.emergency import Emergency, State
from bianque.model.errors import BadInput
from bianque.model.fields import of_table, tables
from bianque.model.organisation import HolderKind
from bianque.model.regions import china
from bianque.model.terms_file import read_terms
from bianque.registry.register import Register
from bianque.safeguard.classify import Sensitivity, context_of, effective
from bianque.services import emergencies, gate


def emergency_in_file(path: Path) -> Emergency:
    """The emergency that the terms in a file would make, taken as declared.

    raises  BadEmergencyFile  when it holds no terms
    """
    return Emergency(path.stem, "", read_terms(path), State.DECLARED)


def emergency_in_register(register: Register, authority: Authority, id_: str) -> Emergency:
    """An emergency of one's agency as it stands.

    raises  PolicyRefusal  also when there is none of that id
    """
    found = emergencies.find(register, authority, id_, Action.EXPLAIN)
    gate.permit(register, authority, Action.EXPLAIN, Resource("emergency", id_, agency=authority.agency))
    return found


def explained(
    table: str,
    emergency: Emergency | None = None,
    *,
    at: dt.datetime | None = None,
    region: str = "",
    controller: HolderKind | None = None,
    purpose: Purpose | None = None,
    known: Iterable[str] = (),
) -> dict[str, Sensitivity]:
    """The sensitivity of each field of a table, with the rules that raised it.

    emergency  None: outside an emergency
    at         the moment for which the emergency is open or not; None: it is taken as open
    region     code of the persons' region
    known      words of `bianque.safeguard.classify.evidence()`
    raises     BadInput  for an unknown table or word
    """
    fields = of_table(table)
    if not fields:
        raise BadInput(f"there is no table {table}", remedy=f"one of {', '.join(tables())}")
    within = _within(region) if region else ()
    is_open = emergency is not None and (at is None or emergency.open_at(at))
    context = context_of(emergency, is_open=is_open, within=within, controller=controller, purpose=purpose)
    return effective(fields, context | frozenset(known))


def _within(region: str) -> tuple[str, ...]:
    """A region and those that contain it; a code of another system stands for itself."""
    found = china().regions.get(region)
    return (region, *(_within(found.parent) if found and found.parent else ()))
