"""The ensemble of all structures of an RNA: how probable is each pair, and which stretches are unpaired?

McCaskill 1990, Biopolymers 29:1105. Maximum expected accuracy after Do, Woods and Batzoglou 2006, Bioinformatics
22:e90; centroid after Ding, Chan and Lawrence 2005, RNA 11:1157; stretches after Bernhart, Hofacker and Stadler 2006,
Bioinformatics 22:614. See docs/explanation/rna-folding.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.energy import KCAL, evaluate
from bianque.treat.rna.folding import instructions
from bianque.treat.rna.parameters import MEASURED_AT, ZERO_CELSIUS, Parameters
from bianque.treat.rna.picture import Picture
from bianque.treat.rna.problem import prepare, started
from bianque.treat.rna.restraints import INTERCEPT, SLOPE
from bianque.treat.rna.sequence import letters
from bianque.treat.rna.structure import Partners

GAS_CONSTANT = 0.00198717  # kcal/(mol K), as the reference program has it
CUTOFF = 1e-5  # pairs less probable are left out
MAJORITY = 0.5
# Weight of paired nucleotides. Against the least energy, predicted value and sensitivity gain alike with it: 52.5 and
# 59.7 % instead of 50.9 and 58.5 % on 457 sequences of ArchiveII, families averaged, on none of which accuracy is
# judged (benchmarks/rna_ensemble_probabilities.py).
GAMMA = 1.5
LONGEST_STRETCH = _kernels.rna.LONGEST_STRETCH


@dataclass(frozen=True)
class Ensemble:
    """All structures of a sequence, each weighted by exp(-energy / RT).

    sequence       RNA letters
    energy         free energy of the ensemble, kcal/mol: -RT ln of the sum of the weights
    pairs          (m, 2) positions from 0 of every pair at least as probable as `cutoff`, by their second position
    probabilities  (m,) probability of each of these pairs
    unpaired       (n,) probability of each nucleotide to be unpaired
    stretch        length of the stretches in `accessibility`
    cutoff         pairs less probable are not among `pairs`; mea, centroid and diversity do without them
    accessibility  (n - stretch + 1,) probability that all nucleotides of the stretch that starts there are unpaired;
                   None if it was not asked for
    method         parameters, temperature, dangles and span, in words; then as values
    """

    sequence: str
    energy: float
    pairs: NDArray[np.int32]
    probabilities: NDArray[np.float64]
    unpaired: NDArray[np.float64]
    cutoff: float
    stretch: int
    accessibility: NDArray[np.float64] | None
    method: str
    temperature: float
    dangles: int
    parameters: Parameters

    @cached_property
    def mea(self) -> Partners:
        """Partners of the structure of maximum expected accuracy."""
        return expected_accuracy(self)

    @cached_property
    def centroid(self) -> Partners:
        """Partners of the centroid, the structure nearest to all others on average: pairs more likely than not.

        Two such pairs cannot cross or share a position, since structures with both would then have to exist.
        """
        partners = np.full(len(self.sequence), -1, np.int32)
        first, second = self.pairs[self.probabilities > MAJORITY].T
        partners[first], partners[second] = second, first
        return partners

    @cached_property
    def diversity(self) -> float:
        """Pairs in which two structures drawn from the ensemble differ, on average."""
        return float(2 * np.sum(self.probabilities * (1 - self.probabilities)))

    def log_share(self, energy: float) -> float:
        """Natural logarithm of one structure's share of all, by its energy in kcal/mol with what probing adds.

        A genome's best structure may be a part of 10⁻⁴⁰⁰, which no number holds.
        """
        return (self.energy - energy) / thermal_energy(self.temperature)

    def energy_of(self, partners: Partners) -> float:
        """Free energy of one structure, kcal/mol, without what probing adds."""
        return evaluate(
            self.sequence,
            partners,
            temperature=self.temperature,
            dangles=self.dangles,
            parameters=self.parameters,
        )[0]

    def picture(self, partners: Partners) -> Picture:
        """One structure for a drawing, shaded by the probabilities of all."""
        return Picture(self.sequence, partners, self.pairs, self.probabilities, self.unpaired)


def ensemble(
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
    stretch: int = 0,
    cutoff: float = CUTOFF,
    threads: int = 1,
    progress: Callable[[float], bool] | None = None,
    where: str = "the sequence",
) -> Ensemble:
    """How probable is each pair?  Exact under the nearest-neighbour model, without pseudoknots; accessibility to 1e-5.

    Time grows with the cube of the length, and with a span linearly. Sums are kept in units of their own for every 64
    by 64 of them, so that no length makes them overflow.

    sequence      DNA or RNA letters; ambiguity codes pair with nothing
    span          largest distance j - i + 1 of paired nucleotides; 0: any
    temperature   °C
    dangles       2 or 0, see `Parameters.at`
    constraint    what must and must not pair, one symbol a nucleotide, see `restraints`
    shape         reactivity of each nucleotide, NaN where there is none; slope and intercept after Deigan et al. 2009
    stretch       length of the stretches whose probability to be unpaired is asked for, at most 64; 0: none
    cutoff        pairs less probable are left out of `pairs`, and of what is made of them; at most 0.5
    threads       cores to work on; their number changes the last digits
    progress      called about ten times a second with the share done; it returns False to cancel
    raises        BadInput for an argument out of range, a letter that is no nucleotide, or a constraint that cannot be
                  met; `Cancelled`
    """
    if not 0 <= stretch <= LONGEST_STRETCH:
        raise BadInput(
            f"a stretch of {stretch} nucleotides cannot be asked for",
            remedy=f"give a length from 1 to {LONGEST_STRETCH}",
        )
    if not 0 <= cutoff <= MAJORITY:
        raise BadInput(
            f"a cutoff of {cutoff:g} is no probability", remedy=f"give 0 to {MAJORITY:g}, usually {CUTOFF:g}"
        )
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
    must = problem.constraint.must if problem.constraint else np.zeros(0, np.bool_)
    restraints = problem.restraints | {"must": must.astype(np.uint8) if must.any() else None}
    del restraints["pair_bonus"]  # positions that must pair are never left unpaired: no bonus makes up for it
    kt = thermal_energy(temperature)
    try:
        with started(threads, where):
            log_weight, first, second, probabilities, paired, accessible = _kernels.rna.ensemble(
                problem.model,
                problem.bases,
                kt=kt * KCAL,
                threads=threads,
                cutoff=cutoff,
                stretch=stretch,
                progress=progress,
                **restraints,
            )
    except ValueError as cause:
        remedy = "only A-U, C-G and G-U pair, at least 3 nucleotides apart and within the span: free some positions"
        raise BadInput(f"{where}: no structure meets the constraint", remedy=remedy) from cause
    except OverflowError as cause:
        remedy = "give a temperature nearer to that of a cell, or weaker restraints"
        raise BadInput(f"{where}: {cause}", remedy=remedy) from cause
    return Ensemble(
        letters(problem.bases),
        -kt * log_weight,
        np.stack([first, second], axis=1),
        probabilities,
        np.clip(1 - paired, 0, 1),
        cutoff,
        stretch,
        np.clip(accessible, 0, 1) if stretch else None,
        f"partition function, {problem.details}",
        temperature,
        dangles,
        problem.parameters,
    )


def expected_accuracy(of: Ensemble, gamma: float = GAMMA, progress: Callable[[float], bool] | None = None) -> Partners:
    """Which structure agrees best with all others?  The one of maximum expected accuracy.

    gamma     weight of paired nucleotides: with 1 the most nucleotides are right, on average; more predicts more pairs
    returns   the partner of each position, -1: unpaired
    raises    BadInput  for a weight that is not positive; `Cancelled`
    """
    if not 0 < gamma < np.inf:
        raise BadInput(f"gamma {gamma} is no weight", remedy="give a positive number, for example 1")
    first, second = (np.ascontiguousarray(column, np.int32) for column in of.pairs.T)
    return _kernels.rna.most_worth(first, second, 2 * gamma * of.probabilities, of.unpaired, progress=progress)


def thermal_energy(temperature: float) -> float:
    """RT in kcal/mol at a temperature in °C."""
    return GAS_CONSTANT * (temperature + ZERO_CELSIUS)
