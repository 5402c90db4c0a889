"""Which colour does a figure get on the map?  Classes with fixed breaks, so that two days can be compared.

Growth and Rt have a neutral middle class and diverge from blue (falling) to orange (growing); an estimate whose
interval lies on both sides of no change is neutral too, so that the map never says more than the sentence above it.
Counts go from light to dark. Both ramps keep their order for readers with any of the three colour-vision deficiencies:
lightness rises or falls steadily, and blue against orange is told apart in all of them. On a dark ground high values
are bright.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bianque.model import regions
from bianque.model.situation import Estimate, ImportationRow, Situation
from bianque.services import numerals
from bianque.services.numerals import Form

MetricKey = Literal["growth", "reproduction", "incidence", "total", "importation"]
METRICS: tuple[MetricKey, ...] = ("growth", "reproduction", "incidence", "total", "importation")
Ground = Literal["light", "dark"]

# Growth per day: 0.01 doubles in 69 days, 0.05 in 14, 0.1 in 7. Rt: 1 divides growth from decline.
GROWTH_BREAKS = (-0.10, -0.05, -0.01, 0.01, 0.05, 0.10)
REPRODUCTION_BREAKS = (0.5, 0.75, 0.95, 1.05, 1.5, 2.0)

DIVERGING: dict[Ground, tuple[str, ...]] = {
    "light": ("#1f5a96", "#5d94c4", "#aecbe3", "#ece9e2", "#f3c58d", "#dd8a3c", "#a8520c"),
    "dark": ("#7db8f0", "#4b87bd", "#30577d", "#3f4750", "#8a5a2a", "#cf8433", "#ffb55e"),
}
SEQUENTIAL: dict[Ground, tuple[str, ...]] = {
    "light": ("#f1f0ea", "#d5e3ea", "#a9c8d8", "#72a5c0", "#3f7fa3", "#1d5a80", "#0b3653"),
    "dark": ("#2a323b", "#274a63", "#2f6a86", "#3f8f9d", "#6cb5a0", "#b3d389", "#f7ec7a"),
}
UNKNOWN_COLOUR: dict[Ground, str] = {"light": "#ffffff", "dark": "#1b2128"}
HIDDEN_COLOUR: dict[Ground, str] = {"light": "#e4ded1", "dark": "#39424c"}


@dataclass(frozen=True, slots=True)
class Class:
    """One colour of a legend and the values it stands for: lower ≤ value < upper."""

    lower: float
    upper: float
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One region on the map: its figure as text and its colour."""

    code: str
    value: float | None
    text: str
    colour: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Choropleth:
    """A map's figures: one cell per region, and the classes that are its legend.

    unclear_colour  of the class that also stands for estimates whose interval holds no change; None for counts
    """

    metric: MetricKey
    form: Form
    cells: list[Cell]
    classes: list[Class]
    unknown_colour: str
    hidden_colour: str
    unclear_colour: str | None


