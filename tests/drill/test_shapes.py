"""The outlines are a map: forty simple polygons that share their borders and leave no gap."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bianque.drill.province import draw_province

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Point = tuple[float, float]


def area(ring: Floats) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def crossings(ring: Floats) -> int:
    """Pairs of segments of a ring, not next to each other, that touch: every pair is looked at."""
    whole = np.round(ring * 1e4).astype(np.int64)
    start, end = whole[:-1], whole[1:]

    def side(a: Ints, b: Ints, c: Ints) -> Ints:
        (ux, uy), (vx, vy) = np.moveaxis(b - a, -1, 0), np.moveaxis(c - a, -1, 0)
        return np.asarray(np.sign(ux * vy - uy * vx))

    a, b, c, d = start[:, None], end[:, None], start[None], end[None]
    touching = (side(a, b, c) * side(a, b, d) <= 0) & (side(c, d, a) * side(c, d, b) <= 0)
    boxes = (np.minimum(a, b) <= np.maximum(c, d)) & (np.minimum(c, d) <= np.maximum(a, b))
    number = np.arange(len(start))
    apart = (number[:, None] - number[None]) % len(start)
    return int((touching & boxes.all(axis=-1) & (apart > 1) & (apart < len(start) - 1)).sum())


def outer_edges(rings: list[Floats]) -> tuple[Counter[tuple[Point, Point]], list[tuple[Point, Point]]]:
    """How often each directed edge occurs, and the edges nobody has in the other direction."""
    edges: Counter[tuple[Point, Point]] = Counter()
    for ring in rings:
        points = [(float(x), float(y)) for x, y in ring]
        edges.update(itertools.pairwise(points))
    return edges, [edge for edge in edges if edge[::-1] not in edges]


@pytest.fixture(scope="module")
def rings(folder: Path) -> list[Floats]:
    collection = json.loads((folder / "regions.geojson").read_text("utf-8"))
    return [np.array(feature["geometry"]["coordinates"][0]) for feature in collection["features"]]


def test_the_map_is_a_small_feature_collection_of_forty_named_counties(folder: Path) -> None:
    text = (folder / "regions.geojson").read_text("utf-8")
    collection = json.loads(text)
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == 40
    assert len(text.encode()) < 150_000
    for feature in collection["features"]:
        assert set(feature["properties"]) == {"code", "name_zh", "name_en"}
        assert feature["geometry"]["type"] == "Polygon"
        assert len(feature["geometry"]["coordinates"]) == 1


def test_every_county_is_one_closed_counter_clockwise_ring_that_does_not_touch_itself(rings: list[Floats]) -> None:
    for ring in rings:
        assert (ring[0] == ring[-1]).all()
        assert area(ring) > 0
        assert len(np.unique(ring, axis=0)) == len(ring) - 1
        assert crossings(ring) == 0


def test_neighbours_share_their_borders_point_by_point_and_the_province_is_in_one_piece(rings: list[Floats]) -> None:
    edges, outer = outer_edges(rings)
    assert max(edges.values()) == 1
    assert len(outer) < len(edges) / 2
    following = dict(outer)
    assert len(following) == len(outer)
    outline = [outer[0][0]]
    while (point := following[outline[-1]]) != outline[0]:
        outline.append(point)
    assert len(outline) == len(outer)
    whole = np.array([*outline, outline[0]])
    assert crossings(whole) == 0
    assert area(whole) == pytest.approx(sum(area(ring) for ring in rings), rel=1e-9)


def test_borders_are_not_straight(rings: list[Floats]) -> None:
    """A natural border turns often; a plain Voronoi county would have about six corners."""
    assert min(len(ring) for ring in rings) > 40


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_the_maps_of_other_seeds_are_valid_too(seed: int) -> None:
    province = draw_province(np.random.default_rng(seed))
    edges, outer = outer_edges(list(province.rings))
    assert max(edges.values()) == 1
    assert len(dict(outer)) == len(outer)
    assert all(crossings(ring) == 0 and area(ring) > 0 for ring in province.rings)
