"""Constraints and chemical probing: equal to ViennaRNA's."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import viennarna as peer

from bianque.model.errors import BadInput
from bianque.treat import rna

DIGIT = 0.006


@pytest.mark.parametrize("bracket", [False, True])
def test_constrained_folds_have_the_energy_of_the_peer(bracket: bool) -> None:
    rng = np.random.default_rng(int(bracket))
    met = 0
    for length in rng.integers(20, 220, 110):
        sequence = peer.random_sequence(rng, int(length))
        constraint = peer.random_constraint(rng, sequence, bracket)
        try:
            made = rna.fold(sequence, constraint=constraint)
        except BadInput:  # two positions may each need what the other takes
            continue
        met += 1
        theirs = peer.compound(sequence)
        theirs.hc_add_from_db(constraint, peer.ENFORCED)
        assert made.energy == pytest.approx(theirs.mfe()[1], abs=DIGIT), (sequence, constraint)
        assert made.probing == 0
    assert met >= 100


def test_probed_folds_have_the_energy_of_the_peer() -> None:
    """Deigan et al. 2009, m 1.8, b -0.6, on 200 sequences."""
    rng = np.random.default_rng(3)
    for length in rng.integers(20, 220, 200):
        sequence = peer.random_sequence(rng, int(length))
        reactivities = rng.exponential(0.5, int(length))
        reactivities[rng.random(int(length)) < 0.1] = np.nan
        made = rna.fold(sequence, shape=reactivities)
        theirs = peer.probed(sequence, reactivities)
        assert made.energy + made.probing == pytest.approx(theirs.mfe()[1], abs=DIGIT)
        assert rna.evaluate(sequence, made.structure)[0] == pytest.approx(made.energy, abs=1e-9)


def test_what_must_not_pair_does_not_and_brackets_pair() -> None:
    made = rna.fold("GGGGAAAACCCCAAAAGGGG", constraint="xxxx................")
    assert made.structure.startswith("....")
    made = rna.fold("GGGGAAAACCCCAAAAGGGG", constraint="........(..........)")
    assert made.partners[8] == 19


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("....", "4 symbols, the sequence 12"),
        ("....?.......", "position 5: '\\?'"),
        ("(...........", "position 1: '\\(' is never closed"),
        ("....|.......", "position 5: the constraint '\\|' cannot be met"),
        ("(..........(", "never closed"),
        ("............", ""),
    ],
)
def test_a_constraint_that_cannot_be_says_where(constraint: str, said: str) -> None:
    sequence = "GGGGAAAACCCC"
    if not said:
        assert rna.fold(sequence, constraint=constraint).energy == rna.fold(sequence).energy
        return
    with pytest.raises(BadInput, match=said):
        rna.fold(sequence, constraint=constraint)


@pytest.mark.parametrize("reactivities", [[0.5] * 11, [-1.0] * 12, [np.inf] * 12])
def test_reactivities_that_cannot_be_are_refused(reactivities: list[float]) -> None:
    with pytest.raises(BadInput, match="reactivit"):
        rna.fold("GGGGAAAACCCC", shape=np.array(reactivities))


def test_a_forced_pair_is_made_even_where_it_breaks_a_long_helix() -> None:
    sequence = "G" * 90 + "AAAA" + "C" * 90 + "AAAU"
    constraint = "." * 90 + "|" + "." * 97  # an A that finds its U only beyond the whole helix
    made = rna.fold(sequence, constraint=constraint)
    assert made.partners[90] == len(sequence) - 1
    theirs = peer.compound(sequence)
    theirs.hc_add_from_db(constraint, peer.ENFORCED)
    assert made.energy == pytest.approx(theirs.mfe()[1], abs=DIGIT)


def test_a_reactivity_that_is_none_is_refused_with_its_position() -> None:
    with pytest.raises(BadInput, match="reactivity of position 2, 1e\\+300, is worth 1242"):
        rna.fold("GGGGAAAACCCC", shape=np.array([0.1, 1e300] + [0.0] * 10))
