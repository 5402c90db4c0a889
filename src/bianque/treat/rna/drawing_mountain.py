"""Mountain plot: how many pairs enclose each position (Hogeweg and Hesper 1984, Nucleic Acids Res 12:67)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from bianque.treat.rna.drawing_parts import (
    BLUE,
    LEGEND,
    MARGIN,
    ORANGE,
    QUIET,
    RULE,
    SHADES,
    TITLE_ROW,
    Axis,
    axis_of,
    frame,
    heading,
    round_step,
    ruler,
    ruler_height,
    shades_of,
)
from bianque.treat.rna.picture import Pairs, Picture
from bianque.treat.rna.structure import pairs_of

LEFT = 52.0  # pixels left of the axis, for the numbers of pairs
HEIGHT = 240.0  # pixels of the curves
STRIP = 12.0  # pixels of the unpaired probabilities
KEY = 60  # pixels of the expected number's colour and name

Values = NDArray[np.float64]


def mountain_plot(
    picture: Picture, *, first: int = 0, last: int | None = None, width: int = 960, title: str = ""
) -> str:
    """The number of pairs around each position; with probabilities the expected number too, as a second curve.

    Below it, where they are known, a strip of the probabilities to be unpaired, in five steps. Pairs that leave the
    window are counted like others: the curve comes in or goes out above zero.

    raises    BadInput  for a window that is empty or leaves the sequence
    """
    axis = axis_of(picture, first, last, width - LEFT - MARGIN)
    length, structure = len(picture.sequence), pairs_of(picture.partners)
    curves = [(enclosing(length, structure, np.ones(len(structure))), BLUE)]
    if picture.pairs is not None and picture.probabilities is not None:
        curves.insert(0, (enclosing(length, np.sort(picture.pairs, axis=1), picture.probabilities), ORANGE))
    shown = [(values[axis.first : axis.last], colour) for values, colour in curves]
    strip = picture.unpaired
    top = (TITLE_ROW if title or strip is not None or len(shown) > 1 else 0) + 8.0
    foot = top + HEIGHT
    line = foot + (STRIP + 4 if strip is not None else 0)
    most = max(1.0, *(float(values.max()) for values, _ in shown))
    parts = [
        frame(width, line + ruler_height(axis), title, axis, {"left": LEFT, "right": LEFT + axis.length}),
        heading(title, width, legend_from=0.0 if strip is not None else None, taken=KEY if len(shown) > 1 else 0),
        *_levels(axis, most, foot),
        *(_curve(axis, foot - values / most * HEIGHT, colour) for values, colour in shown),
        ruler(picture, axis, LEFT, line),
    ]
    if strip is not None:
        parts += _strip(axis, strip[axis.first : axis.last], foot + 3)
    if len(shown) > 1:
        parts.append(_key(width - 22 - (LEGEND if strip is not None else 0)))
    return "".join(parts) + "</svg>"


def enclosing(length: int, pairs: Pairs, weights: Values) -> Values:
    """How many pairs, by weight, lie around each position: begin before it and end behind it."""
    change = np.zeros(length + 1)
    np.add.at(change, pairs[:, 0] + 1, weights)
    np.add.at(change, pairs[:, 1], -weights)
    return np.maximum(0.0, np.cumsum(change)[:-1])


def _levels(axis: Axis, most: float, foot: float) -> Iterator[str]:
    for level in range(0, int(most) + 1, round_step(most / 5)):
        y = foot - level / most * HEIGHT
        yield f'<path d="M{LEFT:g} {y:.1f}h{axis.length:g}" stroke="{RULE}"/>'
        yield f'<text x="{LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end" font-size="11" fill="{QUIET}">{level:,}</text>'


def _columns(axis: Axis) -> NDArray[np.int64]:
    """The first nucleotide, from the window's start, of each pixel, or each nucleotide where those are wider."""
    count = axis.last - axis.first
    pixels = np.arange(count) if axis.slot >= 1 else (np.arange(count) * axis.slot).astype(np.int64)
    return np.unique(pixels, return_index=True)[1]


def _curve(axis: Axis, heights: Values, colour: str) -> str:
    """A line through the nucleotides; where a pixel holds several, through the highest and the lowest of them."""
    starts = _columns(axis)
    middles = LEFT + (starts + np.append(starts[1:], len(heights))) / 2 * axis.slot
    highest, lowest = np.minimum.reduceat(heights, starts), np.maximum.reduceat(heights, starts)
    points = []
    for x, high, low in zip(middles.tolist(), highest.tolist(), lowest.tolist(), strict=True):
        points.append(f"{x:.1f} {low:.1f}" if low == high else f"{x:.1f} {low:.1f}V{high:.1f}")
    if len(points) == 1:  # one nucleotide: a line as wide as it
        points = [f"{LEFT:g} {heights[0]:.1f}h{axis.length:g}"]
    return f'<path d="M{"L".join(points)}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>'


def _strip(axis: Axis, unpaired: Values, top: float) -> Iterable[str]:
    """The mean of each pixel, or nucleotide, as a shade."""
    starts = _columns(axis)
    edges = np.append(starts, len(unpaired))
    shades = shades_of(np.add.reduceat(unpaired, starts) / np.diff(edges))
    turns = np.append(np.flatnonzero(np.diff(shades, prepend=-1)), len(shades))
    places = (LEFT + edges[turns] * axis.slot).tolist()
    boxes: dict[int, list[str]] = {}
    for turn, x, to in zip(turns, places, places[1:], strict=False):
        boxes.setdefault(int(shades[turn]), []).append(f"M{x:.1f} {top:.1f}h{to - x:.1f}v{STRIP - 4:g}h{x - to:.1f}z")
    for shade, outlines in sorted(boxes.items()):
        yield f'<path d="{"".join(outlines)}" fill="{SHADES[shade]}"/>'


def _key(right: float) -> str:
    """The expected number's colour."""
    return (
        f'<path d="M{right - 48:g} 15h22" stroke="{ORANGE}" stroke-width="2"/>'
        f'<text x="{right:g}" y="19" text-anchor="end" fill="{QUIET}">\N{N-ARY SUMMATION}'
        '<tspan font-style="italic">p</tspan></text>'
    )
