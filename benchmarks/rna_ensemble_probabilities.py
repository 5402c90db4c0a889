"""Are the pair probabilities right, fast and of use?

ViennaRNA 2.8 computes the same in the same run, on one core. It smooths energies near zero in its partition function
alone (`pf_smooth`), which makes a dangle of 0 count -0.02 kcal/mol; ours are the weights of the energies themselves, so
the comparison is without the smoothing, and what it changes is printed beside.

Accuracy against the accepted structures of ArchiveII's subset: exact pairs, averaged over families, beside a beam
search's published figures. The map is that of the genome in infected cells (Huston et al. 2021, Mol Cell 81:584), made
with the reactivities that are scored beside our probabilities: for them it is no independent truth.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import viennarna as peer
from cost import measured, verdict
from numpy.typing import NDArray
from real_data import SHARED
from scipy.stats import rankdata

from bianque.treat import rna

GENOME = SHARED / "rna" / "NC_045512.2.fasta"
MAP = SHARED / "rna" / "sars2_huston2021_structure_shape.tsv.gz"
ERROR = 1e-4
SPAN = 500


def main() -> None:
    if not GENOME.is_file():
        print("absent: no real data here")
        return
    probabilities()
    speed()
    no_overflow()
    weight_of_pairs()
    accuracy()
    in_cell_map()


def probabilities() -> None:
    rng = np.random.default_rng(2021)
    known = [one.sequence for one in peer.archive(SHARED) if set(one.sequence) <= set("ACGU")]
    short = [one for one in known if len(one) <= 500]
    long = [one for one in known if 1000 <= len(one) <= 1500]
    chosen = [short[x] for x in rng.choice(len(short), 140, replace=False)]
    chosen += [long[x] for x in rng.choice(len(long), min(6, len(long)), replace=False)]
    chosen += [peer.random_sequence(rng, int(length)) for length in rng.integers(1, 600, 200 - len(chosen))]
    errors = [error(one, smooth=False) for one in chosen]
    smoothed = [error(one, smooth=True) for one in chosen if len(one) <= 300]
    print(
        f"pair probabilities of {len(chosen)} sequences of {min(map(len, chosen))} to {max(map(len, chosen)):,} nt: "
        f"largest difference {max(errors):.1e}; to the peer's smoothed ones ({len(smoothed)} up to 300 nt) "
        f"{max(smoothed):.1e}, in {sum(one > ERROR for one in smoothed)} sequences above {ERROR:g}"
    )
    verdict(f"at most {ERROR:g}", max(errors) <= ERROR)


def error(sequence: str, *, smooth: bool) -> float:
    made = rna.ensemble(sequence, cutoff=0.0)
    ours = np.zeros((len(sequence),) * 2)
    ours[made.pairs[:, 0], made.pairs[:, 1]] = made.probabilities
    theirs = peer.probabilities(peer.compound(sequence, smooth=smooth))[1]
    return float(np.abs(ours - theirs).max(initial=0))


def speed() -> None:
    sequence = peer.genome(SHARED)[:2000]
    with measured() as ours:
        made = rna.ensemble(sequence)
    theirs = peer.compound(sequence)
    theirs.exp_params_rescale(made.energy)
    with measured() as peers:
        energy = theirs.pf()[1]
    ratio = peers.wall / ours.wall
    print(f"2,000 nt: {made.energy:.2f} kcal/mol in {ours}; ViennaRNA {energy:.2f} in {peers}")
    print(f"2,000 nt: {ratio:,.0f} times faster")
    verdict("at least 10 times faster", ratio >= 10)


def no_overflow() -> None:
    sequence = peer.genome(SHARED)[:16_000]
    with measured() as cost:
        made = rna.ensemble(sequence, threads=2, stretch=1)
    least = rna.fold(sequence, threads=2).energy
    assert made.accessibility is not None
    apart = float(np.abs(made.accessibility - made.unpaired).max())
    print(f"16,000 nt, no span: {made.energy:.2f} kcal/mol (least {least:.2f}) in {cost}")
    print(f"16,000 nt: unpaired by pairs and by loops differ by {apart:.1e} at most")
    verdict("no overflow", bool(np.isfinite(made.probabilities).all()) and made.energy <= least and apart < ERROR)


def weight_of_pairs() -> None:
    """What the default of gamma was chosen by: up to 60 sequences a family that accuracy is not judged on."""
    judged = {one.sequence for one in in_subset()}
    rng = np.random.default_rng(2004)
    families: dict[str, list[peer.Known]] = defaultdict(list)
    for one in peer.archive(SHARED):
        if one.sequence not in judged and len(one.sequence) <= 800:
            families[one.family].append(one)
    known = [family[x] for _, family in sorted(families.items()) for x in rng.permutation(len(family))[:60]]
    ensembles = folded(known)
    least = family_averages(known, [rna.fold(one.sequence).partners for one in known])
    print(f"{len(known)} other sequences of ArchiveII, PPV / sensitivity in %: least energy {shown(least)}")
    for gamma in (0.5, 1.0, 1.5, 2.0, 4.0):
        scores = family_averages(known, [rna.expected_accuracy(made, gamma) for made in ensembles])
        print(f"expected accuracy with gamma {gamma:g}: {shown(scores)}")


def in_subset() -> list[peer.Known]:
    subset = set((SHARED / "rna" / "archiveii_subset.ids").read_text("ascii").split())
    return [one for one in peer.archive(SHARED) if one.name in subset]


def folded(known: list[peer.Known]) -> list[rna.Ensemble]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda one: rna.ensemble(one.sequence), known))


def accuracy() -> None:
    known = in_subset()
    with measured() as cost:
        ensembles = folded(known)
    least = family_averages(known, [rna.fold(one.sequence).partners for one in known])
    expected = family_averages(known, [made.mea for made in ensembles])
    alike = family_averages(known, [rna.expected_accuracy(made, 1.0) for made in ensembles])
    centre = family_averages(known, [made.centroid for made in ensembles])
    print(f"ArchiveII, {len(known)} sequences, PPV / sensitivity in %, averaged over families (ensembles {cost}):")
    print(f"least energy {shown(least)}; expected accuracy {shown(expected)}, with gamma 1 {shown(alike)};")
    print(f"centroid {shown(centre)}; a beam search with published energies 47.5 / 56.3, with trained ones 53.4 / 53.3")
    verdict("expected accuracy better than least energy in both", expected[0] > least[0] and expected[1] > least[1])


def family_averages(known: list[peer.Known], predicted: list[rna.Partners]) -> tuple[float, float]:
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one, partners in zip(known, predicted, strict=True):
        scores[one.family].append(agreement(rna.pairs_of(partners), true_pairs(one.structure)))
    precision, recall = (
        float(np.mean([np.mean([s[x] for s in family]) for family in scores.values()])) for x in (0, 1)
    )
    return 100 * precision, 100 * recall


def shown(scores: tuple[float, float]) -> str:
    return f"{scores[0]:.1f} / {scores[1]:.1f}"


def true_pairs(structure: str) -> set[tuple[int, int]]:
    """Pairs of a structure whose pseudoknots are in other brackets and in letters."""
    closing = {")": "(", "]": "[", "}": "{", ">": "<"} | {chr(x + 32): chr(x) for x in range(65, 91)}
    open_at: dict[str, list[int]] = defaultdict(list)
    pairs = set()
    for place, symbol in enumerate(structure):
        if symbol in closing:
            pairs.add((open_at[closing[symbol]].pop(), place))
        elif symbol != ".":
            open_at[symbol].append(place)
    return pairs


def agreement(predicted: NDArray[np.int32], true: set[tuple[int, int]]) -> tuple[float, float]:
    """Positive predictive value and sensitivity."""
    right = sum((i, j) in true for i, j in predicted.tolist())
    return right / max(1, len(predicted)), right / max(1, len(true))


def in_cell_map() -> None:
    with gzip.open(MAP, "rt", encoding="ascii") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    partner = np.array([int(row["paired_with"]) - 1 for row in rows])
    reactivity = np.array([float(row["shape_reactivity"] or "nan") for row in rows])
    true = {(i, j) for i, j in enumerate(partner.tolist()) if j > i}
    sequence = peer.genome(SHARED)
    with measured() as cost:
        made = rna.ensemble(sequence, span=SPAN, threads=2)
    print(f"genome, span {SPAN}, probabilities: {len(made.pairs):,} pairs in {cost}")
    kinds: dict[str, Callable[[], rna.Partners]] = {
        "least energy": lambda: rna.fold(sequence, span=SPAN, threads=2).partners,
        "expected accuracy": lambda: made.mea,
        "centroid": lambda: made.centroid,
    }
    for name, predict in kinds.items():
        precision, recall = agreement(rna.pairs_of(predict()), true)
        print(f"in-cell map, {len(true):,} pairs, {name}: PPV {precision:.1%}, sensitivity {recall:.1%}")
    unpaired = partner < 0
    known = ~np.isnan(reactivity)
    print(
        f"in-cell map, unpaired: AUC {area(made.unpaired[known], unpaired[known]):.3f} by our probability, "
        f"{area(reactivity[known], unpaired[known]):.3f} by the reactivity, of which the map was made "
        f"({known.sum():,} nucleotides)"
    )


def area(score: NDArray[np.float64], label: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often one with the label scores higher than one without."""
    ranks = rankdata(score)
    positive = int(label.sum())
    return float((ranks[label].sum() - positive * (positive + 1) / 2) / (positive * (len(label) - positive)))


if __name__ == "__main__":
    main()
