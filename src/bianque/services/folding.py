"""Fold the records of a file: read, fold, and say of each record what came of it.

A record that cannot be folded is an outcome like any other: it does not stop the others.
"""

from __future__ import annotations

import gzip
import io
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bianque.model.errors import BadInput
from bianque.treat import rna

GZIP = b"\x1f\x8b"
STANDARD_INPUT = "-"
UNAMBIGUOUS = set("ACGUTacgut")
CONSTRAINT = set(".|x<>()")
SHARE_OF_MEMORY = 0.8  # of what is free, for one fold
FOLDING_SHARE = 0.1  # of the time, where probabilities are computed too
USUAL_BEAM = 100  # Huang et al. 2019, Bioinformatics 35:i295

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class FoldRequest:
    """How to fold: see `bianque.treat.rna.fold`.

    suboptimal    kcal/mol above the least energy within which all structures are wanted; None: the best alone
    ensemble      pair probabilities too
    stretch       and how probably each stretch of so many nucleotides is unpaired; 0: none
    """

    span: int = 0
    beam: int = 0
    temperature: float = 37.0
    dangles: int = 2
    parameters: rna.Parameters | None = None
    constraints: dict[str, str] | None = None  # by record; under "" what holds for every record
    shape: NDArray[np.float64] | None = None
    threads: int = 1
    suboptimal: float | None = None
    ensemble: bool = False
    stretch: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of one record: a fold, or why there is none.

    suboptimals    where they were asked for, all structures near the least energy, the best first
    ensemble       where it was asked for, all structures by their weight
    """

    record: rna.Record
    fold: rna.Fold | None
    error: BadInput | None = None
    seconds: float = 0.0
    suboptimals: tuple[rna.Fold, ...] = ()
    ensemble: rna.Ensemble | None = None


def fold_file(file: str, request: FoldRequest, progress: Callable[[float], bool] | None = None) -> Iterator[Outcome]:
    """The outcome of each record of a FASTA file, in its order.

    file       a path, or - for standard input; gzip is noticed
    progress   told the share done of the one record a file holds; it returns False to cancel
    raises     BadInput  for a file without any record
    """
    records = _records(file, "give a FASTA file: a line >name, then the sequence")
    # What no record could be folded with is told once.
    _Question(rna.Record("", "A"), replace(request, shape=None, constraints=None), None).ask(
        rna.fold, 0.0, 1.0, beam=request.beam
    )
    if len(records) == 1:
        yield _outcome(records[0], request, progress)
        return
    with ThreadPoolExecutor(request.threads) as pool:
        alone = replace(request, threads=1)
        yield from pool.map(lambda record: _outcome(record, alone, None), records)


def _outcome(record: rna.Record, request: FoldRequest, progress: Callable[[float], bool] | None) -> Outcome:
    started = time.perf_counter()
    question = _Question(record, request, progress)
    near: list[rna.Fold] = []
    ensemble = None
    try:
        check_memory(
            record,
            request.span,
            beam=request.beam,
            wide=question.wide,
            ensemble=request.ensemble,
            structures=0 if request.suboptimal is None else rna.MOST_STRUCTURES,
        )
        if request.suboptimal is None:
            fold = question.ask(rna.fold, 0.0, FOLDING_SHARE if request.ensemble else 1.0, beam=request.beam)
        else:
            near = question.ask(rna.suboptimals, 0.0, 1.0, within=request.suboptimal)
            fold = near[0]
        if request.ensemble:
            ensemble = question.ask(rna.ensemble, FOLDING_SHARE, 1.0, stretch=request.stretch)
    except BadInput as error:
        return Outcome(record, None, error)
    return Outcome(record, fold, seconds=time.perf_counter() - started, suboptimals=tuple(near), ensemble=ensemble)


@dataclass(frozen=True)
class _Question:
    """What is asked of one record."""

    record: rna.Record
    request: FoldRequest
    progress: Callable[[float], bool] | None

    @property
    def constraint(self) -> str | None:
        known = self.request.constraints
        return None if known is None else known.get(self.record.name, known.get(""))

    @property
    def wide(self) -> bool:
        return self.constraint is not None or not set(self.record.sequence) <= UNAMBIGUOUS

    def ask(self, of: Callable[..., Answer], done: float, until: float, **more: Any) -> Answer:
        """Answer with one of the stage's functions, which takes the progress from a share done to another."""
        request, progress = self.request, self.progress
        return of(
            self.record.sequence,
            span=request.span,
            temperature=request.temperature,
            dangles=request.dangles,
            parameters=request.parameters,
            constraint=self.constraint,
            shape=request.shape,
            threads=request.threads,
            progress=(lambda share: progress(done + (until - done) * share)) if progress else None,
            where=self.record.where,
            **more,
        )


