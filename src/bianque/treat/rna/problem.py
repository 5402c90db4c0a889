"""What a fold is asked, checked and as the kernel takes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.parameters import Parameters, turner_2004
from bianque.treat.rna.restraints import Constraint, read_constraint, stack_bonus
from bianque.treat.rna.sequence import nucleotides
from bianque.treat.rna.structure import Partners

ALL_ENERGIES = 2_000_000_000  # dcal/mol


@dataclass(frozen=True)
class Problem:
    """A sequence with all that bears on its structures.

    restraints    what the kernel is told beside model and sequence
    details       what the name of a method ends with
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

    def check_met(self, partners: Partners, beam: int = 0) -> None:
        """Refuse a constraint that the best structure does not meet.

        beam      of the search that found the structure; 0: it is the best of all
        raises    BadInput  with the position
        """
        if not self.constraint:
            return
        (unmet,) = np.nonzero(self.constraint.must & (partners < 0))
        if unmet.size:
            at = int(unmet[0])
            symbol = self.constraint.text[at]
            if beam:
                raise BadInput(
                    f"{self.where}, position {at + 1}: a beam of {beam} found nothing that meets the constraint "
                    f"{symbol!r} with the others",
                    remedy="give a wider beam, or fold exactly",
                )
            raise BadInput(
                f"{self.where}, position {at + 1}: the constraint {symbol!r} cannot be met with the others",
                remedy="only A-U, C-G and G-U pair, at least 3 nucleotides apart and within the span: free some "
                "positions",
            )


@contextmanager
def started(threads: int, where: str) -> Iterator[None]:
    """What the kernel works on with several threads, refused where the system does not start so many.

    raises    BadInput
    """
    try:
        yield
    except _kernels.rna.NoThread as cause:
        raise BadInput(
            f"{where}: the system does not start {threads} threads ({cause})",
            remedy="give fewer threads, or raise the limits on processes and on memory (ulimit -u, ulimit -v)",
        ) from cause


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
    """The problem that `folding.fold` describes.

    raises    BadInput  for a letter that is no nucleotide, or another argument out of range
    """
    if span < 0 or 0 < span <= 4:
        raise BadInput(f"a span of {span} lets nothing pair", remedy="give at least 5, or 0 for no limit")
    bases = nucleotides(sequence, where)
    used = parameters or turner_2004()
    model = used.at(temperature, dangles)
    known = read_constraint(constraint, len(bases), f"the constraint of {where}") if constraint is not None else None
    bonus = stack_bonus(shape, len(bases), slope, intercept) if shape is not None else None
    # A nucleotide is in two stacks at most.
    earned = used.earned_at_most(temperature, dangles) + 2 * max(0, -int(bonus.min()) if bonus is not None else 0)
    if earned * len(bases) > ALL_ENERGIES:
        raise BadInput(
            f"{where} has {len(bases):,} nucleotides, whose energies together leave what 32 bits hold",
            remedy=f"fold it in pieces of at most {int(ALL_ENERGIES / earned):,}",
        )
    restraints = {
        "span": span if span < len(bases) else 0,
        "layer": known.layer if known else None,
        "opens": known.opens if known else None,
        "closes": known.closes if known else None,
        "pair_bonus": known.pair_bonus if known else None,
        "stack_bonus": bonus,
    }
    details = f"{used.name}, {temperature:g} °C, dangles {dangles}"
    details += f", span {span}" if span else ""
    details += ", constrained" if known else ""
    details += f", SHAPE (m {slope:g}, b {intercept:g})" if shape is not None else ""
    return Problem(bases, model, restraints, known, temperature, dangles, used, details, where)
