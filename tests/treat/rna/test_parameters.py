"""Parameters: our Turner 2004 table, and files in RNAfold's format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import viennarna as peer

from bianque.model.errors import BadInput
from bianque.treat import rna

HEAD = "## RNAfold parameter file v2.0\n"


@pytest.mark.oracle
def test_our_table_has_every_value_of_the_reference(shared: Path) -> None:
    """shared/data/rna/rna_turner2004_viennarna280.par, entry by entry."""
    text = (shared / "rna" / "rna_turner2004_viennarna280.par").read_text("ascii")
    theirs, ours = rna.read_parameters(text, "reference"), rna.turner_2004()
    assert theirs.tables.keys() == ours.tables.keys()
    for section, pair in theirs.tables.items():
        for mine, other in zip(ours.tables[section], pair, strict=True):
            np.testing.assert_array_equal(mine, other, err_msg=section)
    assert theirs.numbers == ours.numbers
    assert theirs.hairpins == ours.hairpins


def test_a_user_s_file_changes_what_it_names_and_nothing_else() -> None:
    used = rna.read_parameters(HEAD + "# ML_params\n10 0 500 3000 -20 -220\n# END\n", "mine.par")
    sequence = peer.random_sequence(np.random.default_rng(2), 300)
    made = rna.fold(sequence, parameters=used)
    assert "mine.par" in made.method
    assert rna.evaluate(sequence, made.structure, parameters=used)[0] == pytest.approx(made.energy, abs=1e-9)
    np.testing.assert_array_equal(used.tables["stack"][0], rna.turner_2004().tables["stack"][0])


def test_an_unpaired_nucleotide_of_a_multiloop_may_cost_something() -> None:
    """A base of 10 dcal/mol: no fold may be better than ours, by many random structures of the same sequence."""
    used = rna.read_parameters(HEAD + "# ML_params\n10 0 100 3000 -90 -220\n", "mine.par")
    rng = np.random.default_rng(4)
    for _ in range(10):
        sequence = peer.random_sequence(rng, 200)
        best = rna.fold(sequence, parameters=used).energy
        for other in (rna.fold(sequence), rna.fold(sequence, temperature=50.0), rna.fold(sequence, span=80)):
            assert rna.evaluate(sequence, other.structure, parameters=used)[0] >= best - 1e-9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# stack\n", "no parameter file"),
        (HEAD + "# stack\n1 2 3\n", "section stack has 3 numbers, 49 are needed"),
        (HEAD + "# hairpin\n" + "x " * 31, "'x' is no number"),
        (HEAD + "# Tetraloops\nCAACG 1 2\n", "Tetraloops"),
        (HEAD + "# NINIO\n60\n", "NINIO has 1 numbers"),
        (HEAD + "12\n# stack\n", "before the first section"),
    ],
)
def test_a_bad_file_says_its_section(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rna.read_parameters(text, "mine.par")


@pytest.mark.parametrize(("temperature", "dangles"), [(-300.0, 2), (float("nan"), 2), (37.0, 1), (37.0, 3)])
def test_what_the_model_does_not_know_is_refused(temperature: float, dangles: int) -> None:
    with pytest.raises(BadInput):
        rna.fold("GGGGAAAACCCC", temperature=temperature, dangles=dangles)


def test_energies_that_would_leave_32_bits_together_are_refused_with_the_length_that_fits() -> None:
    strong = rna.read_parameters("## RNAfold parameter file v2.0\n# stack\n" + "-20000 " * 49, "strong.par")
    assert strong.earned_at_most() == 10_000
    with pytest.raises(BadInput, match="200,001 nucleotides, whose energies together") as refused:
        rna.fold("A" * 200_001, parameters=strong, span=10)
    assert "pieces of at most 200,000" in refused.value.diagnostics()
    assert rna.turner_2004().earned_at_most() == 170  # GC on GC, half of -3.4 kcal/mol
