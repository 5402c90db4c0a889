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
from bianque.treat.rna.energy import KCAL, Loop, evaluate
from bianque.treat.rna.parameters import MEASURED_AT, Parameters, turner_2004
from bianque.treat.rna.restraints import INTERCEPT, SLOPE, Constraint, read_constraint, stack_bonus
from bianque.treat.rna.sequence import letters, nucleotides
from bianque.treat.rna.structure import Partners, dot_bracket, pairs_of

BYTES_PER_CELL = 4  # C and M of each (i, j), 16 bits each
BYTES_PER_STATE = 16  # of a beam, at each nucleotide: a row and an energy, of what a pair closes and of multiloops
BYTES_BESIDE = 200  # of a beam search, per nucleotide
LONGEST_BEAMED = 12_000_000  # nucleotides: at 170 dcal/mol each, the most a stack earns, energies still fit 32 bits
ROUNDING = 2 * 64  # rows beyond the span: strips and blocks are 64 wide


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
    raises        BadInput for a letter that is no nucleotide, or a constraint that cannot be met; `Cancelled`
    """
    if span < 0 or 0 < span <= 4:
        raise BadInput(f"a span of {span} lets nothing pair", remedy="give at least 5, or 0 for no limit")
    if beam < 0:
        raise BadInput(f"a beam of {beam} keeps nothing", remedy="give at least 1, or 0 for the exact fold")
    instructions()  # a wrong choice is told as such
    bases = nucleotides(sequence, where)
    if beam and len(bases) > LONGEST_BEAMED:
        remedy = f"fold it in pieces of at most {LONGEST_BEAMED:,}"
        raise BadInput(f"{where} has {len(bases):,} nucleotides, too many for a beam search", remedy=remedy)
    used = parameters or turner_2004()
    model = used.at(temperature, dangles)
    known = read_constraint(constraint, len(bases), f"the constraint of {where}") if constraint is not None else None
    bonus = stack_bonus(shape, len(bases), slope, intercept) if shape is not None else None
    total, partners, _ = _kernels.rna.fold(
        model,
        bases,
        span=span,
        beam=min(beam, len(bases)),
        threads=threads,
        layer=known.layer if known else None,
        opens=known.opens if known else None,
        closes=known.closes if known else None,
        pair_bonus=known.pair_bonus if known else None,
        stack_bonus=bonus,
        progress=progress,
    )
    heuristic = 0 < beam < len(bases)
    if known:
        _check_met(known, partners, where, beam if heuristic else 0)
        total += known.bonus * int(known.must.sum())
    energy = int(_kernels.rna.evaluate(model, bases, partners)[:, 5].sum())
    method = (
        f"heuristic: beam search, beam {beam}, energy not known to be minimal"
        if heuristic
        else "exact minimum free energy"
    )
    method += f", {used.name}, {temperature:g} °C, dangles {dangles}"
    method += f", span {span}" if span else ""
    method += ", constrained" if known else ""
    method += f", SHAPE (m {slope:g}, b {intercept:g})" if shape is not None else ""
    return Fold(letters(bases), energy / KCAL, (total - energy) / KCAL, partners, method, temperature, dangles, used)


def _check_met(constraint: Constraint, partners: Partners, where: str, beam: int) -> None:
    (unmet,) = np.nonzero(constraint.must & (partners < 0))
    if unmet.size:
        at = int(unmet[0])
        if beam:
            raise BadInput(
                f"{where}, position {at + 1}: a beam of {beam} found nothing that meets the constraint "
                f"{constraint.text[at]!r} with the others",
                remedy="give a wider beam, or fold exactly",
            )
        raise BadInput(
            f"{where}, position {at + 1}: the constraint {constraint.text[at]!r} cannot be met with the others",
            remedy="only A-U, C-G and G-U pair, at least 3 nucleotides apart and within the span: free some positions",
        )


def memory_needed(length: int, span: int = 0, *, beam: int = 0, wide: bool = False) -> int:
    """Bytes that folding a sequence of this length takes, about.

    wide      twice as much, which sequences with N and positions forced to pair need; a beam search does not
    """
    reach = min(length, span) if span else length
    if beam:
        return (BYTES_PER_STATE * min(beam, reach) + BYTES_BESIDE) * length
    cells = length * min(length, span + ROUNDING) if span else length * (length + 64) // 2
    return BYTES_PER_CELL * cells * (2 if wide else 1) + 100 * length


def span_within(memory: float, length: int, *, wide: bool = False) -> int:
    """The largest span with which a sequence of this length folds within so many bytes; below 5 there is none."""
    return int(memory / (BYTES_PER_CELL * length * (2 if wide else 1))) - ROUNDING


def beam_within(memory: float, length: int) -> int:
    """The widest beam with which a sequence of this length folds within so many bytes; below 1 there is none."""
    return int((memory / length - BYTES_BESIDE) / BYTES_PER_STATE)


def instructions() -> str:
    """The instruction set folds run with: avx512, avx2 or portable.

    The best this processor has, or what the environment's BIANQUE_INSTRUCTIONS names.

    raises    BadInput  for a name that is not known, or that this processor does not have
    """
    try:
        return _kernels.rna.instructions()
    except ValueError as cause:
        raise BadInput(str(cause), remedy="unset BIANQUE_INSTRUCTIONS, and the best is used") from cause
