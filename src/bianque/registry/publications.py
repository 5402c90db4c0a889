"""Figures proposed for the public and what became of them. What is released stays as it was released."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from bianque.model.authority import Authority
from bianque.model.errors import BadInput
from bianque.model.released import ReleasedFigures
from bianque.registry.register import Register
from bianque.registry.tables.publication import publication


class PublicationState(StrEnum):
    PROPOSED = "proposed"
    RELEASED = "released"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Publication:
    """The figures of one day, who proposed and who decided."""

    id: str
    agency: str
    emergency: str
    as_of: str
    figures: bytes
    state: PublicationState
    proposed_by: str
    proposed_organisation: str
    proposed_at: dt.datetime
    decided_by: str = ""
    decided_organisation: str = ""
    decided_at: dt.datetime | None = None

    def read(self) -> ReleasedFigures:
        return ReleasedFigures.model_validate_json(self.figures)


def add(register: Register, proposed: Publication) -> None:
    with register.system() as connection:
        connection.execute(
            insert(publication).values(
                asdict(proposed) | {"proposed_at": _text(proposed.proposed_at), "decided_at": ""}
            )
        )


def get(register: Register, identity: str) -> Publication:
    """One of them.

    raises  BadInput  when there is none of this id
    """
    with register.system() as connection:
        row = connection.execute(select(publication).where(publication.c.id == identity)).first()
    if row is None:
        raise BadInput(f"no figures with the id {identity} were proposed", remedy="the approvals page lists them")
    return _publication(row)


def decide(
    register: Register, authority: Authority, identity: str, state: PublicationState, at: dt.datetime
) -> Publication:
    """The figures after a decision, which is taken once.

    raises  BadInput  when they were decided on already
    """
    decided = {
        "state": state,
        "decided_by": authority.account,
        "decided_organisation": authority.organisation,
        "decided_at": _text(at),
    }
    waiting = (publication.c.id == identity) & (publication.c.state == PublicationState.PROPOSED)
    with register.system() as connection:
        changed = connection.execute(update(publication).where(waiting).values(decided)).rowcount
    after = get(register, identity)
    if not changed:
        raise BadInput(f"the figures of {after.as_of} were decided on already: {after.state}", kept="that decision")
    return after


def listed(register: Register, state: PublicationState, limit: int = 100) -> list[Publication]:
    """Those of a state, the newest first."""
    newest = (publication.c.decided_at.desc(), publication.c.proposed_at.desc())
    found = select(publication).where(publication.c.state == state).order_by(*newest).limit(limit)
    with register.system() as connection:
        return [_publication(row) for row in connection.execute(found)]


def _publication(row: Row[Any]) -> Publication:
    given = dict(row._mapping)
    decided = dt.datetime.fromisoformat(given["decided_at"]) if given["decided_at"] else None
    read = {"state": PublicationState(given["state"]), "decided_at": decided}
    return Publication(**{**given, **read, "proposed_at": dt.datetime.fromisoformat(given["proposed_at"])})


def _text(at: dt.datetime) -> str:
    """A moment as it is kept: text that sorts as time does."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
