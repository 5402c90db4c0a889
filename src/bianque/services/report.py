"""report.html: the picture of one day as one file that needs nothing else.

Both languages are in it; a radio button switches, so it works without a script, from a mail attachment, and on paper.
A long table is cut where a reader stops, and says how many rows it has and which file holds them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bianque import __version__
from bianque.model import catalogue
from bianque.model.situation import Situation
from bianque.model.text import LANGUAGES
from bianque.services import brief, charts, definitions, drawing, numerals, scales, sentences, tiles
from bianque.services import shapes as map_shapes
from bianque.services.charts import Chart
from bianque.services.scales import Choropleth, MetricKey
from bianque.services.shapes import Shapes
from bianque.services.tables import findings, intake, words
from bianque.services.tables import regions as region_tables
from bianque.services.tables.table import Table

ROWS_SHOWN = 30
NAMED = 8  # regions named in a row of those not assessed; the others are counted
CHART_WIDTH, CHART_HEIGHT = 480, 250  # drawn small and shown two abreast, so that its labels are still read on a phone
MAP_METRICS: tuple[MetricKey, ...] = ("growth", "total", "importation")  # the first with a figure to show is drawn
LINE_COLOURS = {"main": drawing.BLUE, "second": drawing.RED, "median": drawing.ORANGE}

REGION_COLUMNS = (
    "region", "trend", "total", "new_7_days", "incidence", "growth", "doubling", "reproduction", "signals", "deaths",
    "curve",
)  # fmt: skip
SIGNAL_COLUMNS = ("date", "region", "feed", "measure", "observed", "expected", "threshold", "excess")
IMPORTATION_COLUMNS = ("rank", "destination", "expected_arrivals", "volume", "origin")
INDEX_COLUMNS: tuple[str, ...] = ("rank", "destination", "volume", "origin")
FEED_COLUMNS = (
    "feed", "kind", "last_reference_date", "last_known_at", "lateness", "read", "accepted", "quarantined",
    "corrections", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the report shows it: its first rows, how many there are, and the file with all of them."""

    table: Table
    count: int
    file: str


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a drawing's legend."""

    colour: str
    label: str
    line: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, its title, what its colours mean, and the definition of what it shows."""

    title: str
    drawing: Markup
    legend: list[Key]
    notes: list[str]
    definition: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The destinations of one travel feed; what is the same in every row is said once, in `notes`."""

    name: str
    shown: Shown
    notes: list[str]


