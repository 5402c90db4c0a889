"""The energy of a given structure, loop by loop.  Turner and Mathews 2010, Nucleic Acids Res 38:D280."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat.rna.parameters import MEASURED_AT, Parameters, turner_2004
from bianque.treat.rna.sequence import nucleotides
from bianque.treat.rna.structure import MIN_HAIRPIN, Partners, partners_of

KINDS = ("exterior", "hairpin", "interior", "multi")
KCAL = 100.0  # dcal/mol in one kcal/mol


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop of a structure. Positions from 0; energy in kcal/mol.

    kind      exterior, hairpin, interior (stacks and bulges are interior loops of no, or one-sided, nucleotides), multi
    closing   the pair that closes it; None for the exterior loop
    inner     the inner pair of an interior loop; None for others
    """

    kind: str
    closing: tuple[int, int] | None
    inner: tuple[int, int] | None
    energy: float


def evaluate(
    sequence: str,
    structure: str | Partners,
    *,
    temperature: float = MEASURED_AT,
    dangles: int = 2,
    parameters: Parameters | None = None,
    where: str = "the structure",
) -> tuple[float, list[Loop]]:
    """Free energy of a structure in kcal/mol, and that of each of its loops.

    Any two nucleotides may be paired; a pair that is not canonical has the least favourable value of a stack.

    raises    BadInput  for a structure of another length, a pseudoknot, or a hairpin of fewer than 3 nucleotides
    """
    bases = nucleotides(sequence)
    partners = partners_of(structure, where) if isinstance(structure, str) else structure
    if len(partners) != len(bases):
        raise BadInput(f"{where} has {len(partners)} positions, the sequence {len(bases)}")
    places = np.arange(len(bases))
    (tight,) = np.nonzero((partners > places) & (partners - places <= MIN_HAIRPIN))
    if tight.size:
        i = int(tight[0])
        raise BadInput(
            f"{where}: the pair of positions {i + 1} and {int(partners[i]) + 1} leaves {int(partners[i]) - i - 1} "
            "nucleotides in a hairpin",
            remedy=f"the model has no energy for a hairpin of fewer than {MIN_HAIRPIN}: take the pair out",
        )
    model = (parameters or turner_2004()).at(temperature, dangles)
    rows = _kernels.rna.evaluate(model, bases, np.ascontiguousarray(partners, np.int32))
    loops = [
        Loop(KINDS[kind], (i, j) if i >= 0 else None, (k, m) if k >= 0 else None, energy / KCAL)
        for kind, i, j, k, m, energy in rows.tolist()
    ]
    return int(rows[:, 5].sum()) / KCAL, loops
