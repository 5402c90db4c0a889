"""The answer to a question: computed, stored as one file, and read again.

numpy's archive without pickled objects: numbers, and one text that says the rest.
"""

from __future__ import annotations

import io
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any, Literal, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bianque.lake.store import write_atomically
from bianque.model.errors import BadInput
from bianque.services.fold_question import Question
from bianque.services.folding import FOLDING_SHARE
from bianque.treat import rna
from bianque.treat.rna.picture import FAINTEST

OPENED_AT_ONCE = 8  # answers in memory: about 10 MB each for a genome
ENSEMBLE_SHARE = 0.95  # of the time until the probabilities are there; then comes the structure of expected accuracy

SAID = {"computed": float, "seconds": float, "energy": float, "method": str, "dangles": int}
SAID_OF_ENSEMBLE = {"ensemble_energy": float, "cutoff": float, "ensemble_method": str}

Step = Literal["structure", "probabilities"]
Kind = Literal["mfe", "mea", "centroid"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Progress = Callable[[Step, float], bool]  # step, share of the whole; False to cancel


@dataclass(frozen=True, eq=False)
class Structure:
    """One structure of an answer, and the ensemble it is of, if that was asked for."""

    fold: rna.Fold
    ensemble: rna.Ensemble | None

    @cached_property
    def loop_at(self) -> NDArray[np.int32]:
        """Per position the index of its loop: the one its pair closes, or the one an unpaired nucleotide is in."""
        closed_by = {loop.closing: index for index, loop in enumerate(self.fold.loops)}
        around, found = [closed_by[None]], np.empty(len(self.fold.sequence), np.int32)
        for place, partner in enumerate(self.fold.partners.tolist()):
            if partner > place:
                around.append(closed_by[(place, partner)])
            found[place] = around[-1]
            if 0 <= partner < place:
                around.pop()
        return found

    @cached_property
    def listed(self) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.float64]]:
        """Pairs (from 0) by their positions, whether the structure has them, and their probabilities, 0 where unknown.

        Besides the structure's own pairs those of the ensemble that are seen in a drawing.
        """
        length, own = len(self.fold.sequence), self.fold.pairs
        if self.ensemble is None:
            return own, np.ones(len(own), np.bool_), np.zeros(len(own))
        keys, own_keys = (pairs[:, 0].astype(np.int64) * length + pairs[:, 1] for pairs in (self.ensemble.pairs, own))
        known = dict(zip(keys.tolist(), self.ensemble.probabilities.tolist(), strict=True))
        shown = np.union1d(keys[self.ensemble.probabilities >= FAINTEST], own_keys)
        pairs = np.stack(np.divmod(shown, length), axis=1).astype(np.int32)
        return pairs, np.isin(shown, own_keys), np.array([known.get(key, 0.0) for key in shown.tolist()])

    @cached_property
    def probability_at(self) -> NDArray[np.float64]:
        """Per position the probability of its pair; 0 where it has none."""
        pairs, own, probabilities = self.listed
        found = np.zeros(len(self.fold.sequence))
        found[pairs[own].T] = probabilities[own]
        return found


