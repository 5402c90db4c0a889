"""The receipt of an ingest: what was read, what was kept, what was not, and why.  It always adds up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class QuarantineReason(BaseModel):
    """How many rows went to quarantine for one reason, and where the first one is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    reason: str
    rows: int
    first_line: int


class Receipt(BaseModel):
    """lines = outside + read; read = accepted + quarantined; accepted = new + unchanged + corrected (rows of the file).

    replaces     the receipt of an earlier reading of the same file, whose facts no longer count; empty if there is none
    outside      rows the feed's `where` does not select
    corrected    rows that differ from what the lake knew when the file came; they add a version
    falling      rows that make a cumulative count fall from one day to the next, in the file or against the lake: kept,
                 and flagged as corrections by the source
    missing      empty cells of accepted rows: unknown, so not stored
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    sequence: int
    replaces: str = ""
    feed: str
    kind: str
    file: str
    sha256: str
    encoding: str
    delimiter: str
    truncated: bool
    ingested_on: dt.date
    lines: int
    outside: int
    read: int
    accepted: int
    quarantined: int
    new: int
    unchanged: int
    corrected: int
    falling: int
    missing: int
    facts: int
    first_reference_date: dt.date | None
    last_reference_date: dt.date | None
    last_known_at: dt.date | None
    vintages: bool
    known_at: str
    reasons: tuple[QuarantineReason, ...] = ()
    falls: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (
            self.lines != self.outside + self.read
            or self.read != self.accepted + self.quarantined
            or self.accepted != self.new + self.unchanged + self.corrected
        ):
            raise ValueError(f"receipt {self.id} does not add up")
        return self


def standing(receipts: Iterable[Receipt]) -> list[Receipt]:
    """The receipts that stand: a later reading of the same file in the same feed replaces the earlier.

    A reading that gave no usable row replaces none: a mistake in a description must not take facts out.

    receipts  in the order in which the files came
    """
    stand: dict[tuple[str, str], Receipt] = {}
    for receipt in receipts:
        file = (receipt.feed, receipt.sha256)
        if receipt.accepted or file not in stand:
            stand[file] = receipt
    return list(stand.values())
