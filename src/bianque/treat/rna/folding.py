"""The structure of least free energy: exact, for sequences up to whole viral genomes.

Zuker and Stiegler 1981, Nucleic Acids Res 9:133; interior loops by their sizes after Lyngsø et al. 1999, Bioinformatics
15:440; multiloops from candidates after Wexler et al. 2007, J Comput Biol 14:856. See docs/explanation/rna-folding.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.drawing import Picture, arc_diagram, circle_plot, mountain_plot
from bianque.treat.rna.energy import KCAL, Loop, evaluate
from bianque.treat.rna.parameters import MEASURED_AT, Parameters
from bianque.treat.rna.problem import Problem, prepare
from bianque.treat.rna.restraints import INTERCEPT, SLOPE
from bianque.treat.rna.sequence import letters
from bianque.treat.rna.structure import Partners, dot_bracket, pairs_of

Cancelled = _kernels.rna.Cancelled  # raised where `progress` said so

BYTES_PER_CELL = 4  # C and M of each (i, j), 16 bits each
DRAWINGS: dict[str, Callable[..., str]] = {"arc": arc_diagram, "circle": circle_plot, "mountain": mountain_plot}
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

    @classmethod
    def of(cls, problem: Problem, method: str, total: int, partners: Partners) -> Fold:
        """A structure that meets the problem's constraint; `total` is its energy with all bonuses, dcal/mol."""
        if problem.constraint:
            total += problem.constraint.bonus * int(problem.constraint.must.sum())
        energy = int(_kernels.rna.evaluate(problem.model, problem.bases, partners)[:, 5].sum())
        return cls(
            letters(problem.bases),
            energy / KCAL,
            (total - energy) / KCAL,
            partners,
            f"{method}, {problem.details}",
            problem.temperature,
            problem.dangles,
            problem.parameters,
        )

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

    def svg(self, kind: str = "arc", *, first: int = 0, last: int | None = None, title: str = "") -> str:
        """The structure drawn, as SVG: an arc diagram, a circle or a mountain plot.

        first, last   the window of positions, from 0, half open; neither: the whole sequence
        raises        BadInput  for another kind, or a window that is empty or leaves the sequence
        """
        if kind not in DRAWINGS:
            raise BadInput(f"a drawing {kind!r} is not known", remedy=f"use one of {', '.join(DRAWINGS)}")
        return DRAWINGS[kind](Picture(self.sequence, self.partners), first=first, last=last, title=title)


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
    instructions()  # a wrong choice is told as such
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
    return Fold.of(problem, "exact minimum free energy", total, partners)


def instructions() -> str:
    """The instruction set folds run with: avx512, avx2 or portable.

    The best this processor has, or what the environment's BIANQUE_INSTRUCTIONS names.

    raises    BadInput  for a name that is not known, or that this processor does not have
    """
    try:
        return _kernels.rna.instructions()
    except ValueError as cause:
        raise BadInput(str(cause), remedy="unset BIANQUE_INSTRUCTIONS, and the best is used") from cause
