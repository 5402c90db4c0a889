"""The exact fold: the same energies as ViennaRNA 2.8, to the last digit, with any instruction set."""

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

DIGIT = 0.006  # kcal/mol: ViennaRNA answers in 32-bit floats


def assert_equal(sequence: str, *, dangles: int = 2, temperature: float = 37.0, span: int = 0) -> None:
    made = rna.fold(sequence, dangles=dangles, temperature=temperature, span=span)
    theirs = peer.compound(sequence, dangles=dangles, temperature=temperature, span=span)
    _, energy = theirs.mfe()
    assert made.energy == pytest.approx(energy, abs=DIGIT)
    assert theirs.eval_structure(made.structure) == pytest.approx(made.energy, abs=DIGIT)
    assert sum(loop.energy for loop in made.loops) == pytest.approx(made.energy, abs=1e-9)
    assert not span or all(j - i < span for i, j in made.pairs)


@pytest.mark.parametrize("dangles", [2, 0])
@pytest.mark.parametrize("seed", range(5))
def test_random_sequences_have_the_energy_of_the_peer(seed: int, dangles: int) -> None:
    rng = np.random.default_rng(seed)
    for length in rng.integers(1, 401, 20):
        assert_equal(peer.random_sequence(rng, int(length)), dangles=dangles)


@pytest.mark.parametrize("temperature", [0.0, 20.0, 55.5, 70.0])
def test_other_temperatures_have_the_energy_of_the_peer(temperature: float) -> None:
    rng = np.random.default_rng(int(temperature))
    for _ in range(15):
        assert_equal(peer.random_sequence(rng, 150), temperature=temperature)


def test_unknown_nucleotides_pair_with_nothing_and_cost_what_the_peer_says() -> None:
    rng = np.random.default_rng(11)
    for _ in range(25):
        assert_equal(peer.random_sequence(rng, 200, "ACGUACGUACGUN"))


@pytest.mark.parametrize("span", [10, 60, 150, 400])
def test_a_span_limits_the_pairs_as_in_the_peer(span: int) -> None:
    rng = np.random.default_rng(span)
    for _ in range(8):
        assert_equal(peer.random_sequence(rng, 350), span=span)


@pytest.mark.oracle
def test_natural_rna_has_the_energy_of_the_peer(shared: Path) -> None:
    """Every 60th sequence of ArchiveII up to 700 nucleotides; all of them in test_all_of_archiveii."""
    known = [one for one in peer.archive(shared) if len(one.sequence) <= 700]
    for one in known[::60]:
        assert_equal(one.sequence)


@pytest.mark.oracle
def test_the_genome_s_first_thousand_nucleotides_have_the_energy_of_the_peer(shared: Path) -> None:
    assert_equal(peer.genome(shared)[:1000])
    assert_equal(peer.genome(shared)[:1000], dangles=0)


@pytest.mark.oracle
@pytest.mark.full
@pytest.mark.parametrize("dangles", [2, 0])
def test_all_of_archiveii(shared: Path, dangles: int) -> None:
    for one in peer.archive(shared):
        if len(one.sequence) <= 3000:
            assert_equal(one.sequence, dangles=dangles)


@pytest.mark.oracle
@pytest.mark.full
def test_the_genome_folds_to_the_published_energy(shared: Path) -> None:
    """-8787.50 kcal/mol: ViennaRNA 2.8 on the same genome, which takes 53 minutes."""
    sequence = peer.genome(shared)
    made = rna.fold(sequence, threads=2)
    assert made.energy == -8787.50
    assert peer.compound(sequence).eval_structure(made.structure) == pytest.approx(-8787.50, abs=DIGIT)


def test_a_long_sequence_is_the_same_on_two_threads_and_with_a_callback() -> None:
    sequence = peer.random_sequence(np.random.default_rng(5), 2500)
    shares: list[float] = []
    one = rna.fold(sequence)
    two = rna.fold(sequence, threads=2, progress=lambda share: shares.append(share) or True)
    assert (one.energy, one.structure) == (two.energy, two.structure)
    assert shares == sorted(shares)


def test_a_fold_that_is_cancelled_stops() -> None:
    sequence = peer.random_sequence(np.random.default_rng(6), 12000)
    with pytest.raises(_kernels.rna.Cancelled):
        rna.fold(sequence, progress=lambda _: False)