def render(situation: Situation, shapes: Shapes | None) -> str:
    """The report of a picture as it may be shown.

    shapes  the GeoJSON the emergency names, if any; China's provinces ship with the package
    """
    shapes = map_shapes.of(situation, shapes)
    template = _environment().get_template("report.html.j2")
    return template.render(
        s=situation, parts=[_part(situation, shapes, language) for language in LANGUAGES], version=__version__
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bianque.services"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # drawings are ours; their texts are escaped where they are made
    return environment


def _part(situation: Situation, shapes: Shapes | None, language: str) -> dict[str, object]:
    """What the template says in one language."""

    def text(key: str, **values: object) -> str:
        return catalogue.text(key, language, **values)

    def day(date: dt.date) -> str:
        return numerals.day(date, language)

    signals = findings.signals(situation, language)
    return {
        "language": language,
        "t": text,
        "day": day,
        "tiles": tiles.of_whole(situation, language),
        "decisions": brief.decisions(situation),
        "map": _map(situation, shapes, language),
        "curves": [_curve(charts.chart(situation, situation.whole, key, language), language) for key in charts.CHARTS],
        "series": _shown(region_tables.series(situation, situation.whole, language), "situation.json"),
        "forecast": _shown(region_tables.forecast(situation.whole, language), "forecast.parquet"),
        "regions": _whole(
            region_tables.regions(situation, language).sorted_by("growth", descending=True).only(*REGION_COLUMNS)
        ),
        "signals": _shown(signals.only(*SIGNAL_COLUMNS), "signals.csv"),
        "signals_sentence": sentences.signals(situation, len(signals.rows), language),
        "not_assessed": _whole(findings.not_assessed(situation, language, named=NAMED)),
        "change_points": _shown(findings.change_points(situation, language), "situation.json"),
        "rankings": list(_rankings(situation, language)),
        "published": _whole(findings.published(situation, language)),
        "feeds": _whole(intake.feeds(situation, language).only(*FEED_COLUMNS)),
        "quality_sentence": sentences.quality(situation, language),
        "definitions": [
            (figure, definitions.name(figure), definitions.parts(figure)) for figure in definitions.OF_PICTURE
        ],
        "methods": _methods(situation, language),
    }


def _shown(table: Table, file: str) -> Shown:
    return Shown(table.first(ROWS_SHOWN), len(table.rows), file)


def _whole(table: Table) -> Shown:
    return Shown(table, len(table.rows), "")


def _map(situation: Situation, shapes: Shapes | None, language: str) -> Figure | None:
    """The map of the first metric that is known anywhere; None without shapes or figures."""
    drawn = [scales.choropleth(situation, metric, language=language) for metric in MAP_METRICS]
    chosen = next((c for c in drawn if any(cell.value is not None or cell.hidden for cell in c.cells)), None)
    if shapes is None or chosen is None:
        return None
    title = catalogue.text(f"metric_{chosen.metric}_long", language)
    return Figure(
        title=title,
        drawing=Markup(drawing.map_svg(shapes, chosen, words.names(situation, language), title)),
        legend=_map_legend(chosen, language),
        notes=[],
        definition=chosen.metric,
    )


def _map_legend(drawn: Choropleth, language: str) -> list[Key]:
    unclear = catalogue.text("legend_unclear", language)
    legend = [
        Key(c.colour, f"{c.label} {unclear}" if c.colour == drawn.unclear_colour else c.label) for c in drawn.classes
    ]
    legend.append(Key(drawn.unknown_colour, catalogue.text("legend_unknown", language)))
    if any(cell.hidden for cell in drawn.cells):
        legend.append(Key(drawn.hidden_colour, catalogue.text("legend_hidden", language)))
    return legend


def _curve(chart: Chart, language: str) -> Figure:
    ahead = chart.expected_from is not None
    legend = [Key(drawing.BLUE, chart.bars.name)] if chart.bars else []
    legend += [Key(LINE_COLOURS[line.role], line.name, line=True) for line in chart.lines]
    legend += [Key(drawing.RANGE_COLOURS[r.percent] if ahead else drawing.BAND_COLOUR, r.name) for r in chart.ranges]
    notes = [catalogue.text("chart_cut", language)] if chart.axis.cut else []
    notes += [catalogue.text("chart_hidden", language)] if chart.hidden_dates else []
    return Figure(
        title=chart.title,
        drawing=Markup(drawing.line_chart(chart, language, width=CHART_WIDTH, height=CHART_HEIGHT)),
        legend=legend,
        notes=notes,
        definition={"cumulative": "total", "daily": "forecast"}.get(chart.key, chart.key),
    )


def _rankings(situation: Situation, language: str) -> Iterable[Ranking]:
    """One table a travel feed: volumes of two feeds have different units and are never ranked together."""
    named = {feed.id: feed.name.in_language(language) for feed in situation.feeds}
    for feed in dict.fromkeys(row.feed for row in situation.importation):
        rows = [row for row in situation.importation if row.feed == feed]
        table = findings.importation(situation, language, found=rows)
        if rows[0].unit == "index":
            notes, columns = [catalogue.text("report_index", language)], INDEX_COLUMNS
        else:
            texts = {key: list(dict.fromkeys(c.text for c in table.column(key))) for key in ("prevalence", "source")}
            notes = [f"{catalogue.text(f'col_{k}', language)}: {t[0]}" for k, t in texts.items() if len(t) == 1]
            columns = (*IMPORTATION_COLUMNS, *(key for key, different in texts.items() if len(different) > 1))
        yield Ranking(named.get(feed, feed), _shown(table.only(*columns), "importation.csv"), notes)


def _methods(situation: Situation, language: str) -> list[tuple[str, str]]:
    """What each estimate was made with: the figure's definition and the method in words."""
    whole = situation.whole
    used = {
        "growth": [whole.growth.method],
        "reproduction": [whole.reproduction.method],
        "forecast": [fan.model for fan in whole.forecasts],
        "signal": [s.method for s in situation.signals] + [n.method for n in situation.not_assessed],
        "change_point": ["changepoint"],
        "importation": [row.method for row in situation.importation],
    }
    return [
        (figure, numerals.listing([catalogue.text(f"method_{m}", language) for m in dict.fromkeys(methods)], language))
        for figure, methods in used.items()
        if methods
    ]
