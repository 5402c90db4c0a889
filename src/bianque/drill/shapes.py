"""Shapes: what does a province that does not exist look like?

A field of small Voronoi cells is cut at an irregular outline; counties grow over the cells from 40 seats until they
meet, so each county is in one piece. A border is made once and given to both its sides, so no gap and no overlap can
arise. Each border is roughened by midpoint displacement (Fournier, Fussell and Carpenter 1982, Commun ACM 25:371)
kept inside the kite of the two cell centres and the border's ends, where no other border runs: borders never cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Voronoi

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_WIDTH_KM, HALF_HEIGHT_KM = 200.0, 145.0  # about 90,000 km², a smaller mainland province
CELL_KM = 12.5  # distance of neighbouring cells: about 15 cells to a county
CELL_JITTER = 0.30  # of the distance; more makes slivers
OUTLINE_WAVES = ((2, 0.10), (3, 0.09), (4, 0.05), (5, 0.05), (7, 0.03))  # waves round the outline, sd of their height
GROWTH_NOISE = 0.45  # sd of the log cost to grow over a cell: makes borders wind
SEAT_SPREAD = 1.6  # counties at the rim are this much wider apart than next to the capital
SEAT_CANDIDATES = 24  # best-candidate sampling (Mitchell 1991, Comput Graph 25:157)
CELLS_PER_COUNTY = (5, 60)  # a draw with a smaller or larger county is drawn again
BORDER_LEVELS = 2  # halvings of a border between two corners: pieces of about 2 km
BORDER_TILT = np.radians(28.0)  # largest tilt of a half against the whole
SHORT_BORDER_KM = 1.0  # not halved below


@dataclass(frozen=True, slots=True)
class Shapes:
    """County outlines in a plane of kilometres, east and north of the province's middle. County 0 has the capital.

    rings   closed, counter-clockwise; points on a shared border are identical in both rings
    seats   counties × 2
    """

    rings: tuple[Floats, ...]
    seats: Floats


def draw_shapes(counties: int, rng: np.random.Generator) -> Shapes:
    """The outlines of so many counties, each one ring without holes."""
    while True:
        points, land = _cells(rng)
        diagram = Voronoi(points)
        pairs, corners = _borders(diagram)
        seats = _seats(points, land, counties, rng)
        county = _grow(points, land, seats, pairs, rng)
        sizes = np.bincount(county[county >= 0], minlength=counties)
        if sizes.min() < CELLS_PER_COUNTY[0] or sizes.max() > CELLS_PER_COUNTY[1]:
            continue
        lines = _lines(points, diagram.vertices, pairs, corners, county, rng)
        rings = [_ring(lines, number) for number in range(counties)]
        if any(ring is None for ring in rings):
            continue
        closed = tuple(ring for ring in rings if ring is not None)
        return Shapes(closed, points[seats])


def _cells(rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """Centres of a jittered hexagonal field wider than the province, and which of them are land."""
    margin = 1.7
    rows = np.arange(-HALF_HEIGHT_KM * margin, HALF_HEIGHT_KM * margin, CELL_KM * np.sqrt(3) / 2)
    columns = np.arange(-HALF_WIDTH_KM * margin, HALF_WIDTH_KM * margin, CELL_KM)
    x = columns[None, :] + (np.arange(rows.size)[:, None] % 2) * CELL_KM / 2
    points = np.stack([x.ravel(), np.repeat(rows, columns.size)], axis=1)
    points += rng.uniform(-CELL_JITTER, CELL_JITTER, points.shape) * CELL_KM
    scaled = points / (HALF_WIDTH_KM, HALF_HEIGHT_KM)
    angle = np.arctan2(scaled[:, 1], scaled[:, 0])
    reach = np.ones(angle.size)
    for waves, height in OUTLINE_WAVES:
        reach += rng.normal(0, height) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    return points, np.hypot(scaled[:, 0], scaled[:, 1]) < np.clip(reach, 0.6, 1.45)


def _borders(diagram: Voronoi) -> tuple[Ints, Ints]:
    """Pairs of neighbouring cells and the two corners between them, in an order that does not depend on the library."""
    pairs = np.asarray(diagram.ridge_points, dtype=np.int64)
    corners = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    finite = (corners >= 0).all(axis=1)
    pairs, corners = np.sort(pairs[finite], axis=1), corners[finite]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, corners = pairs[order], corners[order]
    a, b = diagram.vertices[corners[:, 0]], diagram.vertices[corners[:, 1]]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    corners[swap] = corners[swap, ::-1]
    return pairs, corners


def _seats(points: Floats, land: NDArray[np.bool_], counties: int, rng: np.random.Generator) -> Ints:
    """Cells of the county seats: the capital off the middle, the others spread out, closer together near it."""
    cells = np.flatnonzero(land)
    middle = rng.uniform(-0.3, 0.3, 2) * (HALF_WIDTH_KM, HALF_HEIGHT_KM)
    seats = [int(cells[np.argmin(np.hypot(*(points[cells] - middle).T))])]
    from_capital = np.hypot(*(points[cells] - points[seats[0]]).T)
    spacing = 1 + (SEAT_SPREAD - 1) * np.minimum(from_capital / HALF_HEIGHT_KM, 1)
    nearest = from_capital / spacing
    for _ in range(counties - 1):
        candidates = rng.integers(0, cells.size, SEAT_CANDIDATES)
        chosen = int(candidates[np.argmax(nearest[candidates])])
        seats.append(int(cells[chosen]))
        nearest = np.minimum(nearest, np.hypot(*(points[cells] - points[cells[chosen]]).T) / spacing)
    return np.array(seats, dtype=np.int64)


def _grow(points: Floats, land: NDArray[np.bool_], seats: Ints, pairs: Ints, rng: np.random.Generator) -> Ints:
    """The county of every cell, −1 outside the province: the seat with the cheapest way to the cell."""
    distance = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    cost = distance * np.exp(rng.normal(0, GROWTH_NOISE, len(pairs)))
    inside = land[pairs].all(axis=1)
    graph = csr_matrix((cost[inside], (pairs[inside, 0], pairs[inside, 1])), shape=(len(points), len(points)))
    _, _, sources = dijkstra(graph, directed=False, indices=seats, min_only=True, return_predecessors=True)
    county_of_seat = {int(seat): number for number, seat in enumerate(seats)}
    return np.array([county_of_seat.get(int(source), -1) for source in sources], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Line:
    """One border between two corners, with the county on each side (−1: outside)."""

    corners: tuple[int, int]
    counties: tuple[int, int]
    points: Floats


def _lines(
    points: Floats, vertices: Floats, pairs: Ints, corners: Ints, county: Ints, rng: np.random.Generator
) -> list[_Line]:
    lines = []
    for (one, other), (start, end) in zip(pairs.tolist(), corners.tolist(), strict=True):
        if county[one] == county[other]:
            continue
        a, b = vertices[start], vertices[end]
        room = min(_angle(b - a, points[one] - a), _angle(a - b, points[one] - b))
        room = min(room, _angle(b - a, points[other] - a), _angle(a - b, points[other] - b))
        line = np.array([*_rough(a, b, room, BORDER_LEVELS, rng), b])
        lines.append(_Line((start, end), (int(county[one]), int(county[other])), line))
    return lines


def _angle(one: Floats, other: Floats) -> float:
    cosine = float(one @ other) / float(np.hypot(*one) * np.hypot(*other))
    return float(np.arccos(np.clip(cosine, -1, 1)))


def _rough(a: Floats, b: Floats, room: float, levels: int, rng: np.random.Generator) -> list[Floats]:
    """Points from a up to b, without b. `room` is the half-angle of the diamond about a–b that the line may fill.

    Each half gets the room its tilt leaves over, so its diamond lies in that half of the whole's diamond.
    """
    if levels == 0 or np.hypot(*(b - a)) < SHORT_BORDER_KM:
        return [a]
    tilt = rng.uniform(-1, 1) * min(0.7 * room, BORDER_TILT)
    across = np.array([a[1] - b[1], b[0] - a[0]])
    middle = (a + b) / 2 + across * np.tan(tilt) / 2
    left = room - abs(tilt)
    return _rough(a, middle, left, levels - 1, rng) + _rough(middle, b, left, levels - 1, rng)


def _ring(lines: list[_Line], number: int) -> Floats | None:
    """The closed outline of one county, counter-clockwise; None when it has a hole."""
    own = [line for line in lines if number in line.counties]
    at: dict[int, list[_Line]] = {}
    for line in own:
        for corner in line.corners:
            at.setdefault(corner, []).append(line)
    line, corner, ring, used = own[0], own[0].corners[0], [], 0
    while True:
        forward = line.corners[0] == corner
        ring.append((line.points if forward else line.points[::-1])[:-1])
        corner = line.corners[1] if forward else line.corners[0]
        used += 1
        if corner == own[0].corners[0]:
            break
        line = next(other for other in at[corner] if other is not line)
    if used < len(own):
        return None
    open_ring = np.concatenate(ring)
    if _area(np.concatenate([open_ring, open_ring[:1]])) < 0:
        open_ring = open_ring[::-1]
    first = int(np.lexsort((open_ring[:, 1], open_ring[:, 0]))[0])
    open_ring = np.roll(open_ring, -first, axis=0)
    return np.concatenate([open_ring, open_ring[:1]])


def _area(ring: Floats) -> float:
    """The signed area of a closed ring: positive when it runs counter-clockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)
