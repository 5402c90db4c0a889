"""The beam search: exact where it keeps everything, honest where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks import viennarna as peer
from hypothesis import given, settings
from hypothesis import strategies as st

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat import rna

HEURISTIC = "heuristic: beam search, beam {}, energy not known to be minimal"
COSTLY = "## RNAfold parameter file v2.0\n# ML_params\n10 0 -100 3000 -90 -220\n"


@pytest.mark.parametrize("dangles", [2, 0])
@pytest.mark.parametrize("span", [0, 40])
@pytest.mark.parametrize("letters", ["ACGU", "ACGUACGUACGUN"])
def test_a_beam_as_wide_as_the_sequence_is_exact(dangles: int, span: int, letters: str) -> None:
    rng = np.random.default_rng(span + dangles)
    for length in rng.integers(1, 201, 40):
        sequence = peer.random_sequence(rng, int(length), letters)
        exact = rna.fold(sequence, dangles=dangles, span=span)
        made = rna.fold(sequence, dangles=dangles, span=span, beam=int(length))
        assert made.energy == exact.energy, sequence
        assert made.method == exact.method
        assert not span or all(j - i < span for i, j in made.pairs)


def test_it_is_exact_where_unpaired_nucleotides_of_a_multiloop_cost_something() -> None:
    """The closing of a multiloop is made cheap, so that there are many."""
    used = rna.read_parameters(COSTLY, "mine.par")
    rng = np.random.default_rng(1)
    multiloops = 0
    for _ in range(60):
        sequence = peer.random_sequence(rng, 120)
        made = rna.fold(sequence, parameters=used, beam=120)
        assert made.energy == rna.fold(sequence, parameters=used).energy
        multiloops += sum(loop.kind == "multi" for loop in made.loops)
    assert multiloops > 60


@pytest.mark.parametrize("base", ["500", "20000", "INF"])
def test_the_cost_of_a_multiloop_s_nucleotides_times_a_position_fits_any_sequence(base: str) -> None:
    """Times 20,000 positions it is as much as 400 million dcal/mol, or beyond 32 bits."""
    used = rna.read_parameters(COSTLY.replace("\n10 ", f"\n{base} "), "mine.par")
    rng = np.random.default_rng(9)
    short, long = peer.random_sequence(rng, 300), peer.random_sequence(rng, 20_000)
    assert rna.fold(short, parameters=used, beam=300).energy == rna.fold(short, parameters=used).energy
    made = rna.fold(long, parameters=used, beam=20)
    assert rna.evaluate(long, made.structure, parameters=used)[0] == pytest.approx(made.energy, abs=1e-6)
    assert sum(loop.kind == "multi" for loop in made.loops) > 500


def test_constraints_and_probing_are_exact_with_a_wide_beam() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        sequence = peer.random_sequence(rng, 120)
        reactivities = rng.exponential(0.5, 120)
        constraint = "".join(rng.choice(list("........x<>"), 120))
        for options in ({"constraint": constraint}, {"shape": reactivities}):
            exact, made = rna.fold(sequence, **options), rna.fold(sequence, beam=200, **options)
            assert made.energy + made.probing == pytest.approx(exact.energy + exact.probing, abs=1e-9)


def test_positions_that_must_pair_do_or_the_error_says_what_to_do() -> None:
    sequence = "GGGGAAAACCCCAAAAGGGG"
    constraint = "........(..........)"
    assert rna.fold(sequence, constraint=constraint, beam=20).partners[8] == 19
    assert rna.fold(sequence, constraint=constraint, beam=5).partners[8] == 19
    with pytest.raises(BadInput, match="a beam of 5 found nothing that meets the constraint") as refused:
        rna.fold("AAAACCCCAAAA", constraint="....|.......", beam=5)
    assert "wider beam" in str(refused.value.diagnostics())


@settings(max_examples=60, deadline=None)
@given(st.text("ACGUN", min_size=2, max_size=90), st.integers(1, 20))
def test_a_narrow_beam_is_never_below_the_minimum_and_its_energy_is_its_structure_s(sequence: str, beam: int) -> None:
    made = rna.fold(sequence, beam=beam)
    assert rna.fold(sequence).energy <= made.energy <= 0
    assert rna.evaluate(sequence, made.structure)[0] == pytest.approx(made.energy, abs=1e-9)
    assert made.probing == 0
    assert (HEURISTIC.format(beam) in made.method) == (beam < len(sequence))


def test_wider_beams_lose_less() -> None:
    rng = np.random.default_rng(3)
    sequences = [peer.random_sequence(rng, 600) for _ in range(12)]
    exact = np.array([rna.fold(one).energy for one in sequences])
    lost = [
        float(np.mean(1 - np.array([rna.fold(one, beam=beam).energy for one in sequences]) / exact))
        for beam in (5, 10, 20, 50, 100, 200, 600)
    ]
    assert lost == sorted(lost, reverse=True)
    assert lost[-1] == 0
    assert lost[4] < 0.01


@pytest.mark.oracle
def test_natural_rna_is_folded_as_the_peer_says_or_nearly(shared: Path) -> None:
    """Every 60th sequence of ArchiveII up to 700 nucleotides: never better than ViennaRNA, at most 2 % worse in all."""
    known = [one for one in peer.archive(shared) if len(one.sequence) <= 700][::60]
    total = best = 0.0
    for one in known:
        made, theirs = rna.fold(one.sequence, beam=100), peer.compound(one.sequence)
        least = theirs.mfe()[1]
        assert made.energy >= least - 0.006, one.name
        assert theirs.eval_structure(made.structure) == pytest.approx(made.energy, abs=0.006), one.name
        total, best = total + made.energy, best + least
    assert len(known) > 50
    assert total <= 0.98 * best


@pytest.mark.oracle
def test_a_third_of_the_genome_loses_less_than_the_published_beam_search(shared: Path) -> None:
    """8,000 nucleotides: optimum -2414.90 kcal/mol (ViennaRNA 2.8); published beam search, beam 100: 1.7 % above."""
    made = rna.fold(peer.genome(shared)[:8000], beam=100)
    assert -2414.90 <= made.energy < -2414.90 * (1 - 0.017)


def test_a_search_that_is_cancelled_stops() -> None:
    sequence = peer.random_sequence(np.random.default_rng(6), 50_000)
    asked = []
    with pytest.raises(_kernels.rna.Cancelled):
        rna.fold(sequence, beam=100, progress=lambda share: asked.append(share) or len(asked) < 2)
    assert asked[0] < asked[1] < 1


def test_what_the_callback_raises_comes_through() -> None:
    def broken(share: float) -> bool:
        raise ZeroDivisionError(share)

    with pytest.raises(ZeroDivisionError):
        rna.fold(peer.random_sequence(np.random.default_rng(6), 500), beam=20, progress=broken)


SEARCH_SOME = """
import numpy as np
from bianque.treat import rna
rng = np.random.default_rng(8)
for length in (7, 63, 64, 65, 130, 700, 1500):
    made = rna.fold("".join(rng.choice(list("ACGU"), length)), beam=30)
    print(made.energy, made.structure)
