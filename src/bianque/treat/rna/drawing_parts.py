"""What the drawings of a structure share: the scale, shades, letters, ticks and the frame.

Presentation attributes only, no styles: the drawings obey the strictest content security policy. Colours and letters
are those of the other charts, on a light ground.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput
from bianque.treat.rna.picture import Pairs, Picture

INK, QUIET, RULE = "#1c2b36", "#5b6b76", "#e3e0d8"
BLUE, ORANGE = "#1d5a80", "#b35806"
SHADES = ("#b3cfdf", "#86b2cc", "#5692b6", "#2c6c95", "#0f3d5c")  # a fifth of probability each
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
FIXED_FONT = "ui-monospace, 'Noto Sans Mono', 'DejaVu Sans Mono', monospace"
MARGIN = 24.0  # pixels left and right of the axis: half a position's digits
TITLE_ROW = 34.0  # pixels above the drawing, where there is a title or a legend
LETTERS_UP_TO, LETTER_ROOM = 150, 6.0  # nucleotides in a window, and pixels of each, that leave room for letters
MOST = 10_000  # pairs drawn one by one: some 300 kB of path
TICK_ROOM = 64  # pixels from one labelled position to the next
SWATCH = 30  # pixels of one shade in the legend
LEGEND = len(SHADES) * SWATCH + 54

Tenths = NDArray[np.int64]  # tenths of a pixel: sums of rounded steps do not drift


@dataclass(frozen=True)
class Axis:
    """A window of positions, from 0, half open, along so many pixels."""

    first: int
    last: int
    length: float

    @property
    def slot(self) -> float:
        """Pixels of one nucleotide."""
        return self.length / (self.last - self.first)

    @property
    def step(self) -> int:
        """Tenths of a pixel that places are rounded to: half a pixel once nucleotides are finer than that."""
        return 1 if self.slot >= 0.5 else 5

    @property
    def border(self) -> int:
        """The window's end, in tenths of a pixel."""
        return round(10 * self.length)

    @property
    def lettered(self) -> bool:
        """Whether there is room for the letters of the sequence."""
        return self.last - self.first <= LETTERS_UP_TO and self.slot >= LETTER_ROOM

    def tenths(self, positions: NDArray[np.int32]) -> Tenths:
        """Places of nucleotides, in tenths of a pixel from the window's start; none is rounded across its border."""
        exact = (positions.astype(np.int64) - self.first + 0.5) * (10 * self.slot)
        places = (np.rint(exact / self.step) * self.step).astype(np.int64)
        lowest = np.where(positions < self.first, -1 << 62, np.where(positions < self.last, 0, self.border + self.step))
        highest = np.where(positions < self.first, -self.step, np.where(positions < self.last, self.border, 1 << 62))
        return np.minimum(np.maximum(places, lowest), highest)

    def inside(self, pairs: Pairs) -> NDArray[np.int64]:
        """How many ends of each pair are in the window."""
        there = (pairs >= self.first) & (pairs < self.last)
        return there[:, 0].astype(np.int64) + there[:, 1]

    def ticks(self) -> Iterator[tuple[int, float]]:
        """Round positions, counted from 1, and their places in pixels from the window's start."""
        every = round_step(TICK_ROOM / self.slot)
        for position in range(max(every, -(-(self.first + 1) // every) * every), self.last + 1, every):
            yield position, (position - self.first - 0.5) * self.slot


def axis_of(picture: Picture, first: int, last: int | None, length: float) -> Axis:
    """The window from `first` up to, without, `last` (none: the end) along so many pixels.

    raises    BadInput  for a window that is empty or leaves the sequence
    """
    end = len(picture.sequence) if last is None else last
    if not 0 <= first < end <= len(picture.sequence):
        raise BadInput(
            f"positions {first + 1:,} to {end:,} are no window of a sequence of {len(picture.sequence):,} nucleotides",
            remedy=f"choose a first and a last position from 1 to {len(picture.sequence):,}, the first not behind",
        )
    return Axis(first, end, length)


def round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not less."""
    power = int(10 ** math.floor(math.log10(max(least, 1.0))))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= least)


def shades_of(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """The shade of each probability: 0 is the faintest."""
    return np.clip((probabilities * len(SHADES)).astype(np.int64), 0, len(SHADES) - 1)


def layers(axis: Axis, pairs: Pairs, shades: NDArray[np.int64]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """The shades, faint ones first so that strong ones lie on top, with their pairs' places in tenths of a pixel.

    Of pairs at the same places, which only a window finer than half a pixel has, the strongest stands for all. Places
    are rounded further while there are more of them than a browser draws with ease.
    """
    strongest = np.argsort(-shades, kind="stable")
    places, shades = axis.tenths(pairs[strongest]), shades[strongest]
    inside = (places >= 0) & (places <= axis.border)
    step = axis.step
    while len(kept := np.unique(places[:, 0] << 32 | places[:, 1] & 0xFFFFFFFF, return_index=True)[1]) > MOST:
        step *= 2
        places = np.where(inside, places // step * step, places)
    places, shades = places[kept], shades[kept]
    for shade in np.unique(shades).tolist():
        yield shade, [(start, end) for start, end in places[shades == shade].tolist()]


def number(tenths: int) -> str:
    """Tenths of a pixel in as few characters as a path allows."""
    whole, tenth = divmod(abs(tenths), 10)
    text = f"{whole or ''}.{tenth}" if tenth else str(whole)
    return f"-{text}" if tenths < 0 else text


def steps(*tenths: int) -> str:
    """Several numbers for a path: a sign separates as a space does."""
    return " ".join(number(one) for one in tenths).replace(" -", "-")


def stroke_width(axis: Axis) -> float:
    """Thinner lines where there are more nucleotides to a pixel."""
    return round(min(1.6, 0.5 + 0.15 * axis.slot), 2)


def plain(text: str) -> str:
    """Text as XML may hold it: no markup, and no control characters."""
    return escape("".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text))


def frame(width: int, height: float, title: str, axis: Axis, geometry: Mapping[str, float]) -> str:
    """The opening of the drawing, its name for those who cannot see it, and its geometry for a pointer.

    The drawing is named by its title, or else by its window.
    """
    name = plain(title or f"{axis.first + 1:,}\N{EN DASH}{axis.last:,}")
    places = {"first": axis.first, "last": axis.last, **geometry}
    data = " ".join(f'data-{key}="{round(value, 1)}"' for key, value in places.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{name}" '
        f'{data} font-family="{FONT}" font-size="12"><title>{name}</title>'
    )


def heading(title: str, width: int, *, legend_from: float | None, taken: int = 0) -> str:
    """The title at the left, and at the right the legend of shades, from its least probability on.

    The title is cut to the room there is, of which so many pixels are `taken`.
    """
    parts = []
    room = width - 32 - taken - (0 if legend_from is None else LEGEND)
    if title:
        parts.append(
            f'<text x="16" y="20" fill="{INK}" font-weight="600" font-size="13">{plain(_cut(title, room))}</text>'
        )
    if legend_from is not None:
        left = width - 22 - len(SHADES) * SWATCH
        parts.append(f'<text x="{left - 26}" y="17" fill="{QUIET}" font-style="italic">p</text>')
        for i, shade in enumerate(SHADES):
            parts.append(f'<rect x="{left + i * SWATCH}" y="8" width="{SWATCH}" height="7" fill="{shade}"/>')
        for i in range(len(SHADES) + 1):
            bound = i / len(SHADES) if i else legend_from
            place = f'x="{left + i * SWATCH}" y="27" text-anchor="middle" font-size="10"'
            parts.append(f'<text {place} fill="{QUIET}">{bound:g}</text>')
    return "".join(parts)


def _cut(title: str, room: float) -> str:
    """As much of a title as fits into so many pixels, about: letters of the Far East are twice as wide."""
    used = 0.0
    for i, letter in enumerate(title):
        used += 14 if unicodedata.east_asian_width(letter) in "WF" else 8
        if used > room:
            return title[: max(0, i - 1)] + "\N{HORIZONTAL ELLIPSIS}"
    return title


def ruler_height(axis: Axis) -> int:
    """Pixels that `ruler` takes."""
    return 40 if axis.lettered else 24


def ruler(picture: Picture, axis: Axis, left: float, top: float) -> str:
    """The line the nucleotides stand on, their letters where there is room, and labelled ticks."""
    parts = [f'<path d="M{left:g} {top:.1f}h{axis.length:g}" stroke="{QUIET}"/>']
    if axis.lettered:
        size = min(13.0, 1.55 * axis.slot)
        places = " ".join(f"{left + (i + 0.5) * axis.slot:.1f}" for i in range(axis.last - axis.first))
        parts.append(letters(picture, axis, places, f"{top + 14:.1f}", size))
    foot = top + ruler_height(axis) - 20
    marks = "".join(f"M{left + at:.1f} {foot:.1f}v4" for _, at in axis.ticks())
    parts.append(f'<path d="{marks}" stroke="{QUIET}"/>')
    for position, at in axis.ticks():
        place = f'x="{left + at:.1f}" y="{foot + 15:.1f}" text-anchor="middle" font-size="11"'
        parts.append(f'<text {place} fill="{QUIET}">{position:,}</text>')
    return "".join(parts)


def letters(picture: Picture, axis: Axis, xs: str, ys: str, size: float) -> str:
    """The letters of the window, each at its own place."""
    return (
        f'<text x="{xs}" y="{ys}" text-anchor="middle" fill="{INK}" font-family="{FIXED_FONT}" '
        f'font-size="{size:.1f}">{plain(picture.sequence[axis.first : axis.last])}</text>'
    )
