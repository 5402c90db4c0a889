"""The few figures a page or a report opens with."""

from __future__ import annotations

from dataclasses import dataclass

from bianque.model import catalogue
from bianque.model.situation import Estimate, RegionPicture, Situation
from bianque.services import numerals
from bianque.services.tables import regions as region_tables
from bianque.services.tables import words
from bianque.services.tables.table import Behind


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure, its interval or context, its definition, and the rows behind it."""

    label: str
    value: str
    note: str
    definition: str
    behind: Behind
    state: str = ""


def of_region(situation: Situation, region: RegionPicture, language: str) -> list[Tile]:
    """Counts, speed and certainty of one region or of the whole area."""

    def text(key: str, **values: object) -> str:
        return catalogue.text(key, language, **values)

    confirmed, deaths = words.rows_behind(region.code), words.rows_behind(region.code, "deaths")
    total = region_tables.count_cell(region, "total", confirmed)
    last = region_tables.count_cell(region, "new_last", confirmed)
    week = region_tables.count_cell(region, "new_7_days", confirmed)
    incidence = region_tables.count_cell(region, "incidence_7_days_per_100k", confirmed, "decimal")
    died = region_tables.count_cell(region, "deaths_total", deaths)
    day = numerals.short_day(situation.last_date, language)
    return [
        Tile(text("tile_total"), total.text, text("tile_total_note", new=last.text, day=day), "total", confirmed),
        Tile(text("tile_week"), week.text, text("tile_week_note", incidence=incidence.text), "new_7_days", confirmed),
        Tile(text("tile_deaths"), died.text, text("tile_deaths_note", day=day), "deaths", deaths),
        Tile(
            text("tile_reproduction"),
            numerals.number(region.reproduction.value, "ratio"),
            _certainty(region.reproduction, "ratio", language),
            "reproduction",
            confirmed,
        ),
        Tile(
            text("tile_growth"),
            numerals.number(region.growth.value, "percent"),
            _doubling(region, language),
            "growth",
            confirmed,
            region.trend,
        ),
    ]


def of_whole(situation: Situation, language: str) -> list[Tile]:
    """The whole area, and how many of its regions grow or gave a signal."""
    growing = sum(region.trend == "growing" for region in situation.regions)
    assessed = sum(region.trend != "unknown" for region in situation.regions)
    codes = {region.code for region in situation.regions}
    signalled = codes & {s.region for s in situation.signals if s.date == situation.last_date}
    return [
        *of_region(situation, situation.whole, language),
        Tile(
            catalogue.text("tile_growing", language),
            f"{growing} / {len(situation.regions)}",
            catalogue.text("tile_growing_note", language, assessed=assessed),
            "trend",
            Behind("/situation#regions"),
            "growing" if growing else "",
        ),
        Tile(
            catalogue.text("tile_signals", language),
            numerals.number(len(signalled)),
            catalogue.text("tile_signals_note", language, day=numerals.short_day(situation.last_date, language)),
            "signal",
            Behind("/situation#signals"),
        ),
    ]


def _certainty(figure: Estimate, form: numerals.Form, language: str) -> str:
    """The interval of an estimate; without one, the reason why."""
    ends = numerals.interval(figure.lower, figure.upper, form)
    if ends:
        return catalogue.text("tile_interval", language, ends=ends)
    return words.reason(figure.reason, language) if figure.reason else ""


def _doubling(region: RegionPicture, language: str) -> str:
    """Interval and doubling or halving time; without a rate, the reason why."""
    days = region.doubling_days.value
    ends = _certainty(region.growth, "percent", language)
    if days is None or region.trend not in ("growing", "shrinking"):
        return ends
    key = "tile_doubles" if days > 0 else "tile_halves"
    return f"{ends} · {catalogue.text(key, language, days=numerals.number(abs(days), 'days'))}"
