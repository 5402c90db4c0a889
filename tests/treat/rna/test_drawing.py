"""Structures as drawings: everything in the window is drawn, to scale, and nothing vanishes in silence."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest

from bianque.model.errors import BadInput
from bianque.treat import rna
from bianque.treat.rna import Picture, arc_diagram, circle_plot, mountain_plot
from bianque.treat.rna.drawing_parts import BLUE, ORANGE, QUIET, SHADES

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = [arc_diagram, circle_plot, mountain_plot]
TWO_HAIRPINS = Picture("GGGGAAAACCCCUUGGGAAAACCC", rna.partners_of("((((....))))..(((....)))"))
GENOME = 29_903

Drawing = Callable[..., str]


def probable(picture: Picture, pairs: list[tuple[int, int]], probabilities: list[float]) -> Picture:
    return Picture(
        picture.sequence,
        picture.partners,
        np.array(pairs, np.int32).reshape(-1, 2),
        np.array(probabilities),
        np.linspace(0, 1, len(picture.sequence)),
    )


def paths(svg: str, colour: str) -> str:
    """The course of everything drawn in a colour."""
    root = ElementTree.fromstring(svg)
    return "".join(path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("stroke") == colour)


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def large(rng: np.random.Generator, length: int) -> Picture:
    """Hairpins of 8 pairs one beside the other, long pairs around them, and three probable pairs a nucleotide."""
    partners = np.full(length, -1, np.int32)
    for start in range(1000, length - 1040, 40):
        for k in range(11):
            partners[start + k], partners[start + 34 - k] = start + 34 - k, start + k
    for k in range(500):
        partners[k], partners[length - 1 - k] = length - 1 - k, k
    starts = rng.integers(0, length - 600, 2 * length)
    pairs = np.column_stack([starts, starts + rng.integers(4, 600, len(starts))]).astype(np.int32)
    every = np.concatenate([rna.pairs_of(partners), pairs])
    return Picture("A" * length, partners, every, rng.random(len(every)), rng.random(length))


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_drawing_is_an_image_with_a_name_and_without_styles(draw: Drawing) -> None:
    root = ElementTree.fromstring(draw(probable(TWO_HAIRPINS, [(0, 11)], [0.9]), title="tRNA"))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == "tRNA"
    assert not [one for one in root.iter() if one.tag == f"{SVG}style" or "style" in one.attrib]
    assert ElementTree.fromstring(draw(TWO_HAIRPINS, first=3, last=20)).get("aria-label") == "4–20"


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_title_is_text_whatever_is_in_it(draw: Drawing) -> None:
    hostile = "\"><script>alert('x')</script>&\x00\x1b\ud800"
    root = ElementTree.fromstring(draw(TWO_HAIRPINS, title=hostile).encode())
    assert root.get("aria-label") == hostile[:-3] + 3 * "\ufffd"
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "title", "text", "path", "circle", "g"}


def test_a_long_title_is_cut_to_its_room() -> None:
    shown = texts(arc_diagram(TWO_HAIRPINS, title="长" * 200))[0]
    assert shown.startswith("长长")
    assert 60 < len(shown) < 70
    assert shown.endswith("…")


@pytest.mark.parametrize("draw", [arc_diagram, circle_plot])
def test_every_pair_of_the_structure_is_drawn(draw: Drawing) -> None:
    assert paths(draw(TWO_HAIRPINS), BLUE).count("a") == 7
    rng = np.random.default_rng(1)
    whole = large(rng, 3000)
    drawn = draw(Picture(whole.sequence, whole.partners), first=900, last=2100)
    inside = [(i, j) for i, j in rna.pairs_of(whole.partners).tolist() if i >= 900 and j < 2100]
    assert paths(drawn, BLUE).count("a") == len(inside) > 200


def test_arcs_stand_on_the_nucleotides_they_join() -> None:
    svg = arc_diagram(TWO_HAIRPINS)
    root = ElementTree.fromstring(svg)
    first, last, left, right = (float(root.get(f"data-{key}", "")) for key in ("first", "last", "left", "right"))
    at, feet = 0.0, []
    for step in re.findall(r"[Mma][^Mma]*", paths(svg, BLUE)):
        numbers = [float(n) for n in step[1:].split()]
        at = numbers[0] if step[0] == "M" else at + (numbers[5] if step[0] == "a" else numbers[0])
        if step[0] != "M":
            feet.append(int(first + math.floor((at - left) / (right - left) * (last - first))))
    assert np.array(feet).reshape(-1, 2).tolist() == rna.pairs_of(TWO_HAIRPINS.partners).tolist()


def test_near_pairs_of_a_long_sequence_are_stretched_to_be_seen() -> None:
    """Hairpins of 34 nt in a genome are a pixel wide: 20 times as high; with a long pair beside them, semicircles."""
    whole = large(np.random.default_rng(2), GENOME)
    near = np.where(np.abs(whole.partners - np.arange(GENOME)) < 40, whole.partners, -1).astype(np.int32)
    assert "a.5 10 0 0 1 1 0" in paths(arc_diagram(Picture(whole.sequence, near)), BLUE)
    assert set(re.findall(r"a1 [\d.]+", paths(arc_diagram(Picture(whole.sequence, whole.partners)), BLUE))) == {"a1 1"}


def test_chords_join_the_nucleotides_at_their_angles() -> None:
    svg = circle_plot(TWO_HAIRPINS)
    root = ElementTree.fromstring(svg)
    x, y, radius = (float(root.get(f"data-{key}", "")) for key in ("cx", "cy", "r"))

    def position(px: float, py: float) -> int:
        assert math.hypot(px - x, py - y) == pytest.approx(radius, abs=0.2)
        return math.floor(math.atan2(px - x, y - py) % math.tau / math.tau * len(TWO_HAIRPINS.sequence))

    joined = []
    at = complex(0, 0)
    for step, rest in re.findall(r"([Mma])([^Mma]*)", paths(svg, BLUE)):
        *_, dx, dy = (float(n) for n in re.findall(r"-?[\d.]+", rest))
        at = complex(dx, dy) + (0 if step == "M" else at)
        if step != "M":
            joined.append(position(at.real, at.imag))
    assert np.array(joined).reshape(-1, 2).tolist() == rna.pairs_of(TWO_HAIRPINS.partners).tolist()


@pytest.mark.parametrize(("first", "last"), [(2, 24), (0, 9), (9, 22), (10, 11)])
def test_pairs_that_leave_the_window_are_seen_to_leave(first: int, last: int) -> None:
    ends = [first <= i < last for i, _ in rna.pairs_of(TWO_HAIRPINS.partners).tolist()]
    other = [first <= j < last for _, j in rna.pairs_of(TWO_HAIRPINS.partners).tolist()]
    inside = sum(a and b for a, b in zip(ends, other, strict=True))
    leaving = sum(a != b for a, b in zip(ends, other, strict=True))
    assert leaving
    arcs, circle = (draw(TWO_HAIRPINS, first=first, last=last) for draw in (arc_diagram, circle_plot))
    assert paths(arcs, BLUE).count("a") == paths(circle, BLUE).count("a") == inside
    assert len(re.findall("0v-6v6m[^a]*a", paths(arcs, QUIET))) == leaving
    assert paths(circle, QUIET).count("l") == leaving


def test_a_pair_cut_at_once_is_seen_even_in_a_genome() -> None:
    """Positions 15,000 and 15,004 share a pixel with the border between them."""
    partners = np.full(GENOME, -1, np.int32)
    partners[14_999], partners[15_003] = 15_003, 14_999
    picture = Picture("A" * GENOME, partners)
    for window in ({"last": 15_000}, {"first": 15_000}):
        assert "0v-6v6m" in paths(arc_diagram(picture, **window), QUIET)
        assert paths(circle_plot(picture, **window), QUIET).count("l") == 1


def test_probable_pairs_are_drawn_in_five_shades_and_improbable_ones_not() -> None:
    pairs = [(0, 11), (1, 10), (2, 9), (14, 23), (15, 22), (3, 12)]
    picture = probable(TWO_HAIRPINS, pairs, [0.95, 0.7, 0.5, 0.3, 0.1, 0.04])
    arcs = arc_diagram(picture)
    assert [paths(arcs, shade).count("a") for shade in SHADES] == [1, 1, 1, 1, 1]
    assert paths(arcs, BLUE).count("a") == 7
    # On the circle, the structure's own pairs (3, 8) and (16, 21), of unknown probability, are faint and not left out.
    assert [paths(circle_plot(picture), shade).count("a") for shade in SHADES] == [3, 1, 1, 1, 1]
    assert texts(arcs)[:7] == ["p", "0.05", "0.2", "0.4", "0.6", "0.8", "1"]


def test_pairs_of_a_strand_read_backwards_are_the_same_pairs() -> None:
    there, back = ([(0, 11), (15, 22)], [(11, 0), (22, 15)])
    for draw in DRAWINGS:
        drawn = [draw(probable(TWO_HAIRPINS, pairs, [0.9, 0.4])) for pairs in (there, back)]
        assert drawn[0] == drawn[1]


def test_a_mountain_is_as_high_as_pairs_enclose_a_position() -> None:
    """Flat in the hairpin loop, at four pairs; with each pair half as probable, half as high."""
    pairs = [(0, 11), (1, 10), (2, 9), (3, 8)]
    svg = mountain_plot(probable(TWO_HAIRPINS, pairs, [0.5] * 4))
    heights = {}
    for colour in (BLUE, ORANGE):
        curve = next(d for d in re.findall(f'<path d="([^"]*)" fill="none" stroke="{colour}"', svg))
        heights[colour] = [float(point.split()[1]) for point in curve[1:].split("L")]
    level = (heights[BLUE][0] - heights[BLUE][4]) / 4
    enclosed = [round((heights[BLUE][0] - y) / level, 2) for y in heights[BLUE]]
    assert enclosed == [0, 1, 2, 3, 4, 4, 4, 4, 3, 2, 1, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 2, 1, 0]
    assert (heights[ORANGE][0] - heights[ORANGE][5]) / level == pytest.approx(2, abs=0.01)
    strip = [path for path in ElementTree.fromstring(svg).iter(f"{SVG}path") if path.get("fill") in SHADES]
    assert [path.get("fill") for path in strip] == list(SHADES)


def test_a_window_of_a_mountain_keeps_its_height() -> None:
    levels = texts(mountain_plot(TWO_HAIRPINS, first=4, last=8))
    assert levels[:5] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_letters_are_shown_where_there_is_room(draw: Drawing) -> None:
    assert TWO_HAIRPINS.sequence in texts(draw(TWO_HAIRPINS))
    assert TWO_HAIRPINS.sequence[5:9] in texts(draw(TWO_HAIRPINS, first=5, last=9))
    many = Picture("A" * 400, np.full(400, -1, np.int32))
    assert "A" * 150 in texts(draw(many, first=7, last=157)) or draw is mountain_plot  # its axis is shorter
    assert not [text for text in texts(draw(many)) if "A" in text]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_ticks_are_round_positions_from_one(draw: Drawing) -> None:
    many = Picture("A" * 12_345, np.full(12_345, -1, np.int32))
    shown = [int(text.replace(",", "")) for text in texts(draw(many)) if text not in ("0", "1")]
    assert len(shown) > 5
    assert {tick % 500 for tick in shown} == {0}
    assert "6,002" in texts(draw(many, first=6001, last=6002))


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_structure_without_pairs_is_an_empty_axis(draw: Drawing) -> None:
    svg = draw(Picture("ACGU", np.full(4, -1, np.int32), np.empty((0, 2), np.int32), np.empty(0), np.ones(4)))
    assert "a" not in paths(svg, BLUE)
    assert "ACGU" in texts(svg)


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 5), (9, 3), (-1, 5), (0, 25), (24, None)])
def test_a_window_that_is_none_is_refused(draw: Drawing, first: int, last: int | None) -> None:
    with pytest.raises(BadInput, match="no window of a sequence of 24 nucleotides"):
        draw(TWO_HAIRPINS, first=first, last=last)


def test_what_does_not_fit_the_sequence_is_refused() -> None:
    none = np.full(4, -1, np.int32)
    with pytest.raises(BadInput, match="structure of 4 positions does not fit a sequence of 5"):
        Picture("ACGUA", none)
    with pytest.raises(BadInput, match="3 unpaired probabilities"):
        Picture("ACGU", none, unpaired=np.ones(3))
    with pytest.raises(BadInput, match="1 pairs do not fit no probabilities"):
        Picture("ACGU", none, np.array([[0, 3]], np.int32))
    with pytest.raises(BadInput, match="no window of a sequence of 0 nuc"):
        arc_diagram(Picture("", np.empty(0, np.int32)))


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_genome_is_drawn_in_a_second_and_not_heavy(draw: Drawing) -> None:
    """29,903 nt with 8,100 pairs, and with 68,000 pairs of some probability besides."""
    whole = large(np.random.default_rng(7), GENOME)
    for picture in (Picture(whole.sequence, whole.partners), whole):
        started = time.process_time()
        svg = draw(picture)
        assert time.process_time() - started < 1
        assert len(svg.encode()) < 450_000
        ElementTree.fromstring(svg)


def test_a_fold_draws_itself() -> None:
    fold = rna.fold("GGGGAAAACCCC")
    assert fold.svg() == arc_diagram(Picture(fold.sequence, fold.partners))
    assert fold.svg("circle", title="x") == circle_plot(Picture(fold.sequence, fold.partners), title="x")
    assert fold.svg("mountain", first=2, last=7) == mountain_plot(
        Picture(fold.sequence, fold.partners), first=2, last=7
    )
    with pytest.raises(BadInput, match="a drawing 'pie' is not known"):
        fold.svg("pie")
