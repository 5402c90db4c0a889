"""The structure of least free energy: exact, for sequences up to whole viral genomes; beyond, by beam search.

Zuker and Stiegler 1981, Nucleic Acids Res 9:133; interior loops by their sizes after Lyngsø et al. 1999, Bioinformatics
15:440; multiloops from candidates after Wexler et al. 2007, J Comput Biol 14:856. Beam search after Huang et al. 2019,
Bioinformatics 35:i295. See docs/explanation/rna-folding.md.
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
from bianque.treat.rna.problem import Problem, prepare, started
from bianque.treat.rna.restraints import INTERCEPT, SLOPE
from bianque.treat.rna.sequence import letters
from bianque.treat.rna.structure import Partners, dot_bracket, pairs_of

Cancelled = _kernels.rna.Cancelled  # raised where `progress` said so
DRAWINGS: dict[str, Callable[..., str]] = {"arc": arc_diagram, "circle": circle_plot, "mountain": mountain_plot}


@dataclass(frozen=True)
class Fold:
    """A sequence's structure of least free energy, or the best that a beam search found.

    sequence      RNA letters
    energy        free energy of the structure, kcal/mol
    probing       what the structure earns by agreeing with chemical probing, kcal/mol; the fold minimises the sum
    partners      per position its partner's position, from 0; -1: unpaired
    method        exact or a heuristic; parameters, temperature, dangles and span
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
    beam: int = 0,
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

    With a beam narrower than the sequence it is a heuristic in linear time and memory, and `Fold.method` says so: the
    structure has the energy that is given, and there may be better ones.

    sequence      DNA or RNA letters; ambiguity codes pair with nothing
    span          largest distance j - i + 1 of paired nucleotides; 0: any
    beam          how many states of a kind are kept at each nucleotide, 100 is a common choice; 0: all
    temperature   °C
    dangles       2 or 0, see `Parameters.at`
    constraint    what must and must not pair, one symbol a nucleotide, see `restraints`
    shape         reactivity of each nucleotide, NaN where there is none; slope and intercept after Deigan et al. 2009
    threads       cores to work on; one sequence gains up to about four, a beam search nothing
    progress      called about ten times a second with the share done; it returns False to cancel
    raises        BadInput for an argument out of range, a letter that is no nucleotide, or a constraint that cannot be
                  met; `Cancelled`
    """
    if beam < 0:
        raise BadInput(f"a beam of {beam} keeps nothing", remedy="give at least 1, or 0 for the exact fold")
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
    length = len(problem.bases)
    with started(threads, where):
        total, partners, _ = _kernels.rna.fold(
            problem.model,
            problem.bases,
            beam=min(beam, length),
            threads=threads,
            progress=progress,
            **problem.restraints,
        )
    if 0 < beam < length:
        problem.check_met(partners, beam)
        return Fold.of(problem, f"heuristic: beam search, beam {beam}, energy not known to be minimal", total, partners)
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