def choropleth(
    situation: Situation, metric: MetricKey, ground: Ground = "light", *, language: str = "en"
) -> Choropleth:
    """The figures of a metric on the map, written for a reader of `language`."""
    unclear: str | None = None
    if metric == "growth":
        form: Form = "percent"
        classes, unclear = _classes(GROWTH_BREAKS, DIVERGING[ground], form), DIVERGING[ground][len(GROWTH_BREAKS) // 2]
        cells = [_estimated(r.code, r.growth, 0.0, classes, form, ground, language) for r in situation.regions]
    elif metric == "reproduction":
        form = "ratio"
        classes = _classes(REPRODUCTION_BREAKS, DIVERGING[ground], form)
        unclear = DIVERGING[ground][len(REPRODUCTION_BREAKS) // 2]
        cells = [_estimated(r.code, r.reproduction, 1.0, classes, form, ground, language) for r in situation.regions]
    else:
        form = "count" if metric == "total" else "decimal"
        figures = _figures(situation, metric)
        classes = _counting_classes([value for value, _ in figures.values()], SEQUENTIAL[ground], form)
        cells = [_cell(code, value, hidden, classes, form, ground) for code, (value, hidden) in figures.items()]
    return Choropleth(
        metric=metric,
        form=form,
        cells=cells,
        classes=classes,
        unknown_colour=UNKNOWN_COLOUR[ground],
        hidden_colour=HIDDEN_COLOUR[ground],
        unclear_colour=unclear,
    )


def _figures(situation: Situation, metric: MetricKey) -> dict[str, tuple[float | None, bool]]:
    """The value of a region, and whether the rule for small counts hides it."""
    if metric == "importation":
        arrivals = _arrivals(situation)
        return {r.code: (arrivals.get(r.code), False) for r in situation.regions}
    name = "total" if metric == "total" else "incidence_7_days_per_100k"
    return {r.code: (getattr(r, name), name in r.hidden) for r in situation.regions}


def ranking(situation: Situation) -> list[ImportationRow]:
    """The rows of one feed: of the first whose destinations are regions of the map, else of the first."""
    on_map = {region.code for region in situation.regions}
    feeds = list(dict.fromkeys(row.feed for row in situation.importation))
    chosen = next(
        (f for f in feeds if any(r.feed == f and r.destination in on_map for r in situation.importation)), None
    )
    return [row for row in situation.importation if row.feed == (chosen or feeds[0])] if feeds else []


def _arrivals(situation: Situation) -> dict[str, float]:
    """Expected infected arrivals by region of the map: destinations inside a region of GB/T 2260 add up."""
    on_map = {region.code for region in situation.regions}
    system = regions.china() if situation.region_system == "cn" else None
    sums: dict[str, float] = {}
    for row in ranking(situation):
        code = row.destination
        if code not in on_map and system is not None and code in system:
            code = system[code].parent
        sums[code] = sums.get(code, 0.0) + row.expected
    return sums


def _estimated(
    code: str, figure: Estimate, no_change: float, classes: list[Class], form: Form, ground: Ground, language: str
) -> Cell:
    """An estimate with its interval; neutral where the interval holds `no_change`."""
    if figure.value is None or math.isnan(figure.value):
        return _cell(code, None, False, classes, form, ground)
    lower, upper = figure.lower, figure.upper
    unclear = lower is None or upper is None or lower <= no_change <= upper
    colour = _colour(no_change if unclear else figure.value, classes)
    return Cell(code, figure.value, numerals.estimate(figure, form, language), colour, False)


def _cell(code: str, value: float | None, hidden: bool, classes: list[Class], form: Form, ground: Ground) -> Cell:
    if hidden:
        return Cell(code, None, numerals.HIDDEN, HIDDEN_COLOUR[ground], True)
    if value is None or math.isnan(value):
        return Cell(code, None, numerals.UNKNOWN, UNKNOWN_COLOUR[ground], False)
    return Cell(code, value, numerals.number(value, form), _colour(value, classes), False)


def _colour(value: float, classes: list[Class]) -> str:
    return next((c.colour for c in classes if c.lower <= value < c.upper), classes[-1].colour)


def _classes(breaks: tuple[float, ...], colours: tuple[str, ...], form: Form) -> list[Class]:
    edges = (-math.inf, *breaks, math.inf)
    return [
        Class(lower, upper, colour, _label(lower, upper, form))
        for lower, upper, colour in zip(edges, edges[1:], colours, strict=False)
    ]


def _label(lower: float, upper: float, form: Form) -> str:
    if math.isinf(lower):
        return f"< {numerals.number(upper, form)}"
    if math.isinf(upper):
        return f"≥ {numerals.number(lower, form)}"
    return numerals.interval(lower, upper, form)


def _counting_classes(values: Iterable[float | None], colours: tuple[str, ...], form: Form) -> list[Class]:
    """Zero, then steps of 1-2-5 or of decades up to the largest value: as many as there are colours, or fewer."""
    positive = [v for v in values if v is not None and not math.isnan(v) and v > 0]
    zero = Class(-math.inf, math.ulp(0.0), colours[0], "0")
    if not positive:
        return [zero]
    steps = len(colours) - 1
    decades = range(math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive))) + 1)
    series = [m * 10.0**d for d in decades for m in (1, 2, 5)]
    inner = [s for s in series if min(positive) < s <= max(positive)]
    if len(inner) > steps - 1:
        inner = [s for s in inner if _leads(s)]
    inner = inner[-(steps - 1) :]
    edges = [math.ulp(0.0), *inner, math.inf]
    shades = [colours[1 + round(i * (steps - 1) / max(1, len(edges) - 2))] for i in range(len(edges) - 1)]
    classes = [
        Class(lower, upper, shade, _counting_label(lower, upper, form))
        for lower, upper, shade in zip(edges, edges[1:], shades, strict=False)
    ]
    return [zero, *classes]


def _leads(step: float) -> bool:
    """Whether a step is a power of ten."""
    return math.isclose(math.log10(step), round(math.log10(step)), abs_tol=1e-9)


def _counting_label(lower: float, upper: float, form: Form) -> str:
    if lower < 1e-300:
        return "> 0" if math.isinf(upper) else f"< {numerals.number(upper, form)}"
    if math.isinf(upper):
        return f"≥ {numerals.number(lower, form)}"
    top = upper - 1 if form == "count" else upper
    return numerals.interval(lower, top, form)
