"""Whatever stands in a file, the readers of the fold answer with what they read or say what is wrong."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bianque.model.errors import BadInput
from bianque.services import folding
from bianque.treat import rna

Read = TypeVar("Read")

fuzzed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

LINES = st.one_of(
    st.text(alphabet="ACGUTNacgu", max_size=30),
    st.text(alphabet="().,[]{}<>|x", max_size=30),
    st.text(alphabet=">; \t#0123456789.-", max_size=30),
    st.text(max_size=30),
)
TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines).encode("utf-8", "replace"))
)
FILES = st.one_of(TEXTS, TEXTS.map(gzip.compress), st.binary(max_size=200), TEXTS.map(lambda x: gzip.compress(x)[:-3]))


def read_or_refused(name: str, read: Callable[[], Read]) -> Read | None:
    """What was read, or None for a refusal, which must name the file."""
    try:
        return read()
    except BadInput as refused:
        said = refused.diagnostics()
    assert name in said
    return None


@given(data=FILES)
@fuzzed
def test_any_file_of_sequences_is_folded_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.fa"
    path.write_bytes(data)
    request = folding.FoldRequest(ensemble=True, stretch=2)
    for outcome in read_or_refused(str(path), lambda: list(folding.fold_file(str(path), request))) or []:
        assert (outcome.fold is None) == (outcome.error is not None)
        if outcome.fold:
            assert len(outcome.fold.structure) == len(outcome.record.sequence)
            assert outcome.ensemble is not None
            assert outcome.ensemble.energy <= outcome.fold.energy + 1e-9


@given(data=FILES)
@fuzzed
def test_any_file_of_structures_is_evaluated_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.dbn"
    path.write_bytes(data)
    evaluated = read_or_refused(str(path), lambda: list(folding.evaluate_file(str(path), folding.FoldRequest())))
    for _, energy, loops, error in evaluated or []:
        assert error or energy == pytest.approx(sum(loop.energy for loop in loops))


@given(data=FILES)
@fuzzed
def test_any_file_of_constraints_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "c.dbn"
    path.write_bytes(data)
    constraints = read_or_refused(str(path), lambda: folding.read_constraints(str(path)))
    assert constraints is None or constraints


@given(data=FILES)
@fuzzed
def test_any_file_of_reactivities_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.tsv"
    path.write_bytes(data)
    values = read_or_refused(str(path), lambda: folding.read_shape(str(path)))
    assert values is None or ((values >= 0) | np.isnan(values)).all()


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_parameter_file_is_used_or_refused(data: st.DataObject) -> None:
    lines = resources.files("bianque.treat.rna").joinpath("turner2004.par").read_text("utf-8").splitlines()
    wrong = st.one_of(
        st.sampled_from(["INF", "-99999999999", "1e400", "nan", "", "# stack", "/*", "*/"]), st.text(max_size=6)
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(wrong)
        lines[at : at + 1] = data.draw(st.sampled_from([[" ".join(words)], [], [" ".join(words)] * 2]))
    parameters = read_or_refused("own.par", lambda: rna.read_parameters("\n".join(lines), "own.par"))
    if parameters:
        assert len(rna.fold("GGGGAAAACCCCAAGGGAAACCC", parameters=parameters).structure) == 23
