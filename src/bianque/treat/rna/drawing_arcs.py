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
    stroke_width,
)
from bianque.treat.rna.picture import FAINTEST, Pairs, Picture
from bianque.treat.rna.structure import pairs_of

LEAST_ROOM, ROOM_TO_LEAVE = 24.0, 90.0  # pixels beside the axis, at least, and where pairs leave the window
TICK = 60  # tenths of a pixel that a pair leaving the window rises at least


def arc_diagram(picture: Picture, *, first: int = 0, last: int | None = None, width: int = 960, title: str = "") -> str:
    """Pairs as semicircles over the sequence: the structure's above it, probable ones below, shaded in five steps.

    Pairs that leave the window are cut at its border, and grey above.

    raises    BadInput  for a window that is empty or leaves the sequence
    """
    axis = axis_of(picture, first, last, width - 2 * MARGIN)
    structure, probable = pairs_of(picture.partners), picture.probable
    top = TITLE_ROW if title or probable else 8.0
    line = top + _room(axis, structure)
    below = line + ruler_height(axis)
    height = below + _room(axis, probable[0]) if probable else below
    parts = [
        frame(width, height, title, axis, {"left": MARGIN, "right": MARGIN + axis.length}),
        heading(title, width, legend_from=FAINTEST if probable else None),
        ruler(picture, axis, MARGIN, line),
        _inner(axis, top, line, _structure(axis, structure, line)),
    ]
    if probable:
        parts.append(_inner(axis, below, height, _probable(axis, *probable, below)))
    return "".join(parts) + "</svg>"


def _room(axis: Axis, pairs: Pairs) -> float:
    """Pixels that semicircles need above or below the axis."""
    ends = axis.inside(pairs)
    spans = np.diff(pairs[ends == 2], axis=1)
    room = math.ceil(float(spans.max(initial=0)) * axis.slot / 2) + 4.0
    return max(room, ROOM_TO_LEAVE if (ends == 1).any() else LEAST_ROOM)


def _inner(axis: Axis, top: float, foot: float, paths: Iterable[str]) -> str:
    """A drawing in the drawing: it cuts what lies beyond the window."""
    place = f'x="{MARGIN:g}" y="{top:.1f}" width="{axis.length:g}" height="{foot - top:.1f}"'
    box = f"{MARGIN:g} {top:.1f} {axis.length:g} {foot - top:.1f}"
    return f'<svg {place} viewBox="{box}" fill="none" stroke-width="{stroke_width(axis)}">{"".join(paths)}</svg>'


def _structure(axis: Axis, pairs: Pairs, line: float) -> Iterable[str]:
    ends = axis.inside(pairs)
    for count, colour in ((1, QUIET), (2, BLUE)):
        there = pairs[ends == count]
        for _, places in layers(axis, there, np.zeros(len(there), np.int64)):
            yield f'<path d="{_arcs(axis, places, line, above=True)}" stroke="{colour}"/>'


def _probable(axis: Axis, pairs: Pairs, probabilities: NDArray[np.float64], line: float) -> Iterable[str]:
    yield f'<path d="M{MARGIN:g} {line:.1f}h{axis.length:g}" stroke="{QUIET}"/>'
    shown = axis.inside(pairs) > 0
    for shade, places in layers(axis, pairs[shown], shades_of(probabilities[shown])):
        yield f'<path d="{_arcs(axis, places, line, above=False)}" stroke="{SHADES[shade]}"/>'


def _arcs(axis: Axis, places: list[tuple[int, int]], line: float, *, above: bool) -> str:
    """Semicircles, each a step from the end of the last.

    Their radii are given as one pixel, which grows to what the chord needs (SVG 1.1, F.6.6): an arc finer than that is
    a pixel high. One that leaves the window has a tick besides, to be seen where it is cut soon after its foot.
    """
    sweep, tick = (1, -TICK) if above else (0, TICK)
    path, here = [f"M{MARGIN:g} {line:.1f}"], 0
    for start, end in places:
        if start < 0 or end > axis.border:
            foot = end if start < 0 else start
            path.append(f"m{number(foot - here)} 0v{number(tick)}v{number(-tick)}")
            here = foot
        chord = max(end - start, axis.step)
        radius = "1" if chord >= 20 else number(-(-chord // 2))
        path.append(f"m{number(start - here)} 0a{radius} 1 0 0 {sweep} {number(chord)} 0")
        here = start + chord
    return "".join(path)
