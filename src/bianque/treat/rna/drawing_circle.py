"""Circle plot: which positions pair, around a circle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bianque.treat.rna.drawing_parts import (
    BLUE,
    QUIET,
    SHADES,
    TITLE_ROW,
    Axis,
    axis_of,
    frame,
    heading,
    layers,
    letters,
    number,
    shades_of,
    steps,
    stroke_width,
)
from bianque.treat.rna.picture import FAINTEST, Pairs, Picture
from bianque.treat.rna.structure import pairs_of

ROOM = 66.0  # pixels at each side of the circle, for letters and positions
ROOM_ABOVE = 42.0
TICK = 10.0  # pixels of a chord that leaves the window
STRAIGHT = 50  # radii: a chord that bends less is drawn as a line
ROUND = 0.04  # radii: one that bends more is a semicircle, to a tenth of a pixel; its radius grows from 1 as in an arc


@dataclass(frozen=True)
class _Circle:
    """Where the window lies on the drawing, from the top clockwise."""

    x: float
    y: float
    radius: float

    def place(self, along: float, out: float = 0.0) -> tuple[float, float]:
        """The point so many pixels along the rim and outside of it."""
        angle, far = along / self.radius, self.radius + out
        return self.x + far * math.sin(angle), self.y - far * math.cos(angle)

    def tenths(self, along: int, out: float = 0.0) -> tuple[int, int]:
        """The same in tenths of a pixel."""
        x, y = self.place(along / 10, out)
        return round(10 * x), round(10 * y)


def circle_plot(picture: Picture, *, first: int = 0, last: int | None = None, width: int = 640, title: str = "") -> str:
    """Pairs as chords of a circle; with probabilities all probable ones, shaded in five steps, the structure's thicker.

    Chords are arcs at right angles to the circle: those of near neighbours are seen, and nested ones do not cross. A
    pair that leaves the window is a short tick inwards.

    raises    BadInput  for a window that is empty or leaves the sequence
    """
    radius = width / 2 - ROOM
    axis = axis_of(picture, first, last, 2 * math.pi * radius)
    probable = picture.probable
    top = (TITLE_ROW if title or probable else 0) + ROOM_ABOVE
    circle = _Circle(width / 2, top + radius, radius)
    rim = f'<circle cx="{circle.x:g}" cy="{circle.y:g}" r="{radius:g}" fill="none" stroke="{QUIET}"/>'
    return "".join(
        [
            frame(width, circle.y + radius + ROOM_ABOVE, title, axis, {"cx": circle.x, "cy": circle.y, "r": radius}),
            heading(title, width, legend_from=FAINTEST if probable else None),
            rim,
            '<g fill="none">',
            *_pairs(picture, axis, circle),
            "</g>",
            *_labels(picture, axis, circle),
            "</svg>",
        ]
    )


def _pairs(picture: Picture, axis: Axis, circle: _Circle) -> Iterator[str]:
    structure, thick = pairs_of(picture.partners), stroke_width(axis)
    if picture.probable is None:
        ends = axis.inside(structure)
        for count, colour in ((1, QUIET), (2, BLUE)):
            there = structure[ends == count]
            yield from _chords(axis, circle, there, np.zeros(len(there), np.int64), (colour,), thick)
        return
    pairs, probabilities = picture.probable
    among, shades = _compared(structure, pairs, probabilities, len(picture.sequence))
    for those, shade, width in (
        (pairs[~among], shades_of(probabilities[~among]), 0.7 * thick),
        (structure, shades, 1.4 * thick),
    ):
        shown = axis.inside(those) > 0
        yield from _chords(axis, circle, those[shown], shade[shown], SHADES, width)


def _compared(
    structure: Pairs, pairs: Pairs, probabilities: NDArray[np.float64], length: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pairs are the structure's, and the shade of each of the structure's: the faintest for one not there."""
    keys, own = (rows[:, 0].astype(np.int64) * length + rows[:, 1] for rows in (pairs, structure))
    known = dict(zip(keys.tolist(), probabilities.tolist(), strict=True))
    return np.isin(keys, own), shades_of(np.array([known.get(key, 0.0) for key in own.tolist()], np.float64))


def _chords(
    axis: Axis, circle: _Circle, pairs: Pairs, shades: NDArray[np.int64], colours: Sequence[str], thick: float
) -> Iterator[str]:
    for shade, places in layers(axis, pairs, shades):
        path, here = [f"M{circle.x:g} {circle.y:g}"], (round(10 * circle.x), round(10 * circle.y))
        for start, end in places:
            chord, here = _chord(axis, circle, start, end, here)
            path.append(chord)
        yield f'<path d="{"".join(path)}" stroke="{colours[shade]}" stroke-width="{thick:.2f}"/>'


def _chord(axis: Axis, circle: _Circle, start: int, end: int, here: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """A chord, or the beginning of one where an end is outside the window, as steps from here; and where it ends."""
    cut = start < 0 or end > axis.border
    reach = max(end - start, axis.step)
    begin = circle.tenths(end if start < 0 else start)
    there = circle.tenths(end if start < 0 else start, -TICK) if cut else circle.tenths(start + reach)
    move = f"m{steps(begin[0] - here[0], begin[1] - here[1])}"
    by = steps(there[0] - begin[0], there[1] - begin[1])
    bend = math.tan(reach / 20 / circle.radius)  # in radii; negative where the shorter way is across the top
    if cut or abs(bend) > STRAIGHT:
        return f"{move}l{by}", there
    if 0 < bend < ROUND:
        return f"{move}a1 1 0 0 0 {by}", there
    size = number(max(1, round(10 * abs(bend) * circle.radius)))
    return f"{move}a{size} {size} 0 0 {0 if bend > 0 else 1} {by}", there


def _labels(picture: Picture, axis: Axis, circle: _Circle) -> Iterator[str]:
    """Letters and positions around the circle, and a mark where it begins and ends."""
    yield f'<path d="M{circle.x:g} {circle.y - circle.radius - 8:.1f}v16" stroke="{QUIET}" stroke-width="2"/>'
    out = 4.0
    if axis.lettered:
        size = min(13.0, 1.3 * axis.slot)
        places = [circle.place((i + 0.5) * axis.slot, 4 + size / 2) for i in range(axis.last - axis.first)]
        xs, ys = " ".join(f"{x:.1f}" for x, _ in places), " ".join(f"{y + 0.35 * size:.1f}" for _, y in places)
        yield letters(picture, axis, xs, ys, size)
        out = 6 + size
    for position, at in axis.ticks():
        (x, y), (to_x, to_y), (text_x, text_y) = (circle.place(at, far) for far in (out, out + 4, out + 8))
        yield f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{QUIET}"/>'
        aside = math.sin(at / circle.radius)
        anchor = "middle" if abs(aside) < 0.2 else "start" if aside > 0 else "end"
        text_y += 4 - 4 * math.cos(at / circle.radius)  # from the foot of the digits at the top to their head below
        place = f'x="{text_x:.1f}" y="{text_y:.1f}" text-anchor="{anchor}" font-size="11"'
        yield f'<text {place} fill="{QUIET}">{position:,}</text>'
