"""The structure of least free energy: exact, for sequences up to whole viral genomes.

Zuker and Stiegler 1981, Nucleic Acids Res 9:133; interior loops by their sizes after Lyngsø et al. 1999, Bioinformatics
15:440; multiloops from candidates after Wexler et al. 2007, J Comput Biol 14:856. See docs/explanation/rna-folding.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.energy import KCAL, Loop, evaluate
from bianque.treat.rna.parameters import MEASURED_AT, Parameters, turner_2004
from bianque.treat.rna.restraints import INTERCEPT, SLOPE, Constraint, read_constraint, stack_bonus
from bianque.treat.rna.sequence import letters, nucleotides
from bianque.treat.rna.structure import Partners, dot_bracket, pairs_of

BYTES_PER_CELL = 4  # C and M of each (i, j), 16 bits each
ROUNDING = 2 * 64  # rows beyond the span: strips and blocks are 64 wide


@dataclass(frozen=True)
class Fold:
    """A sequence's structure of least free energy.

    sequence      RNA letters
    energy        free energy of the structure, kcal/mol
    probing       what the structure earns by agreeing with chemical probing, kcal/mol; the fold minimises the sum
    partners      per position its partner's position, from 0; -1: unpaired
    method        parameters, temperature, dangles and span
    """

    sequence: str
    energy: float
    probing: float
    partners: Partners
    method: str
    temperature: float
    dangles: int
    parameters: Parameters

    @property
    def structure(self) -> str:
        """The structure as a dot-bracket."""
        return dot_bracket(self.partners)

    @property
    def pairs(self) -> NDArray[np.int32]:
        """Base pairs as rows of two positions, from 0."""
        return pairs_of(self.partners)

    @cached_property
    def loops(self) -> list[Loop]:
        """Every loop with its energy."""
        return evaluate(
            self.sequence,
            self.partners,
            temperature=self.temperature,
            dangles=self.dangles,
            parameters=self.parameters,
        )[1]


def fold(
    sequence: str,
    *,
    span: int = 0,
    temperature: float = MEASURED_AT,
    dangles: int = 2,
    parameters: Parameters | None = None,
    constraint: str | None = None,
    shape: NDArray[np.float64] | None = None,
    slope: float = SLOPE,
    intercept: float = INTERCEPT,
    threads: int = 1,
    progress: Callable[[float], bool] | None = None,
    where: str = "the sequence",
) -> Fold:
    """Which structure has the least free energy?  Exact under the nearest-neighbour model, without pseudoknots.

    sequence      DNA or RNA letters; ambiguity codes pair with nothing
    span          largest distance j - i + 1 of paired nucleotides; 0: any
    temperature   °C
    dangles       2 or 0, see `Parameters.at`
    constraint    what must and must not pair, one symbol a nucleotide, see `restraints`
    shape         reactivity of each nucleotide, NaN where there is none; slope and intercept after Deigan et al. 2009
    threads       cores to work on; one sequence gains up to about four
    progress      called about ten times a second with the share done; it returns False to cancel
    raises        BadInput for a letter that is no nucleotide, or a constraint that cannot be met; `Cancelled`
    """
    problem = prepare(
        sequence,
        span=span,
        temperature=temperature,
        dangles=dangles,
        parameters=parameters,
        constraint=constraint,
        shape=shape,
        slope=slope,
        intercept=intercept,
        where=where,
    )
    total, partners, _ = _kernels.rna.fold(
        problem.model, problem.bases, threads=threads, progress=progress, **problem.restraints
    )
    problem.check_met(partners)
    return problem.fold_of("exact minimum free energy", total, partners)


@dataclass(frozen=True)
class Problem:
    """A sequence with all that bears on its structures, checked and as the kernel takes it.

    restraints    what the kernel is told beside model and sequence
    details       the part of a fold's method that follows what was done
    where         what to call the sequence in errors
    """

    bases: NDArray[np.uint8]
    model: _kernels.rna.Model
    restraints: dict[str, Any]
    constraint: Constraint | None
    temperature: float
    dangles: int
    parameters: Parameters
    details: str
    where: str

    def check_met(self, partners: Partners) -> None:
        """Refuse a constraint that the best structure does not meet.

        raises    BadInput  with the position
        """
        if not self.constraint:
            return
        (unmet,) = np.nonzero(self.constraint.must & (partners < 0))
        if unmet.size:
            at = int(unmet[0])
            raise BadInput(
                f"{self.where}, position {at + 1}: the constraint {self.constraint.text[at]!r} cannot be met with the "
                "others",
                remedy="only A-U, C-G and G-U pair, at least 3 nucleotides apart and within the span: free some "
                "positions",
            )

    def fold_of(self, method: str, total: int, partners: Partners) -> Fold:
        """A structure that meets the constraint, whose energy with all bonuses is `total` dcal/mol."""
        if self.constraint:
            total += self.constraint.bonus * int(self.constraint.must.sum())
        energy = int(_kernels.rna.evaluate(self.model, self.bases, partners)[:, 5].sum())
        return Fold(
            letters(self.bases),
            energy / KCAL,
            (total - energy) / KCAL,
            partners,
            f"{method}, {self.details}",
            self.temperature,
            self.dangles,
            self.parameters,
        )


def prepare(
    sequence: str,
    *,
    span: int,
    temperature: float,
    dangles: int,
    parameters: Parameters | None,
    constraint: str | None,
    shape: NDArray[np.float64] | None,
    slope: float,
    intercept: float,
    where: str,
) -> Problem:
    """What `fold` is asked, checked.

    raises    BadInput
    """
    if span < 0 or 0 < span <= 4:
        raise BadInput(f"a span of {span} lets nothing pair", remedy="give at least 5, or 0 for no limit")
    instructions()  # a wrong choice is told as such
    bases = nucleotides(sequence, where)
    used = parameters or turner_2004()
    known = read_constraint(constraint, len(bases), f"the constraint of {where}") if constraint is not None else None
    restraints = {
        "span": span,
        "layer": known.layer if known else None,
        "opens": known.opens if known else None,
        "closes": known.closes if known else None,
        "pair_bonus": known.pair_bonus if known else None,
        "stack_bonus": stack_bonus(shape, len(bases), slope, intercept) if shape is not None else None,
    }
    details = f"{used.name}, {temperature:g} °C, dangles {dangles}"
    details += f", span {span}" if span else ""
    details += ", constrained" if known else ""
    details += f", SHAPE (m {slope:g}, b {intercept:g})" if shape is not None else ""
    model = used.at(temperature, dangles)
    return Problem(bases, model, restraints, known, temperature, dangles, used, details, where)


def memory_needed(length: int, span: int = 0, *, wide: bool = False) -> int:
    """Bytes that folding a sequence of this length takes, about.

    wide      twice as much, which sequences with N and positions forced to pair need
    """
    cells = length * min(length, span + ROUNDING) if span else length * (length + 64) // 2
    return BYTES_PER_CELL * cells * (2 if wide else 1) + 100 * length


def span_within(memory: float, length: int, *, wide: bool = False) -> int:
    """The largest span with which a sequence of this length folds within so many bytes; below 5 there is none."""
    return int(memory / (BYTES_PER_CELL * length * (2 if wide else 1))) - ROUNDING


def instructions() -> str:
    """The instruction set folds run with: avx512, avx2 or portable.

    The best this processor has, or what the environment's BIANQUE_INSTRUCTIONS names.

    raises    BadInput  for a name that is not known, or that this processor does not have
    """
    try:
        return _kernels.rna.instructions()
    except ValueError as cause:
        raise BadInput(str(cause), remedy="unset BIANQUE_INSTRUCTIONS, and the best is used") from cause
