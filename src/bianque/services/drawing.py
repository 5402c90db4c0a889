"""Charts and maps as SVG: for the report, for download, and for readers without JavaScript.

Presentation attributes only, no styles: the drawings obey the strictest content security policy. Colours are those
of the pages on a light ground.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from bianque.model.situation import Series
from bianque.services import numerals
from bianque.services.charts import Chart, Line, Range
from bianque.services.scales import Choropleth

INK, QUIET, RULE = "#1c2b36", "#5b6b76", "#e3e0d8"
BLUE, RED, ORANGE = "#1d5a80", "#a3341f", "#b35806"
RANGE_COLOURS = {50: "#e5a467", 80: "#f0c79c", 95: "#f7e2c9"}
BAND_COLOUR = "#bfd7e4"
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
HALO = 'stroke="#fff" stroke-width="3" paint-order="stroke"'  # keeps a label readable across lines
FINEST = 1.0  # pixel between two points of a shape: finer is not seen, and a map of provinces would be heavy
ASPECT = 0.75  # width of a degree of longitude to one of latitude: echarts' aspectScale, cos(41°)

Rings = list[list[list[float]]]


def line_chart(chart: Chart, language: str, *, width: int = 720, height: int = 300) -> str:
    """Bars, lines and bands along days, with the axis the chart asks for."""
    left, right, top, bottom = 62.0, width - 14.0, 18.0, height - 26.0
    days = len(chart.dates)
    slot = (right - left) / max(1, days)
    axis = chart.axis

    def x(i: int) -> float:
        return left + (i + 0.5) * slot

    def y(value: float) -> float:
        return bottom - (value - axis.lowest) / (axis.highest - axis.lowest) * (bottom - top)

    head = f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(chart.title)}" font-family="{FONT}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {head} font-size="12"><title>{escape(chart.title)}</title>']
    for tick, label in zip(axis.ticks(), axis.labels(), strict=True):
        at = y(tick)
        parts.append(f'<path d="M{left:.1f} {at:.1f}H{right:.1f}" stroke="{RULE}"/>')
        parts.append(f'<text x="{left - 8:.1f}" y="{at + 4:.1f}" text-anchor="end" fill="{QUIET}">{label}</text>')
    parts += _day_labels(chart.dates, x, bottom, slot, width, language)
    # An inner drawing cuts what lies beyond the axis, so that a curve leaves the chart and does not run along its edge.
    box = f"{left:.1f} {top - 1:.1f} {right - left:.1f} {bottom - top + 2:.1f}"
    at_left, at_top, wide, high = box.split()
    parts.append(f'<svg x="{at_left}" y="{at_top}" width="{wide}" height="{high}" viewBox="{box}">')
    parts += [_band(area, x, y, ahead=chart.expected_from is not None) for area in chart.ranges]
    if chart.bars is not None:
        parts += _bars(chart.bars.values, x, y, slot, bottom)
    if chart.reference is not None:
        parts.append(
            f'<path d="M{left:.1f} {y(chart.reference):.1f}H{right:.1f}" stroke="{QUIET}" stroke-width="1.2"/>'
        )
    parts += [_line(line, x, y) for line in chart.lines]
    parts.append("</svg>")
    parts += _end_labels(chart.lines, x, y, right)
    for mark in chart.marks:
        if mark.date in chart.dates:
            at = x(chart.dates.index(mark.date))
            anchor = "end" if at > (left + right) / 2 else "start"
            shift = -5 if anchor == "end" else 5
            parts.append(f'<path d="M{at:.1f} {top:.1f}V{bottom:.1f}" stroke="{RED}" stroke-dasharray="4 3"/>')
            place = f'x="{at + shift:.1f}" y="{top + 4 + 13 * mark.row:.1f}" text-anchor="{anchor}"'
            parts.append(f'<text {place} fill="{RED}" {HALO}>{escape(mark.label)}</text>')
    parts.append("</svg>")
    return "".join(parts)


def _day_labels(
    dates: Sequence[dt.date], x: Callable[[int], float], bottom: float, slot: float, width: int, language: str
) -> Iterable[str]:
    """Days from the last one back, as many as there is room for; the last stays inside the drawing."""
    every = max(1, math.ceil(74 / slot)) if slot else 1
    for i in range(len(dates) - 1, -1, -every):
        at, anchor = (x(i), "middle") if x(i) < width - 32 else (width - 2.0, "end")
        yield (
            f'<text x="{at:.1f}" y="{bottom + 18:.1f}" text-anchor="{anchor}" fill="{QUIET}">'
            f"{numerals.short_day(dates[i], language)}</text>"
        )


def _band(area: Range, x: Callable[[int], float], y: Callable[[float], float], *, ahead: bool) -> str:
    colour = RANGE_COLOURS[area.percent] if ahead else BAND_COLOUR
    pieces = []
    for run in _runs([None if u is None else lo for lo, u in zip(area.lower, area.upper, strict=True)]):
        there = [f"{x(i):.1f} {y(area.upper[i] or 0.0):.1f}" for i in run]
        back = [f"{x(i):.1f} {y(area.lower[i] or 0.0):.1f}" for i in reversed(run)]
        pieces.append(f"M{'L'.join([*there, *back])}Z")
    return f'<path d="{"".join(pieces)}" fill="{colour}"/>' if pieces else ""


def _bars(
    values: Series, x: Callable[[int], float], y: Callable[[float], float], slot: float, bottom: float
) -> Iterable[str]:
    wide = max(1.0, 0.72 * slot)
    for i, value in enumerate(values):
        if value is not None and value > 0:
            top = y(value)
            yield (
                f'<rect x="{x(i) - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" '
                f'height="{bottom - top:.1f}" fill="{BLUE}"/>'
            )


def _line(line: Line, x: Callable[[int], float], y: Callable[[float], float]) -> str:
    colour = {"main": BLUE, "second": RED, "median": ORANGE}[line.role]
    path = "".join(
        "M" + "L".join(f"{x(i):.1f} {y(line.values[i] or 0.0):.1f}" for i in run) for run in _runs(line.values)
    )
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>' if path else ""


def _end_labels(
    lines: Sequence[Line], x: Callable[[int], float], y: Callable[[float], float], right: float
) -> Iterable[str]:
    """The last figure of each counted line, written where the line ends."""
    for line in lines:
        if line.role == "median" or len(lines) < 2:
            continue
        last = max((i for i, value in enumerate(line.values) if value is not None), default=None)
        if last is not None:
            value = line.values[last] or 0.0
            colour = BLUE if line.role == "main" else RED
            yield (
                f'<text x="{min(x(last), right):.1f}" y="{y(value) - 8:.1f}" text-anchor="end" fill="{colour}" '
                f'font-weight="600" {HALO}>{escape(line.name)} {numerals.number(value)}</text>'
            )


def _runs(values: Series) -> list[list[int]]:
    """The stretches of days with a known value."""
    runs: list[list[int]] = []
    for i, value in enumerate(values):
        if value is None or math.isnan(value):
            continue
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def spark(values: Series, *, width: int = 96, height: int = 22) -> str:
    """A small curve without axes, for a row of a table: the table has the figures."""
    top = max((v for v in values if v is not None and not math.isnan(v)), default=0.0)
    if top <= 0 or len(values) < 2:
        return ""
    step = (width - 4) / (len(values) - 1)
    points = "".join(
        "M" + "L".join(f"{2 + i * step:.1f} {height - 2 - (values[i] or 0.0) / top * (height - 4):.1f}" for i in run)
        for run in _runs(values)
    )
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        f'<path d="{points}" fill="none" stroke="{BLUE}" stroke-width="1.5"/></svg>'
    )


def map_svg(
    shapes: dict[str, Any], choropleth: Choropleth, names: dict[str, str], title: str, *, width: int = 720
) -> str:
    """Shapes with `code` and `name` (GeoJSON, degrees), each filled with the colour of its cell."""
    features = [(f["properties"], _rings(f["geometry"])) for f in shapes["features"]]
    points = [point for _, rings in features for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    scale = (width - 4) / ((east - west) * ASPECT)
    height = (north - south) * scale + 4
    cells = {cell.code: cell for cell in choropleth.cells}
    head = f'viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(title)}" stroke-linejoin="round"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {head}><title>{escape(title)}</title>']
    for properties, rings in features:
        path = "".join(_ring_path(ring, west, north, scale) for ring in rings)
        if properties.get("inset"):
            parts.append(f'<path d="{path}" fill="{QUIET}"><title>{escape(properties["name"])}</title></path>')
            continue
        cell = cells.get(str(properties["code"]))
        colour, text = (cell.colour, cell.text) if cell else (choropleth.unknown_colour, numerals.UNKNOWN)
        name = names.get(str(properties["code"]), str(properties.get("name", "")))
        parts.append(
            f'<path d="{path}" fill="{colour}" stroke="{QUIET}" stroke-width="0.6" fill-rule="evenodd">'
            f"<title>{escape(f'{name}: {text}')}</title></path>"
        )
    parts.append("</svg>")
    return "".join(parts)


def _rings(geometry: dict[str, Any]) -> Rings:
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    return [ring for polygon in geometry["coordinates"] for ring in polygon]


def _ring_path(ring: list[list[float]], west: float, north: float, scale: float) -> str:
    """Relative steps of tenths of a pixel; points nearer than `FINEST` to the last one are left out."""
    path = ""
    last: tuple[float, float] | None = None
    for longitude, latitude in ring:
        x, y = round(2 + (longitude - west) * ASPECT * scale, 1), round(2 + (north - latitude) * scale, 1)
        if last is None:
            path = f"M{x:g} {y:g}l"
        elif abs(x - last[0]) + abs(y - last[1]) >= FINEST:
            path += _step(x - last[0]) + _step(y - last[1])
        else:
            continue
        last = (x, y)
    return path.removesuffix("l") + "Z"


def _step(by: float) -> str:
    """A signed number in as few characters as a path allows: the sign is its own separator."""
    text = f"{by:+.1f}".removesuffix(".0")
    return (text[0] + text[2:] if text[1:3] == "0." else text).replace("+", " ")