@dataclass(frozen=True, eq=False)
class Answer:
    """A question's answer. `computed` is seconds since 1970, `seconds` what it took; the ensemble is there if asked."""

    question: Question
    fold: rna.Fold
    ensemble: rna.Ensemble | None
    computed: float
    seconds: float

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Which structures there are."""
        return KINDS if self.ensemble else KINDS[:1]

    @cached_property
    def mfe(self) -> Structure:
        """The structure of least free energy."""
        return Structure(self.fold, self.ensemble)

    @cached_property
    def mea(self) -> Structure:
        """The structure of maximum expected accuracy."""
        return self._of_ensemble("maximum expected accuracy", self._asked_ensemble().mea)

    @cached_property
    def centroid(self) -> Structure:
        """The structure of the pairs more likely than not."""
        return self._of_ensemble("centroid", self._asked_ensemble().centroid)

    def structure(self, kind: Kind) -> Structure:
        """One of `kinds`."""
        found: Structure = getattr(self, kind)
        return found

    def _asked_ensemble(self) -> rna.Ensemble:
        if self.ensemble is None:
            raise BadInput("without probabilities there is the structure of least free energy alone")
        return self.ensemble

    def _of_ensemble(self, name: str, partners: rna.Partners) -> Structure:
        """A structure with its own energy under the model of the fold."""
        fold = self.fold
        energy, _ = rna.evaluate(fold.sequence, partners, temperature=fold.temperature, dangles=fold.dangles)
        method = f"{name}, {self._asked_ensemble().method}"
        return Structure(replace(fold, energy=energy, partners=partners, method=method), self.ensemble)


def compute(asked: Question, threads: int, progress: Progress) -> Answer:
    """The answer to a question.

    raises    BadInput, rna.Cancelled, MemoryError
    """
    started = time.perf_counter()
    folding = FOLDING_SHARE if asked.probabilities else 1.0
    made = rna.fold(
        asked.sequence,
        span=asked.span,
        temperature=asked.temperature,
        threads=threads,
        progress=lambda share: progress("structure", folding * share),
    )
    ensemble = None
    if asked.probabilities:
        ensemble = rna.ensemble(
            asked.sequence,
            span=asked.span,
            temperature=asked.temperature,
            threads=threads,
            progress=lambda share: progress("probabilities", folding + (ENSEMBLE_SHARE - folding) * share),
        )
        accurate = rna.expected_accuracy(
            ensemble,
            progress=lambda share: progress("probabilities", ENSEMBLE_SHARE + (1 - ENSEMBLE_SHARE) * share),
        )
        ensemble = _knowing(ensemble, accurate, ensemble.centroid)
    return Answer(asked, made, ensemble, time.time(), time.perf_counter() - started)


def _knowing(ensemble: rna.Ensemble, mea: rna.Partners, centroid: rna.Partners) -> rna.Ensemble:
    """The ensemble with the structures that it would compute when they are first asked for, which no page waits for."""
    vars(ensemble).update(mea=mea, centroid=centroid)
    return ensemble


def save(path: Path, answer: Answer) -> None:
    """Write an answer as a whole or not at all."""
    fold = answer.fold
    said = {
        "computed": answer.computed,
        "seconds": answer.seconds,
        "energy": fold.energy,
        "method": fold.method,
        "dangles": fold.dangles,
    }
    arrays: dict[str, NDArray[np.generic]] = {"partners": fold.partners}
    if (ensemble := answer.ensemble) is not None:
        said |= {"ensemble_energy": ensemble.energy, "cutoff": ensemble.cutoff, "ensemble_method": ensemble.method}
        arrays |= {"pairs": ensemble.pairs, "probabilities": ensemble.probabilities, "unpaired": ensemble.unpaired}
        arrays |= {"mea": ensemble.mea, "centroid": ensemble.centroid}
    packed = io.BytesIO()
    np.savez(packed, said=np.array(json.dumps(said)), **arrays)  # type: ignore[arg-type]  # allow_pickle is none of them
    write_atomically(path, packed.getvalue())


def load(path: Path, asked: Question) -> Answer:
    """The stored answer to a question.

    raises    BadInput  when it is not there, or damaged
              OSError   when it cannot be read now, which says nothing of what it holds
    """
    try:
        return _load(path, path.stat().st_mtime_ns, asked)
    except (FileNotFoundError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error) as cause:
        raise BadInput(f"{path}: the stored answer is damaged", remedy="ask the question again") from cause


@lru_cache(maxsize=OPENED_AT_ONCE)
def _load(path: Path, written: int, asked: Question) -> Answer:
    """`written` is part of the key: another file is another answer."""
    del written
    with path.open("rb") as file, _archive(file) as stored:
        said, arrays = json.loads(str(stored["said"])), dict(stored)
    _check(said, arrays, asked)
    known = (asked.temperature, said["dangles"], rna.turner_2004())
    fold = rna.Fold(asked.sequence, said["energy"], 0.0, arrays["partners"], said["method"], *known)
    ensemble = None
    if asked.probabilities:
        found = rna.Ensemble(
            asked.sequence,
            said["ensemble_energy"],
            arrays["pairs"],
            arrays["probabilities"],
            arrays["unpaired"],
            said["cutoff"],
            0,
            None,
            said["ensemble_method"],
            *known,
        )
        ensemble = _knowing(found, arrays["mea"], arrays["centroid"])
    return Answer(asked, fold, ensemble, said["computed"], said["seconds"])


def _archive(file: IO[bytes]) -> np.lib.npyio.NpzFile:
    found = np.load(file)
    if not isinstance(found, np.lib.npyio.NpzFile):
        raise ValueError("one array, not an archive of them")
    return found


def _check(said: Any, arrays: dict[str, NDArray[Any]], asked: Question) -> None:
    """Whether what was stored can be of this question: its texts and numbers, and lengths and kinds of its arrays.

    raises    KeyError, ValueError
    """
    length, structures = len(asked.sequence), ["partners"]
    expected = SAID
    if asked.probabilities:
        structures += ["mea", "centroid"]
        expected = SAID | SAID_OF_ENSEMBLE
        pairs = arrays["pairs"]
        _expect(arrays, "pairs", np.int32, (arrays["probabilities"].size, 2))
        _expect(arrays, "probabilities", np.float64, (len(pairs),))
        _expect(arrays, "unpaired", np.float64, (length,))
        if np.any(pairs < 0) or np.any(pairs >= length) or np.any(pairs[:, 0] >= pairs[:, 1]):
            raise ValueError("pairs of positions that are none")
    if not isinstance(said, dict) or any(type(said[key]) is not kind for key, kind in expected.items()):
        raise ValueError("texts and numbers are of other kinds")
    for name in structures:
        _expect(arrays, name, np.int32, (length,))
        partners = arrays[name]
        paired = np.flatnonzero(partners != -1)
        there = partners[paired]
        if np.any(there < 0) or np.any(there >= length) or np.any(partners[there] != paired):
            raise ValueError(f"{name}: no structure")


def _expect(arrays: dict[str, NDArray[Any]], name: str, kind: type, shape: tuple[int, ...]) -> None:
    if arrays[name].dtype != kind or arrays[name].shape != shape:
        raise ValueError(f"{name}: {arrays[name].dtype} {arrays[name].shape}")