def test_what_the_callback_raises_comes_through() -> None:
    sequence = peer.random_sequence(np.random.default_rng(6), 12000)

    def broken(share: float) -> bool:
        raise ZeroDivisionError(share)

    with pytest.raises(ZeroDivisionError):
        rna.fold(sequence, progress=broken, threads=2)


FOLD_SOME = """
import numpy as np
from bianque.treat import rna
rng = np.random.default_rng(8)
for length in (7, 63, 64, 65, 130, 700, 1500):
    sequence = "".join(rng.choice(list("ACGU"), length))
    made = rna.fold(sequence, span=90 if length == 700 else 0)
    print(made.energy, made.structure)
"""


@pytest.mark.parametrize("instructions", ["avx2", "avx512"])
def test_every_instruction_set_gives_the_same_structures(instructions: str) -> None:
    if not _kernels.rna.supports(instructions):
        pytest.skip(f"this processor has no {instructions}")

    def printed(wanted: str) -> str:
        environment = os.environ | {"BIANQUE_INSTRUCTIONS": wanted}
        command = [sys.executable, "-c", FOLD_SOME]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert printed(instructions) == printed("portable")


def test_a_helix_too_strong_for_16_bits_is_still_exact() -> None:
    """The outer helix of 300 pairs earns more than the inner one, and is worth nothing before it is complete."""
    inner = "G" * 120 + "AAAA" + "C" * 120
    sequence = "G" * 300 + "A" * 60 + inner + "A" * 60 + "C" * 300
    made = rna.fold(sequence)
    closed = "(" * 300 + "." * (len(sequence) - 600) + ")" * 300
    assert made.energy <= rna.evaluate(sequence, closed)[0]
    assert made.energy == pytest.approx(peer.compound(sequence).mfe()[1], abs=DIGIT)


@settings(max_examples=60, deadline=None)
@given(st.text("ACGUNacgtunRYKM", min_size=1, max_size=90))
def test_any_sequence_folds_to_a_structure_that_has_its_energy(sequence: str) -> None:
    made = rna.fold(sequence)
    assert len(made.structure) == len(sequence)
    assert made.energy <= 0
    assert rna.evaluate(made.sequence, made.structure)[0] == pytest.approx(made.energy, abs=1e-9)


@pytest.mark.parametrize("sequence", ["", "GGGEAAACCC", "GGG AAACCC", "GG扁CC"])
def test_what_is_no_sequence_is_refused_with_its_position(sequence: str) -> None:
    with pytest.raises(BadInput, match=r"empty|position"):
        rna.fold(sequence)


def test_a_span_that_lets_nothing_pair_is_refused() -> None:
    with pytest.raises(BadInput, match="span of 3"):
        rna.fold("GGGGAAAACCCC", span=3)


def test_memory_grows_with_the_square_of_the_length_or_with_the_span() -> None:
    assert rna.memory_needed(30_000) == pytest.approx(1.8e9, rel=0.05)
    assert rna.memory_needed(30_000, 500) < 0.1e9


@pytest.mark.parametrize("name", ["sse9", "AVX2"])
def test_instructions_that_do_not_exist_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANQUE_INSTRUCTIONS", name)
    with pytest.raises(BadInput, match=name):
        rna.fold("GGGGAAAACCCC")


START_MANY = """
import re, resource
from pathlib import Path
from bianque.model.errors import BadInput
from bianque.treat import rna
used = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (used + (2 << 30), resource.RLIM_INFINITY))
for ask in (rna.fold, rna.ensemble, lambda *one, **more: rna.suboptimals(*one, 0.1, **more)):
    try:
        ask("GGGGAAAACCCCAAAA" * 256, threads=64)
    except BadInput as error:
        print(error.what, error.remedy, sep="|")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_threads_that_the_system_does_not_start_are_refused_with_what_to_do() -> None:
    """Stacks of 256 MB, for a few of which there is room: root may start any number otherwise."""
    command = ["sh", "-c", 'ulimit -s 262144; exec "$0" -c "$1"', sys.executable, START_MANY]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(printed) == 3
    for line in printed:
        assert line.startswith("the sequence: the system does not start 64 threads (")
        assert "|give fewer threads, or raise the limits" in line
