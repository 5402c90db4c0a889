"""Charts and maps as SVG."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from bianque.model.situation import Situation
from bianque.services import charts, drawing, scales
from bianque.services.charts import Axis, Chart, Line, Mark, Range

SVG = "{http://www.w3.org/2000/svg}"
DAYS = [dt.date(2020, 2, 1) + dt.timedelta(days=n) for n in range(5)]


def chart(**changes: object) -> Chart:
    given: dict[str, object] = {
        "key": "daily",
        "title": "Cases & <deaths>",
        "dates": DAYS,
        "bars": None,
        "hidden_dates": [],
        "lines": [],
        "ranges": [],
        "marks": [],
        "reference": None,
        "expected_from": None,
        "axis": Axis(0.0, 10.0, 5.0, "count", False),
    }
    return Chart(**{**given, **changes})  # type: ignore[arg-type]


def drawn(described: Chart, language: str = "en") -> ElementTree.Element:
    return ElementTree.fromstring(drawing.line_chart(described, language))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("key", charts.CHARTS)
def test_every_chart_of_a_picture_is_an_image_with_a_title(
    today: Situation, key: charts.ChartKey, language: str
) -> None:
    described = charts.chart(today, today.whole, key, language)
    root = drawn(described, language)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == described.title


def test_names_are_text_whatever_is_in_them() -> None:
    marked = chart(marks=[Mark(DAYS[1], "<script>", 0)], lines=[Line("A & B", [1.0] * 5, "main")] * 2)
    root = drawn(marked)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "<script>" in texts
    assert "A & B 1" in texts


def test_a_day_without_cases_and_an_unknown_day_have_no_bar() -> None:
    root = drawn(chart(bars=Line("new", [4.0, 0.0, None, 2.0, 8.0], "main")))
    heights = [float(bar.get("height", "0")) for bar in root.iter(f"{SVG}rect")]
    assert len(heights) == 3
    assert heights[2] == pytest.approx(2 * heights[0], abs=0.2)


def test_an_unknown_day_breaks_a_line() -> None:
    root = drawn(chart(lines=[Line("Rt", [1.0, 2.0, None, 3.0, 4.0], "main")]))
    (path,) = [p for p in root.iter(f"{SVG}path") if p.get("stroke") == drawing.BLUE]
    assert path.get("d", "").count("M") == 2


def test_what_lies_beyond_the_axis_leaves_the_chart_and_is_cut_there() -> None:
    root = drawn(chart(lines=[Line("Rt", [500.0, 50.0, 5.0, 4.0, 3.0], "main")]))
    inner = root.find(f"{SVG}svg")
    assert inner is not None
    (line,) = inner.iter(f"{SVG}path")
    top = float(inner.get("viewBox", "").split()[1])
    heights = [float(pair.split()[1]) for pair in re.split("[ML]", line.get("d", ""))[1:]]
    assert heights[0] < heights[1] < top < heights[2]


def test_days_ahead_are_in_the_colours_of_the_forecast_and_an_estimate_in_its_own() -> None:
    estimate = [Range("95%", 95, [None, 1.0, 1.0, 1.0, 1.0], [None, 2.0, 2.0, 2.0, 2.0])]
    fills = {p.get("fill") for p in drawn(chart(ranges=estimate)).iter(f"{SVG}path")}
    assert drawing.BAND_COLOUR in fills
    fills = {p.get("fill") for p in drawn(chart(ranges=estimate, expected_from=DAYS[1])).iter(f"{SVG}path")}
    assert drawing.RANGE_COLOURS[95] in fills


def test_the_last_day_is_written_and_inside_the_drawing() -> None:
    days = [DAYS[0] + dt.timedelta(days=n) for n in range(60)]
    root = drawn(chart(dates=days))
    last = next(t for t in root.iter(f"{SVG}text") if t.text == f"{days[-1].day} Mar")
    assert last.get("text-anchor") == "end"
    assert float(last.get("x", "0")) <= 720


def points(path: str) -> list[tuple[float, float]]:
    """The absolute points of `M x y l dx dy …`."""
    start, _, steps = path.rstrip("Z").partition("l")
    x, y = map(float, start[1:].split())
    found = [(x, y)]
    numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", steps)]
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        found.append((x, y))
    return found


def test_a_map_keeps_the_shape_of_each_region_and_says_its_figure(today: Situation) -> None:
    ring = [[100.0, 30.0], [102.5, 30.1], [102.4, 32.0], [100.05, 31.9], [100.0, 30.0]]
    shapes = {"features": [{"properties": {"code": "A"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}
    svg = drawing.map_svg(shapes, scales.choropleth(today, "total"), {"A": "Alpha & Co"}, "Totals", width=720)
    root = ElementTree.fromstring(svg)
    (region,) = root.findall(f"{SVG}path")
    assert region.findtext(f"{SVG}title", "").startswith("Alpha & Co: ")
    scale = 716 / (2.5 * drawing.ASPECT)
    for (longitude, latitude), (x, y) in zip(ring, points(region.get("d", "")), strict=True):
        assert x == pytest.approx(2 + (longitude - 100.0) * drawing.ASPECT * scale, abs=0.06)
        assert y == pytest.approx(2 + (32.0 - latitude) * scale, abs=0.06)


def test_a_place_off_the_picture_is_drawn_as_unknown(today: Situation) -> None:
    ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    shapes = {"features": [{"properties": {"code": "Z"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}
    choropleth = scales.choropleth(today, "total")
    root = ElementTree.fromstring(drawing.map_svg(shapes, choropleth, {}, "Totals"))
    (region,) = root.findall(f"{SVG}path")
    assert region.get("fill") == choropleth.unknown_colour


def test_a_small_curve_is_drawn_only_where_there_is_something_to_see() -> None:
    assert "<path" in drawing.spark([0.0, 1.0, 3.0])
    assert drawing.spark([0.0, 0.0]) == drawing.spark([None, None]) == ""
