"""What was asked to be folded, and how far it is."""

from __future__ import annotations

from bianque.model import catalogue
from bianque.services import fold_view, numerals
from bianque.services.fold_jobs import Job
from bianque.services.tables.table import Behind, Cell, Column, Table


def asked(jobs: list[Job], language: str) -> Table:
    """One row a question; what it is called leads to its page."""
    columns = [
        Column("sequence"),
        Column("length", "number"),
        Column("span", "number"),
        Column("temperature", "number"),
        Column("probabilities"),
        Column("status"),
        Column("asked_at"),
    ]
    return Table(
        "asked", catalogue.text("fold_asked_heading", language), columns, [_row(job, language) for job in jobs]
    )


def _row(job: Job, language: str) -> list[Cell]:
    question, state = job.question, job.state
    wanted = "yes" if question.probabilities else "no"
    return [
        Cell(job.identity, fold_view.called(question, language), behind=Behind(f"/fold/{job.identity}")),
        Cell(len(question.sequence), numerals.number(len(question.sequence))),
        Cell(question.span or None, numerals.number(question.span) if question.span else numerals.UNKNOWN),
        Cell(question.temperature, f"{question.temperature:g}"),
        Cell(question.probabilities, catalogue.text(f"fold_{wanted}", language)),
        Cell(state.status, catalogue.text(f"fold_status_{state.status}", language)),
        Cell(fold_view.moment(state.asked, "en"), fold_view.moment(state.asked, language)),
    ]
