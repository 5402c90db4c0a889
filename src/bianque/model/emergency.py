"""The emergency: the only authority under which anything personal moves.

drafted → declared → (extended)* → closed → disposed. A draft says what it is for; two persons of the command body
declare it; whatever is personal refuses before that and after the close; the close starts the disposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from bianque.model.authority import Purpose
from bianque.model.errors import BadInput
from bianque.model.text import Strict, Text

SIGNATURES = 2  # persons of the command body that declare, extend, close


class State(StrEnum):
    DRAFTED = "drafted"
    DECLARED = "declared"  # also when extended: `ends` has moved
    CLOSED = "closed"
    DISPOSED = "disposed"


class Act(StrEnum):
    """What persons of the command body sign."""

    DECLARE = "declare"
    EXTEND = "extend"
    CLOSE = "close"
    DISPOSE = "dispose"


Code = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]


class DataSource(Strict):
    """One organisation's data that the emergency may use, field by field."""

    organisation: Code = Field(description="id of the organisation that provides or collects it")
    fields: tuple[str, ...] = Field(min_length=1, description="fields of the person table that may be taken from it")
    purposes: tuple[Purpose, ...] = Field(min_length=1, description="what they may be used for")
    basis: Code = Field(description="id of the legal basis, as listed by `bianque safeguard bases`")


class Retention(Strict):
    """How long what is kept, counted from the close."""

    identified_days: Annotated[int, Field(ge=0, le=3660)] = Field(description="identified records: people, cases")
    pseudonymous_days: Annotated[int, Field(ge=0, le=3660)] = Field(description="facts under pseudonyms in the lake")
    audit_days: Annotated[int, Field(ge=180, le=36600)] = Field(
        description="the audit; at least six months (Cybersecurity Law of China, art. 21(3))"
    )


class Terms(Strict):
    """What an emergency is for and how it ends: what two persons of the command body sign."""

    name: Text = Field(description="name of the emergency")
    command_body: Code = Field(description="id of the organisation whose persons declare, extend and close")
    executing_bodies: tuple[Code, ...] = Field(default=(), description="ids of the organisations that act under it")
    start_condition: Text = Field(description="the fact that triggers it, with its source")
    legal_bases: tuple[Code, ...] = Field(min_length=1, description="ids of legal bases")
    purposes: tuple[Purpose, ...] = Field(min_length=1, description="everything it may be used for")
    sources: tuple[DataSource, ...] = Field(default=(), description="data sources allowed, with the fields of each")
    regions: tuple[str, ...] = Field(min_length=1, description="jurisdiction: codes of regions, their parts included")
    starts: dt.date = Field(description="first day, from midnight UTC (08:00 in Beijing)")
    review: dt.date = Field(description="day by which the command body must look at it again")
    ends: dt.date = Field(description="last day, to midnight UTC (08:00 of the next in Beijing), unless it is extended")
    retention: Retention = Field(description="how long what is kept after the close")
    disposal: Text = Field(description="disposal plan: what is erased, what is handed back")
    disposal_by: Code = Field(description="id of the organisation that executes the disposal")
    climate_of_fear: bool = Field(
        default=False, description="declared where exposure of the sick leads to attacks on them: sensitivity rises"
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if not self.starts <= self.review <= self.ends:
            raise ValueError("starts, review and ends are not in this order")
        return self

    @model_validator(mode="after")
    def _sources_within(self) -> Self:
        for source in self.sources:
            if outside := set(source.purposes) - set(self.purposes):
                raise ValueError(f"source {source.organisation}: purposes outside the emergency's: {sorted(outside)}")
            if source.basis not in self.legal_bases:
                raise ValueError(f"source {source.organisation}: basis {source.basis} is none of the emergency's")
        return self


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's consent to one act."""

    act: Act
    account: str
    organisation: str
    at: dt.datetime
    ends: dt.date | None = None  # of an extension: the day it is extended to


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency as it stands."""

    id: str
    agency: str
    terms: Terms
    state: State = State.DRAFTED
    signatures: tuple[Signature, ...] = ()
    closed_at: dt.datetime | None = None

    def open_on(self, day: dt.date) -> bool:
        """Whether anything personal may move on a day: declared, and neither before its first nor after its last."""
        return self.state is State.DECLARED and self.terms.starts <= day <= self.terms.ends

    def open_at(self, at: dt.datetime) -> bool:
        """The same of a moment. Days are those of UTC, whatever zone the moment is written in."""
        return self.open_on(at.astimezone(dt.UTC).date())

    def signed(self, signature: Signature) -> Emergency:
        """The emergency after one more signature; the act takes effect with the second of two different persons.

        raises  BadInput  when the act does not fit the state, the signer is not of the command body, or has signed, or
                          the last day of what is declared or extended is over
        """
        self._check(signature)
        same = self.waiting(signature.act, signature.ends)
        if any(s.account == signature.account for s in same):
            raise BadInput(f"{signature.account} has signed already", remedy="a second person signs")
        after = replace(self, signatures=(*self.signatures, signature))
        return after._effective(signature) if len(same) + 1 >= SIGNATURES else after

    def waiting(self, act: Act, ends: dt.date | None = None) -> list[Signature]:
        """The signatures under an act that has not taken effect: it waits for one more person."""
        return [s for s in self._pending() if (s.act, s.ends) == (act, ends)]

    def _pending(self) -> list[Signature]:
        """Signatures of acts that have not taken effect: those after the last act that did."""
        pending: list[Signature] = []
        for given in self.signatures:
            pending.append(given)
            if len([s for s in pending if (s.act, s.ends) == (given.act, given.ends)]) >= SIGNATURES:
                pending = []
        return pending

    def _check(self, signature: Signature) -> None:
        allowed: dict[State, tuple[Act, ...]] = {
            State.DRAFTED: (Act.DECLARE,),
            State.DECLARED: (Act.EXTEND, Act.CLOSE),
            State.CLOSED: (Act.DISPOSE,),
            State.DISPOSED: (),
        }
        if signature.act not in allowed[self.state]:
            raise BadInput(f"an emergency that is {self.state} cannot be signed to {signature.act}")
        by = self.terms.disposal_by if signature.act is Act.DISPOSE else self.terms.command_body
        if signature.organisation != by:
            raise BadInput(f"{signature.act} is signed by persons of {by}, not of {signature.organisation}")
        if signature.act is Act.EXTEND and (signature.ends is None or signature.ends <= self.terms.ends):
            raise BadInput(f"an extension names a day after {self.terms.ends}")
        last = signature.ends or self.terms.ends
        if signature.act in (Act.DECLARE, Act.EXTEND) and last < signature.at.astimezone(dt.UTC).date():
            raise BadInput(
                f"{signature.act}: the last day, {last}, is over, so nothing would open",
                kept="the emergency as it was, without this signature",
                remedy="an extension names a later day; a draft whose days are over is drafted anew under another id",
            )

    def _effective(self, signature: Signature) -> Emergency:
        match signature.act:
            case Act.EXTEND:
                assert signature.ends is not None
                moved = self.terms.model_copy(update={"review": self.terms.ends, "ends": signature.ends})
                return replace(self, terms=moved)
            case Act.CLOSE:
                return replace(self, state=State.CLOSED, closed_at=signature.at)
            case Act.DISPOSE:
                return replace(self, state=State.DISPOSED)
            case Act.DECLARE:
                return replace(self, state=State.DECLARED)
