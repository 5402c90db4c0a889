"""Every structure whose energy is within some kcal/mol of the least.

Wuchty, Fontana, Hofacker and Schuster 1999, Biopolymers 49:145.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.energy import KCAL
from bianque.treat.rna.folding import Fold, instructions
from bianque.treat.rna.parameters import MEASURED_AT, Parameters
from bianque.treat.rna.problem import prepare, started
from bianque.treat.rna.restraints import INTERCEPT, SLOPE

MOST_STRUCTURES = 10_000  # structures: more than anybody looks at
FARTHEST = 100.0  # kcal/mol: all structures of any sequence of which so few exist


def suboptimals(
    sequence: str,
    within: float,
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
    most: int = MOST_STRUCTURES,
    progress: Callable[[float], bool] | None = None,
    where: str = "the sequence",
) -> list[Fold]:
    """Which structures are almost as good as the best?  All of them, each once, by energy and then by dot-bracket.

    within        kcal/mol above the least energy (with what probing adds), 0 to 100
    most          structures to give; their number grows exponentially with the energy and with the sequence
    others        as `fold` takes them
    raises        BadInput as `fold` does, for an energy out of range, and where there are more than `most` structures,
                  with the largest energy within which there are not; `Cancelled`
    """
    if not 0 <= within <= FARTHEST:
        raise BadInput(
            f"suboptimal structures within {within:g} kcal/mol of the least energy cannot be listed",
            remedy=f"give 0 to {FARTHEST:g}; 1 is common",
        )
    if most < 1:
        raise BadInput(f"at most {most} structures are none", remedy="give at least 1")
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
    asked = math.floor(round(within * KCAL, 6))  # energies are whole dcal/mol
    with started(threads, where):
        totals, rows, count, reach = _kernels.rna.suboptimals(
            problem.model, problem.bases, asked, most, threads=threads, progress=progress, **problem.restraints
        )
    if reach < asked:
        raise BadInput(
            f"{where} has more structures than {most:,} within {within:g} kcal/mol of the least energy",
            remedy=f"give an energy of at most {reach / KCAL:g}, within which it has {count:,}"
            if reach >= 0
            else "that many have the least energy itself: give a part of the sequence, or allow more structures",
        )
    problem.check_met(rows[0])
    method = f"{count:,} structure{'s' if count > 1 else ''} within {within:g} kcal/mol of the least energy"
    made = [Fold.of(problem, method, total, row) for total, row in zip(totals.tolist(), rows, strict=True)]
    return sorted(made, key=lambda one: (round((one.energy + one.probing) * KCAL), one.structure))