def check_memory(
    record: rna.Record, span: int, *, beam: int = 0, wide: bool, ensemble: bool = False, structures: int = 0
) -> None:
    """Refuse before it starts what the machine has no memory for, with the span or the beam that would do.

    raises    BadInput
    """
    free = free_memory()
    length = len(record.sequence)
    needed = rna.memory_needed(length, span, beam=beam, wide=wide, ensemble=ensemble, structures=structures)
    if free is None or needed <= SHARE_OF_MEMORY * free:
        return
    options = (f" with span {span}" if span else "") + (f" with beam {beam}" if beam else "")
    raise BadInput(
        f"{record.where}: {'the ensemble of' if ensemble else 'folding'} {length:,} nucleotides{options} needs about "
        f"{needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free",
        remedy=_ways_to_fit(
            rna.span_within(SHARE_OF_MEMORY * free, length, wide=wide, ensemble=ensemble, structures=structures),
            0 if ensemble or structures else rna.beam_within(SHARE_OF_MEMORY * free, length),
            beam=beam,
        ),
    )


def _ways_to_fit(span: int, width: int, *, beam: int) -> str:
    if beam and width >= 1:
        return f"give --beam {width} or less"
    ways = []
    if span >= 5 and not beam:
        ways.append(f"--span {min(span, 500)}, or any up to {span:,}, so that only nearer positions pair")
    if width >= 1 and not beam:
        ways.append(f"--beam {min(width, USUAL_BEAM)}, a heuristic whose energy is not known to be minimal")
    return f"give {'; or '.join(ways)}" if ways else "fold it in pieces, or on a machine with more memory"


def free_memory() -> int | None:
    """Bytes a process can still take without swapping; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def evaluate_file(
    file: str, request: FoldRequest
) -> Iterator[tuple[rna.Record, float, list[rna.Loop], BadInput | None]]:
    """The energy of each structure of a file of sequences with structures, and of its loops.

    raises    BadInput  for a file without any record
    """
    records = _records(file, "give a line >name, the sequence, and its dot-bracket")
    for record in records:
        try:
            if not record.structure:
                raise BadInput(f"{record.where} has no structure", remedy="put its dot-bracket on the line below it")
            energy, loops = rna.evaluate(
                record.sequence,
                record.structure,
                temperature=request.temperature,
                dangles=request.dangles,
                parameters=request.parameters,
                where=record.where,
            )
        except BadInput as error:
            yield record, float("nan"), [], error
        else:
            yield record, energy, loops, None


def read_constraints(file: str) -> dict[str, str]:
    """Constraints by record name; one without a name holds for every record.

    raises    BadInput  for a file with two constraints of one name
    """
    constraints: dict[str, str] = {}
    name = ""
    for number, raw in enumerate(_lines(file), start=1):
        line = raw.strip()
        if line.startswith(">"):
            name = (line[1:].split() or [""])[0]
        elif line and set(line.split()[0]) <= CONSTRAINT:
            if name in constraints:
                raise BadInput(f"{file}, line {number}: a second constraint{f' of {name!r}' if name else ''}")
            constraints[name] = line.split()[0]
    if not constraints:
        raise BadInput(f"{file} holds no constraint", remedy="give one line of the symbols . | x < > ( )")
    return constraints


def read_shape(file: str) -> NDArray[np.float64]:
    """Reactivities by position, from lines of position (from 1) and reactivity.

    An empty one, NA or a negative one is unknown: NaN.

    raises    BadInput  with the line
    """
    found: dict[int, float] = {}
    for number, line in enumerate(_lines(file), start=1):
        cells = line.replace(",", " ").split()
        if not cells or cells[0].startswith("#"):
            continue
        try:
            position = int(cells[0])
        except ValueError:
            if number == 1:  # the names of the columns
                continue
            raise BadInput(
                f"{file}, line {number}: {cells[0]!r} is no position", remedy="begin each line with a position from 1"
            ) from None
        try:
            value = float(cells[1]) if len(cells) > 1 and cells[1].upper() not in ("NA", "NAN") else np.nan
        except ValueError:
            raise BadInput(f"{file}, line {number}: {cells[1]!r} is no reactivity") from None
        if position < 1 or position in found:
            raise BadInput(f"{file}, line {number}: position {position} {'twice' if position in found else 'before 1'}")
        found[position] = value if value >= 0 else np.nan
    if not found:
        raise BadInput(f"{file} holds no reactivity", remedy="give lines of position and reactivity")
    values = np.full(max(found), np.nan)
    for position, value in found.items():
        values[position - 1] = value
    return values


def read_parameters(file: Path) -> rna.Parameters:
    """A user's parameter file."""
    return rna.read_parameters(_text(str(file)), file.name)


def _records(file: str, remedy: str) -> list[rna.Record]:
    name = "standard input" if file == STANDARD_INPUT else file
    records = list(rna.read_records(_lines(file), name))
    if not records:
        raise BadInput(f"{name} holds no sequence", remedy=remedy)
    return records


def _lines(file: str) -> list[str]:
    """Lines as files have them: str.splitlines would break names at form feeds and at the byte of an ellipsis too."""
    return io.StringIO(_text(file), newline=None).read().split("\n")


def _text(file: str) -> str:
    """A file's text, unpacked, in whatever line ends."""
    data = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    if data.startswith(GZIP):
        try:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read()
        except (EOFError, OSError) as cause:
            raise BadInput(f"{file}: the gzip data is damaged or cut off", remedy="fetch the file again") from cause
    return text_of(data)


def text_of(data: bytes) -> str:
    """What a file says, in UTF-8 or else in Latin-1, in which everything says something."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
