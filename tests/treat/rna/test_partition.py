"""The ensemble: pair probabilities of ViennaRNA 2.8 and of a reference in logarithms; what follows from them.

ViennaRNA smooths energies near zero in its partition function (`pf_smooth`), so that a dangle of 0 counts -0.02
kcal/mol there and 0 in its energies. Ours are the energies' own weights, and the peer is told not to smooth.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import RNA
from benchmarks import viennarna as peer

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat import rna
from tests.treat.rna.log_domain import LogDomain

EQUAL = 1e-9  # probabilities; the requirement is 1e-4
RT = 0.00198717 * 310.15  # kcal/mol
STRETCH_ERROR = 2e-5  # loops of improbable pairs are not looked into


def matrix(made: rna.Ensemble) -> np.ndarray:
    filled = np.zeros((len(made.sequence),) * 2)
    filled[made.pairs[:, 0], made.pairs[:, 1]] = made.probabilities
    return filled


def assert_equal(
    sequence: str,
    *,
    dangles: int = 2,
    temperature: float = 37.0,
    span: int = 0,
    constraint: str | None = None,
    shape: np.ndarray | None = None,
    threads: int = 1,
) -> None:
    made = rna.ensemble(
        sequence,
        dangles=dangles,
        temperature=temperature,
        span=span,
        constraint=constraint,
        shape=shape,
        threads=threads,
        cutoff=0.0,
    )
    theirs = peer.compound(sequence, dangles=dangles, temperature=temperature, span=span, smooth=False)
    if constraint:
        theirs.hc_add_from_db(constraint, RNA.CONSTRAINT_DB_DEFAULT | RNA.CONSTRAINT_DB_ENFORCE_BP)
    if shape is not None:
        theirs.sc_add_SHAPE_deigan([-999.0, *np.where(np.isnan(shape), -999.0, shape).tolist()], 1.8, -0.6)
    energy, probabilities = peer.probabilities(theirs)
    assert np.abs(matrix(made) - probabilities).max(initial=0) < EQUAL
    assert made.energy == pytest.approx(energy, abs=1e-3)  # the peer answers in 32-bit floats
    paired = probabilities.sum(axis=0) + probabilities.sum(axis=1)
    assert np.abs(1 - paired - made.unpaired).max(initial=0) < EQUAL


@pytest.mark.parametrize("dangles", [2, 0])
def test_random_sequences_have_the_probabilities_of_the_peer(dangles: int) -> None:
    rng = np.random.default_rng(dangles)
    for length in [1, 4, 5, 63, 64, 65, 127, 128, 129, *rng.integers(10, 260, 12).tolist()]:
        assert_equal(peer.random_sequence(rng, length), dangles=dangles)


@pytest.mark.parametrize("temperature", [0.0, 20.0, 70.0])
def test_other_temperatures_have_the_probabilities_of_the_peer(temperature: float) -> None:
    rng = np.random.default_rng(int(temperature))
    for _ in range(4):
        assert_equal(peer.random_sequence(rng, 140), temperature=temperature)


def test_unknown_nucleotides_pair_with_nothing() -> None:
    rng = np.random.default_rng(11)
    for _ in range(4):
        assert_equal(peer.random_sequence(rng, 150, "ACGUACGUACGUN"))


@pytest.mark.parametrize("span", [10, 64, 65, 130, 280])
def test_a_span_limits_the_pairs_as_in_the_peer(span: int) -> None:
    assert_equal(peer.random_sequence(np.random.default_rng(span), 300), span=span, threads=2)


def test_constraints_are_met_by_every_structure_as_in_the_peer() -> None:
    rng = np.random.default_rng(4)
    for _ in range(12):
        sequence = peer.random_sequence(rng, int(rng.integers(30, 140)))
        symbols = ["."] * len(sequence)
        for i, j in rna.fold(sequence).pairs.tolist():
            what = rng.choice(list(".....()|<>x"))
            if what in "()":
                symbols[i], symbols[j] = "(", ")"
            elif what in "|<x":
                symbols[i] = what
            elif what == ">":
                symbols[j] = what
        assert_equal(sequence, constraint="".join(symbols))


def test_a_forced_helix_through_several_tiles_leaves_no_loop_with_a_forced_nucleotide() -> None:
    rng = np.random.default_rng(8)
    sequence = "".join(rng.choice(list("GC"), 90)) + "AAAA" + peer.random_sequence(rng, 90)
    partners = rna.fold(sequence).partners
    constraint = "".join("|" if partner >= 0 and place % 3 == 0 else "." for place, partner in enumerate(partners))
    assert_equal(sequence, constraint=constraint)


def test_shape_reactivities_shift_the_probabilities_as_in_the_peer() -> None:
    rng = np.random.default_rng(6)
    for length in (80, 200):
        shape = np.where(rng.random(length) < 0.1, np.nan, rng.exponential(0.7, length))
        assert_equal(peer.random_sequence(rng, length), shape=shape)


@pytest.mark.oracle
def test_natural_rna_has_the_probabilities_of_the_peer(shared: Path) -> None:
    known = [one for one in peer.archive(shared) if len(one.sequence) <= 500]
    for one in known[::150]:
        assert_equal(one.sequence, threads=2)


@pytest.mark.parametrize("sequence", ["GGGGAAAACCCC", "G" * 50 + "AAAA" + "C" * 50, "AGC" * 16 + "GAAA" + "GCU" * 16])
def test_sums_in_logarithms_give_the_same(sequence: str) -> None:
    made = rna.ensemble(sequence, cutoff=0.0)
    whole = LogDomain(sequence).log_weight()
    assert made.energy == pytest.approx(-RT * whole, rel=1e-12)
    i, j = len(sequence) // 2 - 3, len(sequence) // 2 + 2
    without = LogDomain(sequence, forbidden=(i, j)).log_weight()
    assert matrix(made)[i, j] == pytest.approx(-math.expm1(without - whole), abs=1e-9)


def test_nothing_overflows_in_a_perfect_helix_of_four_thousand_nucleotides() -> None:
    half = "".join(np.random.default_rng(1).choice(list("GC"), 2000))
    turned = half[::-1].translate(str.maketrans("GC", "CG"))
    made = rna.ensemble(f"{half}AAAA{turned}", span=0, threads=2)
    assert -made.energy / RT > 10_000 * math.log(2)  # far beyond what a double holds
    assert (made.mea[:1900] == len(made.sequence) - 1 - np.arange(1900)).all()
    assert made.energy <= rna.fold(made.sequence).energy


@pytest.mark.parametrize("stretch", [1, 4, 16, 40])
def test_the_accessibility_of_a_stretch_is_the_share_of_structures_that_leave_it_unpaired(stretch: int) -> None:
    rng = np.random.default_rng(stretch)
    sequence = peer.random_sequence(rng, 230)
    made = rna.ensemble(sequence, stretch=stretch, threads=2)
    assert made.accessibility is not None
    assert len(made.accessibility) == len(sequence) - stretch + 1
    for at in [*np.argsort(made.accessibility)[-10:].tolist(), *rng.integers(0, len(made.accessibility), 8).tolist()]:
        unpaired = "." * at + "x" * stretch + "." * (len(sequence) - at - stretch)
        left = rna.ensemble(sequence, constraint=unpaired).energy
        assert made.accessibility[at] == pytest.approx(math.exp((made.energy - left) / RT), abs=STRETCH_ERROR)


def test_with_a_span_the_accessibility_is_that_of_structures_within_it() -> None:
    sequence = peer.random_sequence(np.random.default_rng(2), 400)
    made = rna.ensemble(sequence, stretch=1, span=90)
    assert made.accessibility is not None
    assert np.abs(made.accessibility - made.unpaired).max() < STRETCH_ERROR


def test_a_sequence_shorter_than_the_stretch_has_no_accessibility() -> None:
    made = rna.ensemble("ACGU", stretch=8)
    assert made.accessibility is not None
    assert len(made.accessibility) == 0


def test_every_instruction_set_gives_the_same_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = peer.random_sequence(np.random.default_rng(9), 300)
    made = {}
    for name in ("portable", "avx2", "avx512"):
        if _kernels.rna.supports(name):
            monkeypatch.setenv("BIANQUE_INSTRUCTIONS", name)
            made[name] = rna.ensemble(sequence, stretch=3, cutoff=0.0)
    for other in made.values():
        assert np.abs(matrix(other) - matrix(made["portable"])).max() < 1e-12
        assert other.energy == pytest.approx(made["portable"].energy, rel=1e-13)


def test_expected_accuracy_and_centroid_are_the_peer_s() -> None:
    rng = np.random.default_rng(12)
    for length in (1, 5, 40, 90, 200, 350):
        made = rna.ensemble(peer.random_sequence(rng, length))
        theirs = peer.compound(made.sequence, smooth=False)
        peer.probabilities(theirs)
        assert (
            accuracy(made, rna.expected_accuracy(made, 1.0))
            >= accuracy(made, rna.partners_of(theirs.MEA(1.0)[0])) - 1e-9
        )
        assert rna.dot_bracket(made.centroid) == theirs.centroid()[0]
        every = rna.ensemble(made.sequence, cutoff=0.0)
        assert every.diversity == pytest.approx(theirs.mean_bp_distance(), rel=1e-6)


def accuracy(made: rna.Ensemble, partners: rna.Partners) -> float:
    pairs = rna.pairs_of(partners)
    return float(2 * matrix(made)[pairs[:, 0], pairs[:, 1]].sum() + made.unpaired[partners < 0].sum())


def test_a_heavier_gamma_predicts_more_pairs() -> None:
    made = rna.ensemble(peer.random_sequence(np.random.default_rng(3), 250))
    pairs = [len(rna.pairs_of(rna.expected_accuracy(made, gamma))) for gamma in (0.1, 1.0, 8.0)]
    assert pairs == sorted(pairs)
    assert pairs[0] < pairs[2]


def test_the_share_of_a_structure_is_its_weight() -> None:
    made = rna.ensemble("GGGGAAAACCCC")
    theirs = peer.compound(made.sequence, smooth=False)
    peer.probabilities(theirs)
    for structure in ("((((....))))", ".(((....))).", "............"):
        assert math.exp(made.log_share(made.energy_of(rna.partners_of(structure)))) == pytest.approx(
            theirs.pr_structure(structure), rel=1e-5
        )


def test_what_cannot_be_asked_is_refused_with_a_remedy() -> None:
    with pytest.raises(BadInput, match="no structure meets the constraint"):
        rna.ensemble("AAAAAAAAAA", constraint="|.........")
    with pytest.raises(BadInput, match="a stretch of 65"):
        rna.ensemble("ACGU", stretch=65)
    with pytest.raises(BadInput, match="lets nothing pair"):
        rna.ensemble("ACGU", span=3)
    with pytest.raises(BadInput, match=r"a cutoff of 0\.6"):
        rna.ensemble("ACGU", cutoff=0.6)
    with pytest.raises(BadInput, match="gamma"):
        rna.expected_accuracy(rna.ensemble("ACGU"), 0.0)


def test_an_ensemble_can_be_cancelled() -> None:
    with pytest.raises(_kernels.rna.Cancelled):
        rna.ensemble(peer.random_sequence(np.random.default_rng(1), 3000), progress=lambda share: share < 0.01)


def test_the_kernel_refuses_what_does_not_fit_the_sequence() -> None:
    model, bases = rna.turner_2004().at(), np.zeros(10, np.uint8)
    short = np.zeros(9, np.int32)
    with pytest.raises(ValueError, match="as many bonuses of stacks as nucleotides"):
        _kernels.rna.ensemble(model, bases, kt=61.6, stack_bonus=short)
    with pytest.raises(ValueError, match="as many marks as nucleotides"):
        _kernels.rna.ensemble(model, bases, kt=61.6, must=np.zeros(9, np.uint8))
    with pytest.raises(ValueError, match="RT is positive"):
        _kernels.rna.ensemble(model, bases, kt=0.0)
    with pytest.raises(ValueError, match="go together"):
        _kernels.rna.fold(model, bases, layer=np.zeros(10, np.int32))
    with pytest.raises(ValueError, match="as many second positions"):
        _kernels.rna.most_worth(short, short[1:], np.zeros(9), np.zeros(10))
