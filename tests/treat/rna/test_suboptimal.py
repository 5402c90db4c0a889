"""Suboptimal structures: the same sets as ViennaRNA 2.8's, each structure once and with its energy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import RNA
from benchmarks import viennarna as peer

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat import rna

PAIRS = ("AU", "UA", "GC", "CG", "GU", "UG")
MANY = 1_000_000
Found = list[tuple[int, str]]  # dcal/mol and dot-bracket


def ours(folds: list[rna.Fold]) -> Found:
    found = [(round((one.energy + one.probing) * 100), one.structure) for one in folds]
    assert found == sorted(found)
    assert len({structure for _, structure in found}) == len(found)
    return found


def theirs(compound: RNA.fold_compound, within: float) -> Found:
    return sorted((round(one.energy * 100), one.structure) for one in compound.subopt(round(within * 100)))


def every_structure(sequence: str) -> Iterator[str]:
    """Every nested structure of canonical pairs, the first nucleotide unpaired or paired with any other."""
    if not sequence:
        yield ""
        return
    for rest in every_structure(sequence[1:]):
        yield "." + rest
    for j in range(4, len(sequence)):
        if sequence[0] + sequence[j] in PAIRS:
            for inside in every_structure(sequence[1:j]):
                for rest in every_structure(sequence[j + 1 :]):
                    yield f"({inside}){rest}"


@pytest.mark.parametrize("dangles", [2, 0])
def test_random_sequences_have_the_structures_of_the_peer(dangles: int) -> None:
    rng = np.random.default_rng(dangles)
    for length in rng.integers(20, 121, 40):
        sequence, within = peer.random_sequence(rng, int(length)), float(rng.choice([0.0, 0.5, 1.0, 2.5]))
        expected = theirs(peer.compound(sequence, dangles=dangles, unique=True), within)
        assert ours(rna.suboptimals(sequence, within, dangles=dangles, most=MANY)) == expected, (sequence, within)


@pytest.mark.oracle
@pytest.mark.parametrize("dangles", [2, 0])
def test_transfer_rnas_have_the_structures_of_the_peer(shared: Path, dangles: int) -> None:
    """Every 100th tRNA of ArchiveII."""
    known = [one for one in peer.archive(shared) if one.family == "tRNA"][::100]
    assert len(known) >= 5
    for one in known:
        expected = theirs(peer.compound(one.sequence, dangles=dangles, unique=True), 2.0)
        assert ours(rna.suboptimals(one.sequence, 2.0, dangles=dangles, most=MANY)) == expected, one.name


@pytest.mark.parametrize("temperature", [10.0, 60.0])
def test_other_temperatures_and_unknown_nucleotides_have_the_structures_of_the_peer(temperature: float) -> None:
    rng = np.random.default_rng(int(temperature))
    for letters in ("ACGU", "ACGUACGUACGUN"):
        for _ in range(8):
            sequence = peer.random_sequence(rng, 80, letters)
            expected = theirs(peer.compound(sequence, temperature=temperature, unique=True), 1.5)
            assert ours(rna.suboptimals(sequence, 1.5, temperature=temperature, most=MANY)) == expected, sequence


@pytest.mark.parametrize("span", [12, 40, 90])
def test_a_span_limits_the_pairs_as_in_the_peer(span: int) -> None:
    rng = np.random.default_rng(span)
    for _ in range(10):
        sequence = peer.random_sequence(rng, 150)
        expected = theirs(peer.compound(sequence, span=span, unique=True), 0.8)
        assert ours(rna.suboptimals(sequence, 0.8, span=span, most=MANY)) == expected, sequence


@pytest.mark.parametrize("bracket", [False, True])
def test_constrained_sequences_have_the_structures_of_the_peer(bracket: bool) -> None:
    rng = np.random.default_rng(int(bracket))
    met = 0
    for length in rng.integers(20, 100, 40):
        sequence = peer.random_sequence(rng, int(length))
        constraint = peer.random_constraint(rng, sequence, bracket)
        try:
            made = rna.suboptimals(sequence, 1.5, constraint=constraint, most=MANY)
        except BadInput:  # two positions may each need what the other takes
            continue
        met += 1
        compound = peer.compound(sequence, unique=True)
        compound.hc_add_from_db(constraint, peer.ENFORCED)
        assert ours(made) == theirs(compound, 1.5), (sequence, constraint)
    assert met >= 35


def test_probed_sequences_have_the_structures_of_the_peer() -> None:
    """Deigan et al. 2009, m 1.8, b -0.6."""
    rng = np.random.default_rng(6)
    for length in rng.integers(20, 100, 25):
        sequence = peer.random_sequence(rng, int(length))
        reactivities = rng.exponential(0.5, int(length))
        compound = peer.compound(sequence, unique=True)
        compound.sc_add_SHAPE_deigan([-999.0, *reactivities], 1.8, -0.6)
        assert ours(rna.suboptimals(sequence, 1.0, shape=reactivities, most=MANY)) == theirs(compound, 1.0), sequence


@pytest.mark.parametrize("dangles", [2, 0])
def test_no_structure_of_a_short_sequence_is_left_out(dangles: int) -> None:
    """Each of all structures, evaluated: none within 100 kcal/mol is missing or comes twice."""
    rng = np.random.default_rng(7)
    for length in (5, 9, 14, 18, 20):
        sequence = peer.random_sequence(rng, length, "GC" if length == 18 else "ACGU")
        every = [(round(rna.evaluate(sequence, x, dangles=dangles)[0] * 100), x) for x in every_structure(sequence)]
        assert ours(rna.suboptimals(sequence, 100, dangles=dangles, most=MANY)) == sorted(every), sequence


def test_unpaired_nucleotides_of_a_multiloop_may_cost_something() -> None:
    """Multiloops that pay, each of whose unpaired nucleotides adds 0.1 kcal/mol: as all structures, evaluated."""
    head = "## RNAfold parameter file v2.0\n"
    used = rna.read_parameters(head + "# ML_params\n10 0 -900 3000 -300 -220\n", "mine.par")
    sequence = "GAGAAACUGAAACAC"
    every = [(round(rna.evaluate(sequence, x, parameters=used)[0] * 100), x) for x in every_structure(sequence)]
    assert "multi" in {loop.kind for _, x in every for loop in rna.evaluate(sequence, x)[1]}
    assert ours(rna.suboptimals(sequence, 100, parameters=used)) == sorted(every)


def test_unpaired_nucleotides_of_a_multiloop_may_be_impossible() -> None:
    """Sixteen of them left 32 bits: stems too far away seemed to cost nothing."""
    head = "## RNAfold parameter file v2.0\n"
    used = rna.read_parameters(head + "# ML_params\nINF 0 -900 3000 -300 -220\n", "mine.par")
    for seed in range(4):
        sequence = peer.random_sequence(np.random.default_rng(seed), 90)
        made = rna.suboptimals(sequence, 2, parameters=used)
        assert made[0].energy == rna.fold(sequence, parameters=used).energy
        assert "multi" in {loop.kind for loop in made[0].loops}
        for one in made:
            assert rna.evaluate(sequence, one.structure, parameters=used)[0] == pytest.approx(one.energy, abs=1e-9)


def test_the_first_is_the_best_and_each_has_its_energy() -> None:
    sequence = peer.random_sequence(np.random.default_rng(8), 300)
    made = rna.suboptimals(sequence, 0.7)
    best = rna.fold(sequence)
    assert len(made) > 10
    assert made[0].energy == best.energy
    assert best.structure in {one.structure for one in made}
    for one in made:
        assert best.energy <= one.energy <= best.energy + 0.7 + 1e-9
        assert rna.evaluate(sequence, one.structure)[0] == pytest.approx(one.energy, abs=1e-9)
        assert (one.probing, one.partners.tolist()) == (0, rna.partners_of(one.structure).tolist())
        assert "within 0.7 kcal/mol" in one.method


def test_more_structures_than_wanted_are_refused_with_the_energy_that_would_do() -> None:
    sequence = peer.random_sequence(np.random.default_rng(9), 150)
    every = rna.suboptimals(sequence, 3, most=MANY)
    with pytest.raises(BadInput, match="more structures than 50 within 3 kcal/mol") as refused:
        rna.suboptimals(sequence, 3, most=50)
    fitting, count = refused.value.remedy.removeprefix("give an energy of at most ").split(", within which it has ")
    assert len(rna.suboptimals(sequence, float(fitting), most=50)) == int(count)
    assert every[50].energy - every[0].energy < float(fitting) + 0.015
    with pytest.raises(BadInput, match="more structures than 50"):
        rna.suboptimals(sequence, float(fitting) + 0.01, most=50)


def test_where_even_the_best_are_too_many_another_remedy_is_given() -> None:
    tied = "AAUCGGGACACUGAGAUUUGUCAG"
    assert len(rna.suboptimals(tied, 0, dangles=0)) == 2
    with pytest.raises(BadInput, match="more structures than 1 within") as refused:
        rna.suboptimals(tied, 0.5, dangles=0, most=1)
    assert "part of the sequence" in refused.value.remedy


def test_positions_that_must_pair_do_even_where_it_costs_a_long_helix() -> None:
    """The helix of 60 pairs, -191.3 kcal/mol, excludes the only pair of the first A: 8.1 kcal/mol."""
    sequence = "G" * 60 + "AAAAA" + "C" * 60 + "U"
    constraint = "." * 60 + "|" + "." * 65
    (made,) = rna.suboptimals(sequence, 3, constraint=constraint)
    assert made.pairs.tolist() == [[60, 125]]


@pytest.mark.parametrize("within", [-0.1, float("nan"), float("inf"), 1e9])
def test_an_energy_that_cannot_be_is_refused(within: float) -> None:
    with pytest.raises(BadInput, match="kcal/mol of the least energy cannot be listed"):
        rna.suboptimals("GGGGAAAACCCC", within)


@pytest.mark.parametrize("within", [1 << 26, (1 << 31) - 1])
def test_the_kernel_refuses_what_its_numbers_do_not_hold(within: int) -> None:
    model, bases = rna.turner_2004().at(37.0, 2), np.zeros(5, np.uint8)
    with pytest.raises(ValueError, match="that far from the least energy"):
        _kernels.rna.suboptimals(model, bases, within, 10)


def test_no_structures_at_all_cannot_be_wanted() -> None:
    with pytest.raises(BadInput, match="at most 0"):
        rna.suboptimals("GGGGAAAACCCC", 1, most=0)


def test_what_cannot_be_met_says_where() -> None:
    with pytest.raises(BadInput, match="position 5: the constraint '\\|' cannot be met"):
        rna.suboptimals("GGGGAAAACCCC", 1, constraint="....|.......")


def test_a_listing_tells_how_far_it_is_and_can_be_cancelled() -> None:
    sequence = peer.random_sequence(np.random.default_rng(6), 2500)
    shares: list[float] = []
    made = rna.suboptimals(sequence, 0.1, most=MANY, progress=lambda share: shares.append(share) or True)
    assert made
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with pytest.raises(_kernels.rna.Cancelled):
        rna.suboptimals(sequence, 0.1, progress=lambda share: share < 0.5)


def test_numbers_of_16_and_of_32_bits_give_the_same_structures(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = peer.random_sequence(np.random.default_rng(12), 700)
    narrow = ours(rna.suboptimals(sequence, 0.6))
    monkeypatch.setenv("BIANQUE_INSTRUCTIONS", "portable")
    assert ours(rna.suboptimals(sequence, 0.6)) == narrow
    assert len(narrow) > 10


INSIDE_OUT = (
    "GCCGGCCGGGGGGGCCGGCGCGGCCGCCCGGCGCGCGGGGGCCGGGCGCCCCCGGGGCGCCGGGG"
    "GGGCCGGGGCCCGCGGGGCGCCCCCGCCCCGGGCGCGCCGGCCCGGGGGGCGGCCGGGCGGCCC"
)
LIST = """
import sys
from bianque.treat import rna
for one in rna.suboptimals(sys.argv[1], 0.3, temperature=20.0, dangles=0, span=100):
    print(one.structure)
"""


@pytest.mark.parametrize("filling", ["0", "165"])
def test_helices_seen_from_their_outside_are_no_structures(filling: str) -> None:
    """Inside out, their stacks earned so much that pairs nothing can close counted as possible in 16 bits.

    What was then read had never been written: the C library fills new memory for the test.
    """
    environment = os.environ | {"MALLOC_PERTURB_": filling}
    command = [sys.executable, "-c", LIST, INSIDE_OUT]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    theirs = peer.compound(INSIDE_OUT, temperature=20.0, dangles=0, span=100, unique=True)
    assert set(printed) == {one.structure for one in theirs.subopt(30)}
