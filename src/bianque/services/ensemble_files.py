"""What an ensemble says, as tables: pairs, unpaired stretches, and the structures that stand for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bianque.treat.rna import Ensemble, Partners, dot_bracket

LISTED = 0.001  # pairs less probable are not written: there are very many


def pairs(name: str, ensemble: Ensemble) -> str:
    """Every pair as probable as `LISTED`: its positions, from 1, and its probability, the most probable first."""
    lines = [
        f"# {name}: {ensemble.method}; pairs of a probability of {LISTED:g} and more",
        "first\tsecond\tprobability",
    ]
    lines += [f"{i}\t{j}\t{probability:.6f}" for i, j, probability in _listed(ensemble)]
    return "\n".join(lines) + "\n"


def unpaired(name: str, ensemble: Ensemble) -> str:
    """Each nucleotide: its position, from 1, its letter, and its probability to be unpaired."""
    lines = [f"# {name}: {ensemble.method}", "position\tnucleotide\tunpaired"]
    each = zip(ensemble.sequence, ensemble.unpaired.tolist(), strict=True)
    lines += [f"{place}\t{letter}\t{value:.6f}" for place, (letter, value) in enumerate(each, start=1)]
    return "\n".join(lines) + "\n"


def accessibility(name: str, ensemble: Ensemble) -> str:
    """Each stretch: its first and last position, from 1, its letters, and the probability that all are unpaired."""
    size = ensemble.stretch
    lines = [f"# {name}: {ensemble.method}; stretches of {size}", "first\tlast\tsequence\tunpaired"]
    values = ensemble.accessibility.tolist() if ensemble.accessibility is not None else []
    lines += [
        f"{at + 1}\t{at + size}\t{ensemble.sequence[at : at + size]}\t{value:.6g}" for at, value in enumerate(values)
    ]
    return "\n".join(lines) + "\n"


def mea(name: str, ensemble: Ensemble) -> str:
    """The structure of maximum expected accuracy as a dot-bracket with its energy."""
    return _dot_bracket(f"{name} maximum expected accuracy", ensemble, ensemble.mea)


def centroid(name: str, ensemble: Ensemble) -> str:
    """The centroid as a dot-bracket with its energy."""
    return _dot_bracket(f"{name} centroid", ensemble, ensemble.centroid)


TABLES: dict[str, Callable[[str, Ensemble], str]] = {
    "pairs.tsv": pairs,
    "unpaired.tsv": unpaired,
    "accessibility.tsv": accessibility,
    "mea.dbn": mea,
    "centroid.dbn": centroid,
}


def ensemble_object(ensemble: Ensemble) -> dict[str, Any]:
    """The ensemble for a JSON file; positions from 1, energies in kcal/mol."""
    accessible = [] if ensemble.accessibility is None else ensemble.accessibility.tolist()
    return {
        "energy": round(ensemble.energy, 4),
        "method": ensemble.method,
        "diversity": round(ensemble.diversity, 3),
        "mea": dot_bracket(ensemble.mea),
        "centroid": dot_bracket(ensemble.centroid),
        "unpaired": [round(value, 6) for value in ensemble.unpaired.tolist()],
        "pairs": [[i, j, round(probability, 6)] for i, j, probability in _listed(ensemble)],
        "stretch": ensemble.stretch or None,
        "accessibility": [float(f"{value:.6g}") for value in accessible],
    }


def _listed(ensemble: Ensemble) -> list[tuple[int, int, float]]:
    each = zip((ensemble.pairs + 1).tolist(), ensemble.probabilities.tolist(), strict=True)
    found = [(i, j, probability) for (i, j), probability in each if probability >= LISTED]
    return sorted(found, key=lambda one: (-one[2], one[0], one[1]))


def _dot_bracket(header: str, ensemble: Ensemble, partners: Partners) -> str:
    energy = ensemble.energy_of(partners)
    return f">{header}\n{ensemble.sequence}\n{dot_bracket(partners)} ({energy:.2f})\n"
