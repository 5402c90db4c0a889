"""What the browser draws: charts and maps as plain data, every text already written."""

from __future__ import annotations

from typing import Any

from bianque.model import catalogue
from bianque.model.situation import Situation
from bianque.services import numerals
from bianque.services.charts import Chart
from bianque.services.scales import Choropleth
from bianque.services.tables import words
from bianque.web.address import Address


def curve(chart: Chart, language: str) -> dict[str, Any]:
    """A chart as app.js draws it. Marked days and hidden days are positions in `days`."""
    position = {day: i for i, day in enumerate(chart.dates)}
    return {
        "key": chart.key,
        "title": chart.title,
        "days": [numerals.short_day(day, language) for day in chart.dates],
        "bars": chart.bars and {"name": chart.bars.name, "values": chart.bars.values},
        "hidden": [position[day] for day in chart.hidden_dates if day in position],
        "lines": [{"name": line.name, "role": line.role, "values": line.values} for line in chart.lines],
        "ranges": [
            {"name": r.name, "percent": r.percent, "ahead": chart.expected_from is not None}
            | {"lower": r.lower, "upper": r.upper}
            for r in chart.ranges
        ],
        "marks": [{"at": position[m.date], "label": m.label, "row": m.row} for m in chart.marks if m.date in position],
        "reference": chart.reference,
        "axis": {
            "lowest": chart.axis.lowest,
            "highest": chart.axis.highest,
            "step": chart.axis.step,
            "labels": chart.axis.labels(),
        },
        "tips": [_tip(chart, i) for i in range(len(chart.dates))],
    }


def _tip(chart: Chart, i: int) -> list[tuple[str, str]]:
    """Name and figure of everything known on a day."""
    form = chart.axis.form
    rows = []
    if chart.bars is not None and chart.dates[i] in chart.hidden_dates:
        rows.append((chart.bars.name, numerals.HIDDEN))
    for line in [*([chart.bars] if chart.bars else []), *chart.lines]:
        value = line.values[i]
        if value is not None:
            rows.append((line.name, numerals.number(value, form)))
    bands = ((area.name, numerals.interval(area.lower[i], area.upper[i], form)) for area in chart.ranges)
    return rows + [(name, ends) for name, ends in bands if ends]


def region_map(situation: Situation, drawn: Choropleth, address: Address, shapes: str) -> dict[str, Any]:
    """A map as app.js draws it; `shapes` is the URL of its GeoJSON."""
    names = words.names(situation, address.language)
    return {
        "shapes": shapes,
        "title": catalogue.text(f"metric_{address.metric}", address.language),
        "unknown": drawn.unknown_colour,
        "cells": [
            {
                "code": cell.code,
                "name": names[cell.code],
                "text": cell.text,
                "colour": cell.colour,
                "href": address.to(words.region_page(cell.code)),
            }
            for cell in drawn.cells
        ],
    }
