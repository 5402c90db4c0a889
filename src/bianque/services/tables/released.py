"""The released figures by region: what the public may see, and no more."""

from __future__ import annotations

from bianque.model import catalogue
from bianque.model.released import ReleasedFigures, ReleasedRegion
from bianque.services import numerals
from bianque.services.numerals import Form
from bianque.services.tables.table import Cell, Column, Row, Table

COLUMNS = [
    Column("region"),
    Column("code"),
    Column("total", "number", "total"),
    Column("new_last", "number", "new"),
    Column("new_7_days", "number", "new_7_days"),
    Column("incidence", "number", "incidence"),
    Column("deaths", "number", "deaths"),
]


def released(figures: ReleasedFigures, language: str) -> Table:
    """Every region of the released figures, in code order."""
    rows = [_row(region, language) for region in figures.regions]
    return Table("released", catalogue.text("table_released", language), COLUMNS, rows, figures.disclosure_rule)


def _row(region: ReleasedRegion, language: str) -> Row:
    name = region.name.in_language(language)
    return [
        Cell(name, name),
        Cell(region.code, region.code),
        count_cell(region, "total"),
        count_cell(region, "new_last"),
        count_cell(region, "new_7_days"),
        count_cell(region, "incidence_7_days_per_100k", "decimal"),
        count_cell(region, "deaths_total"),
    ]


def count_cell(region: ReleasedRegion, name: str, form: Form = "count") -> Cell:
    """A count, hidden where the rule for small counts hides it."""
    if name in region.hidden:
        return Cell(None, numerals.HIDDEN, hidden=True)
    value: float | None = getattr(region, name)
    return Cell(value, numerals.number(value, form))
