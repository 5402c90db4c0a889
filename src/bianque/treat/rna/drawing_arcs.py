"""Arc diagram: which positions pair, along the sequence."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bianque.treat.rna.drawing_parts import (
    BLUE,
    MARGIN,
    QUIET,
    SHADES,
    TITLE_ROW,
    Axis,
    axis_of,
    frame,
    heading,
    layers,
    number,
    ruler,
    ruler_height,
    shades_of,
    steps,
    stroke_width,
)
from bianque.treat.rna.picture import FAINTEST, Pairs, Picture
from bianque.treat.rna.structure import pairs_of

LEAST_ROOM, ROOM_TO_LEAVE = 24.0, 90.0  # pixels beside the axis, at least, and where pairs leave the window
TALL, MOST_STRETCH = 120.0, 20.0  # pixels the longest arc is stretched to where it would be lower, and how many times
TICK = 60  # tenths of a pixel that a pair leaving the window rises at least


def arc_diagram(picture: Picture, *, first: int = 0, last: int | None = None, width: int = 960, title: str = "") -> str:
    """Pairs as semicircles over the sequence: the structure's above it, probable ones below, shaded in five steps.

    Pairs that leave the window are cut at its border, and grey above. Where a nucleotide is less than a pixel and all
    pairs are so near that they could not be told apart, the arcs are stretched in height, all alike.

    raises    BadInput  for a window that is empty or leaves the sequence
    """
    axis = axis_of(picture, first, last, width - 2 * MARGIN)
    structure, probable = pairs_of(picture.partners), picture.probable
    stretch = _stretch(axis, structure if probable is None else np.concatenate([structure, probable[0]]))
    top = TITLE_ROW if title or probable else 8.0
    line = top + _room(axis, structure, stretch)
    below = line + ruler_height(axis)
    height = below + _room(axis, probable[0], stretch) if probable else below
    parts = [
        frame(width, height, title, axis, {"left": MARGIN, "right": MARGIN + axis.length}),
        heading(title, width, legend_from=FAINTEST if probable else None),
        ruler(picture, axis, MARGIN, line),
        _inner(axis, top, line, _structure(axis, structure, line, stretch)),
    ]
    if probable:
        parts.append(_inner(axis, below, height, _probable(axis, *probable, below, stretch)))
    return "".join(parts) + "</svg>"


def _longest(axis: Axis, pairs: Pairs) -> float:
    """Half the distance of the farthest pair in the window, in pixels."""
    spans = np.diff(pairs[axis.inside(pairs) == 2], axis=1)
    return float(spans.max(initial=0)) * axis.slot / 2


def _stretch(axis: Axis, pairs: Pairs) -> float:
    """How many times as high as wide the half of an arc is."""
    longest = _longest(axis, pairs)
    if axis.slot >= 1 or not longest:
        return 1.0
    return round(min(MOST_STRETCH, max(1.0, TALL / longest)), 1)


def _room(axis: Axis, pairs: Pairs, stretch: float) -> float:
    """Pixels that arcs need above or below the axis."""
    room = math.ceil(stretch * _longest(axis, pairs)) + 4.0
    return max(room, ROOM_TO_LEAVE if (axis.inside(pairs) == 1).any() else LEAST_ROOM)


def _inner(axis: Axis, top: float, foot: float, paths: Iterable[str]) -> str:
    """A drawing in the drawing: it cuts what lies beyond the window."""
    place = f'x="{MARGIN:g}" y="{top:.1f}" width="{axis.length:g}" height="{foot - top:.1f}"'
    box = f"{MARGIN:g} {top:.1f} {axis.length:g} {foot - top:.1f}"
    return f'<svg {place} viewBox="{box}" fill="none" stroke-width="{stroke_width(axis)}">{"".join(paths)}</svg>'


def _structure(axis: Axis, pairs: Pairs, line: float, stretch: float) -> Iterable[str]:
    ends = axis.inside(pairs)
    for count, colour in ((1, QUIET), (2, BLUE)):
        there = pairs[ends == count]
        for _, places in layers(axis, there, np.zeros(len(there), np.int64)):
            yield f'<path d="{_arcs(axis, places, line, stretch, above=True)}" stroke="{colour}"/>'


def _probable(
    axis: Axis, pairs: Pairs, probabilities: NDArray[np.float64], line: float, stretch: float
) -> Iterable[str]:
    yield f'<path d="M{MARGIN:g} {line:.1f}h{axis.length:g}" stroke="{QUIET}"/>'
    shown = axis.inside(pairs) > 0
    for shade, places in layers(axis, pairs[shown], shades_of(probabilities[shown])):
        yield f'<path d="{_arcs(axis, places, line, stretch, above=False)}" stroke="{SHADES[shade]}"/>'


def _arcs(axis: Axis, places: list[tuple[int, int]], line: float, stretch: float, *, above: bool) -> str:
    """Arcs, each a step from the end of the last.

    Their radii are given in their proportion, and grow to what the chord needs (SVG 1.1, F.6.6); those of less than a
    pixel are written out, and a pixel high at least. A pair that leaves the window has a tick besides, to be seen where
    it is cut soon after its foot.
    """
    sweep, tick = (1, -TICK) if above else (0, TICK)
    path, here = [f"M{MARGIN:g} {line:.1f}"], 0
    grown = f"1 {stretch:g}"
    for start, end in places:
        if start < 0 or end > axis.border:
            foot = end if start < 0 else start
            path.append(f"m{steps(foot - here, 0)}v{number(tick)}v{number(-tick)}")
            here = foot
        chord = max(end - start, axis.step)
        radii = grown if chord >= 20 else steps(-(-chord // 2), max(10, round(stretch * chord / 2)))
        path.append(f"m{steps(start - here, 0)}a{radii} 0 0 {sweep} {steps(chord, 0)}")
        here = start + chord
    return "".join(path)