"""


@pytest.mark.parametrize("instructions", ["avx2", "avx512"])
def test_every_instruction_set_finds_the_same_structures(instructions: str) -> None:
    if not _kernels.rna.supports(instructions):
        pytest.skip(f"this processor has no {instructions}")

    def printed(wanted: str) -> str:
        environment = os.environ | {"BIANQUE_INSTRUCTIONS": wanted}
        command = [sys.executable, "-c", SEARCH_SOME]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert printed(instructions) == printed("portable")


def test_a_long_sequence_without_partners_has_no_pairs() -> None:
    made = rna.fold("A" * 300_000, beam=100)
    assert (made.energy, len(made.pairs)) == (0, 0)


def test_a_beam_that_keeps_nothing_and_a_sequence_too_long_are_refused() -> None:
    with pytest.raises(BadInput, match="beam of -1"):
        rna.fold("GGGGAAAACCCC", beam=-1)
    with pytest.raises(BadInput, match="12,000,001 nucleotides, whose energies together leave what 32 bits hold"):
        rna.fold("A" * 12_000_001, beam=100)


def test_memory_grows_with_the_length_and_the_beam() -> None:
    assert rna.memory_needed(10_000_000, beam=100) == pytest.approx(18e9, rel=0.01)
    assert rna.memory_needed(10_000_000, beam=50) == pytest.approx(10e9, rel=0.01)
    assert rna.memory_needed(50, beam=100) < 100_000
    assert rna.memory_needed(10_000_000, beam=rna.beam_within(5e9, 10_000_000)) <= 5e9
