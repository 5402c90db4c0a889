"""Tables of what is due by a day: requests of data subjects, and paper forms that were handed out. They name nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bianque.model import catalogue
from bianque.model.paper_forms import FormBatch
from bianque.model.rights import RightsRequest
from bianque.safeguard.deadlines import deadline
from bianque.services import numerals
from bianque.services.tables import words
from bianque.services.tables.table import Cell, Column, Row, Table

RIGHTS_COLUMNS = [
    Column("rights_id"),
    Column("rights_right"),
    Column("rights_received"),
    Column("rights_due"),
    Column("rights_state"),
    Column("rights_law"),
]
FORM_COLUMNS = [
    Column("forms_form"),
    Column("forms_numbers"),
    Column("forms_issued", "number"),
    Column("forms_returned", "number"),
    Column("forms_destroyed", "number"),
    Column("forms_open", "number"),
    Column("forms_due"),
    Column("forms_state"),
    Column("forms_responsible"),
    Column("forms_device"),
]


def rights(requests: Sequence[RightsRequest], today: dt.date, language: str) -> Table:
    """Requests of data subjects; whose they are is said by nobody."""
    rows = [_request(one, today, language) for one in requests]
    return Table("rights", catalogue.text("table_rights", language), RIGHTS_COLUMNS, rows)


def _request(one: RightsRequest, today: dt.date, language: str) -> Row:
    law = deadline(one.law)
    state = "answered" if one.answered else _state(one.due, today)
    return [
        Cell(one.id, one.id),
        Cell(one.right, catalogue.text(f"right_{one.right}", language)),
        Cell(one.received_at.isoformat(), numerals.day(one.received_at.date(), language)),
        _due(one.due, state, language),
        Cell(state, catalogue.text(f"due_state_{state}", language)),
        Cell(one.law, words.article(law.law, law.article, language)),
    ]


def forms(batches: Sequence[FormBatch], today: dt.date, language: str) -> Table:
    """Batches of paper forms: issued = returned + destroyed, or some are still out."""
    rows = [_batch(one, today, language) for one in batches]
    return Table("forms", catalogue.text("table_forms", language), FORM_COLUMNS, rows)


def _batch(one: FormBatch, today: dt.date, language: str) -> Row:
    state = _state(one.due, today) if one.open else "closed"
    numbers = f"{one.first_number}–{one.first_number + one.issued - 1}"
    counts = (one.issued, one.returned, one.destroyed, one.open)
    return [
        Cell(one.form, one.form),
        Cell(numbers, numbers),
        *(Cell(count, numerals.number(count)) for count in counts),
        _due(one.due, state, language),
        Cell(state, catalogue.text(f"due_state_{state}", language)),
        Cell(one.responsible, one.responsible),
        Cell(one.device, one.device),
    ]


def _state(due: dt.date, today: dt.date) -> str:
    return "overdue" if today > due else "open"


def _due(day: dt.date, state: str, language: str) -> Cell:
    return Cell(day.isoformat(), numerals.day(day, language), state="late" if state == "overdue" else "")
