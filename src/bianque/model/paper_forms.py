"""Paper forms: are all that went out back or destroyed?  issued = returned + destroyed, or the batch is open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model.errors import BadInput


@dataclass(frozen=True, slots=True)
class FormBatch:
    """Forms that were booked out to one person: how many, which numbers, who answers for them, typed in on what."""

    id: str
    agency: str
    emergency: str
    organisation: str
    form: str  # which form
    first_number: int  # printed on the first form; they count up by one
    issued: int
    responsible: str  # account of whoever answers for them
    device: str  # on which they will be typed in
    issued_by: str
    issued_at: dt.datetime
    due: dt.date
    returned: int = 0
    destroyed: int = 0

    @property
    def open(self) -> int:
        """Forms that are neither back nor destroyed."""
        return self.issued - self.returned - self.destroyed

    def overdue(self, day: dt.date) -> bool:
        return self.open > 0 and day > self.due

    def booked(self, returned: int, destroyed: int) -> None:
        """raises  BadInput  when so many cannot come back"""
        if returned < 0 or destroyed < 0 or returned + destroyed == 0:
            raise BadInput(
                f"{returned} returned and {destroyed} destroyed are nothing to book",
                kept=f"batch {self.id} as it was",
                remedy="give a positive number of forms returned, destroyed, or both",
            )
        if returned + destroyed > self.open:
            raise BadInput(
                f"batch {self.id}: {returned} returned + {destroyed} destroyed, but only {self.open} are out",
                kept="the batch as it was",
                remedy="count again; a form that belongs to another batch is booked there",
            )
