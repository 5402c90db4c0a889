"""The energy of a given structure, loop by loop: equal to ViennaRNA's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import viennarna as peer

from bianque.model.errors import BadInput
from bianque.treat import rna

DIGIT = 0.006


@pytest.mark.oracle
def test_accepted_structures_have_the_energy_of_the_peer(shared: Path) -> None:
    """ArchiveII without pseudoknots: 2,747 evaluate, the other 142 have a hairpin of fewer than 3 nucleotides."""
    refused = evaluated = 0
    for one in peer.archive(shared):
        if set(one.structure) - set(".()"):
            continue
        try:
            energy, _ = rna.evaluate(one.sequence, one.structure)
        except BadInput as error:
            refused += "nucleotides in a hairpin" in str(error)
            continue
        evaluated += 1
        assert energy == pytest.approx(peer.compound(one.sequence).eval_structure(one.structure), abs=DIGIT), one.name
    assert (evaluated, refused) == (2747, 142)


@pytest.mark.parametrize("dangles", [2, 0])
def test_random_structures_have_the_energy_of_the_peer(dangles: int) -> None:
    rng = np.random.default_rng(dangles)
    for length in rng.integers(10, 150, 1000):
        sequence, structure = peer.random_sequence(rng, int(length)), peer.random_structure(rng, int(length))
        energy, loops = rna.evaluate(sequence, structure, dangles=dangles)
        theirs = peer.compound(sequence, dangles=dangles).eval_structure(structure)
        assert energy == pytest.approx(theirs, abs=DIGIT), (sequence, structure)
        assert sum(loop.energy for loop in loops) == pytest.approx(energy, abs=1e-9)


def test_each_loop_says_its_pairs() -> None:
    _, loops = rna.evaluate("GGGGAAAACCCC", "((((....))))")
    assert [loop.kind for loop in loops] == ["exterior", "interior", "interior", "interior", "hairpin"]
    assert loops[1].closing == (0, 11)
    assert loops[1].inner == (1, 10)
    assert loops[1].energy == -3.3  # 5'-GG-3' over 3'-CC-5', Xia et al. 1998


@pytest.mark.parametrize(
    ("structure", "said"),
    [
        ("((((....)))).", "13 positions"),
        ("((((....))).", "position 1: '\\(' is never closed"),
        (".(((....))))", "position 12: '\\)' closes nothing"),
        ("([((....))])", "pseudoknot"),
        ("(((((..)))))", "leaves 2 nucleotides"),
        ("((((..7.))))", "position 7"),
    ],
)
def test_a_structure_that_cannot_be_says_where(structure: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rna.evaluate("GGGGAAAACCCC", structure)
