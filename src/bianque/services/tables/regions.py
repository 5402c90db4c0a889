"""Regions today, a region day by day, and the days to come."""

from __future__ import annotations

from dataclasses import replace

from bianque.model import catalogue
from bianque.model.situation import Estimate, RegionPicture, Situation
from bianque.services import charts, drawing, numerals
from bianque.services.numerals import Form
from bianque.services.tables import words
from bianque.services.tables.table import Behind, Cell, Column, Row, Table

COLUMNS = [
    Column("region", sortable=True),
    Column("code"),
    Column("trend", definition="trend", sortable=True),
    Column("total", "number", "total", sortable=True),
    Column("new_7_days", "number", "new_7_days", sortable=True),
    Column("incidence", "number", "incidence", sortable=True),
    Column("growth", "number", "growth", ends=True, sortable=True),
    Column("doubling", "number", "doubling", ends=True, sortable=True),
    Column("reproduction", "number", "reproduction", ends=True, sortable=True),
    Column("signals", "number", "signal", sortable=True),
    Column("deaths", "number", "deaths", sortable=True),
    Column("curve", definition="new"),
]
SORTABLE = tuple(column.key for column in COLUMNS if column.sortable)


def regions(situation: Situation, language: str) -> Table:
    """Every region today: how many, how fast, how sure."""
    top = max((r.incidence_7_days_per_100k or 0.0 for r in situation.regions), default=0.0)
    rows = [_region_row(region, top, language) for region in situation.regions]
    return Table("regions", catalogue.text("table_regions", language), COLUMNS, rows, situation.disclosure_rule)


TREND_ORDER = {"growing": 3, "steady": 2, "shrinking": 1}


def _region_row(region: RegionPicture, top_incidence: float, language: str) -> Row:
    name, behind = region.name.in_language(language), words.rows_behind(region.code)
    incidence = region.incidence_7_days_per_100k
    return [
        Cell(name, name, behind=words.region_page(region.code)),
        Cell(region.code, region.code),
        Cell(
            region.trend if region.trend in TREND_ORDER else None,
            catalogue.text(f"trend_{region.trend}", language),
            state=region.trend,
            order=TREND_ORDER.get(region.trend),
            behind=behind,
        ),
        count_cell(region, "total", behind),
        count_cell(region, "new_7_days", behind),
        replace(
            count_cell(region, "incidence_7_days_per_100k", behind, "decimal"),
            bar=incidence / top_incidence if incidence is not None and top_incidence > 0 else None,
        ),
        estimate_cell(region.growth, "percent", behind, language),
        estimate_cell(region.doubling_days, "days", behind, language),
        estimate_cell(region.reproduction, "ratio", behind, language),
        Cell(
            region.signals_today,
            numerals.number(region.signals_today),
            behind=Behind(f"/regions/{region.code}#signals"),
        ),
        count_cell(region, "deaths_total", words.rows_behind(region.code, "deaths")),
        Cell(None, "", drawing=drawing.spark(region.new), behind=behind),
    ]


def count_cell(region: RegionPicture, name: str, behind: Behind | None, form: Form = "count") -> Cell:
    """A count of a region, hidden where the rule for small counts hides it."""
    if name in region.hidden:
        return Cell(None, numerals.HIDDEN, hidden=True, behind=behind)
    value: float | None = getattr(region, name)
    return Cell(value, numerals.number(value, form), behind=behind)


def estimate_cell(figure: Estimate, form: Form, behind: Behind | None, language: str) -> Cell:
    """Value and interval, or the reason why it was not assessed."""
    note = numerals.interval(figure.lower, figure.upper, form)
    if figure.value is None and figure.reason:
        note = words.reason(figure.reason, language)
    return Cell(figure.value, numerals.number(figure.value, form), figure.lower, figure.upper, note=note, behind=behind)


def series(situation: Situation, picture: RegionPicture, language: str) -> Table:
    """Day by day: what the curves show."""
    columns = [
        Column("date"),
        Column("new", "number", "new"),
        Column("cumulative", "number", "total"),
        Column("deaths", "number", "deaths"),
        Column("growth", "number", "growth", ends=True),
        Column("reproduction", "number", "reproduction", ends=True),
    ]
    hidden = set(picture.hidden_dates)
    growth, reproduction = picture.growth_series, picture.reproduction_series
    rows = []
    for i, date in enumerate(situation.dates):
        new = picture.new[i]
        rows.append(
            [
                Cell(date, numerals.day(date, language), behind=words.rows_behind(picture.code)),
                Cell(None, numerals.HIDDEN, hidden=True) if date in hidden else Cell(new, numerals.number(new)),
                Cell(picture.cumulative[i], numerals.number(picture.cumulative[i])),
                Cell(picture.deaths_cumulative[i], numerals.number(picture.deaths_cumulative[i])),
                _band_cell(growth.value[i], growth.lower[i], growth.upper[i], "percent"),
                _band_cell(reproduction.value[i], reproduction.lower[i], reproduction.upper[i], "ratio"),
            ]
        )
    title = catalogue.text("table_series", language, region=picture.name.in_language(language))
    return Table("series", title, columns, rows[::-1], situation.disclosure_rule)


def _band_cell(value: float | None, lower: float | None, upper: float | None, form: Form) -> Cell:
    return Cell(value, numerals.number(value, form), lower, upper, note=numerals.interval(lower, upper, form))


def forecast(picture: RegionPicture, language: str) -> Table:
    """The days to come, every model: median and intervals."""
    columns = [
        Column("model", definition="forecast"),
        Column("date"),
        Column("median", "number", "forecast"),
        Column("interval_50", "number", "forecast", ends=True),
        Column("interval_80", "number", "forecast", ends=True),
        Column("interval_95", "number", "forecast", ends=True),
    ]
    rows: list[Row] = []
    for name in charts.models(picture):
        fan = charts.forecast(picture, name)
        if fan is None:
            continue
        for i, date in enumerate(fan.dates):
            ends: dict[int, tuple[float, float]] = {
                percent: (fan.quantiles[low][i], fan.quantiles[high][i]) for low, high, percent in charts.FAN
            }
            median = fan.quantiles[charts.MEDIAN][i]
            rows.append(
                [
                    Cell(name, catalogue.text(f"method_{name}", language)),
                    Cell(date, numerals.day(date, language)),
                    Cell(median, numerals.number(median)),
                    *(Cell(None, numerals.interval(*ends[p]), *ends[p]) for p in (50, 80, 95)),
                ]
            )
    title = catalogue.text("table_forecast", language, region=picture.name.in_language(language))
    return Table("forecast", title, columns, rows)
