"""Is the exact fold exact, and how long does it take?

ViennaRNA 2.8 folds the same sequences in the same run, on one core. The genome's 53 minutes are not repeated: it is
asked for the energy of our structure. All of ArchiveII is in `make test-full`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import RNA
import viennarna as peer
from cost import bianque, measured, verdict
from real_data import SHARED

from bianque import _kernels
from bianque.model.errors import BadInput
from bianque.treat import rna

GENOME = SHARED / "rna" / "NC_045512.2.fasta"
DIGIT = 0.006


def main() -> None:
    print(f"instructions: {rna.instructions()}; ViennaRNA {RNA.__version__}")
    random_sequences()
    instruction_sets()
    restraints()
    random_structures()
    if not GENOME.is_file():
        print("absent: no real data here; random sequences alone")
        return
    archive()
    accepted_structures()
    genome_prefixes()
    genome()


def random_sequences() -> None:
    rng = np.random.default_rng(2020)
    equal = sum(
        same(peer.random_sequence(rng, int(length)), dangles)
        for dangles in (2, 0)
        for length in rng.integers(1, 401, 500)
    )
    print(f"1,000 random sequences of 1 to 400 nt, dangles 2 and 0: {equal} equal the peer")
    verdict("all equal", equal == 1000)


def same(sequence: str, dangles: int = 2) -> bool:
    made = rna.fold(sequence, dangles=dangles)
    theirs = peer.compound(sequence, dangles=dangles)
    energy = theirs.mfe()[1]
    return abs(made.energy - energy) < DIGIT and abs(theirs.eval_structure(made.structure) - energy) < DIGIT


def instruction_sets() -> None:
    rng = np.random.default_rng(2022)
    sequences = [peer.random_sequence(rng, int(length)) for length in rng.integers(1, 700, 60)]
    made, before = {}, os.environ.get("BIANQUE_INSTRUCTIONS")
    for name in ("portable", "avx2", "avx512"):
        if _kernels.rna.supports(name):
            os.environ["BIANQUE_INSTRUCTIONS"] = name
            made[name] = [(one.energy, one.structure) for one in map(rna.fold, sequences)]
    os.environ.pop("BIANQUE_INSTRUCTIONS") if before is None else os.environ.update(BIANQUE_INSTRUCTIONS=before)
    print(f"{len(sequences)} sequences with {', '.join(made)} (what this processor has)")
    verdict("identical", all(one == made["portable"] for one in made.values()))


def restraints() -> None:
    rng = np.random.default_rng(2023)
    constrained = probed = met = 0
    while met < 200:
        sequence = peer.random_sequence(rng, int(rng.integers(20, 220)))
        constraint = peer.random_constraint(rng, sequence, bool(met % 2))
        try:
            made = rna.fold(sequence, constraint=constraint)
        except BadInput:  # two positions may each need what the other takes
            continue
        met += 1
        theirs = peer.compound(sequence)
        theirs.hc_add_from_db(constraint, peer.ENFORCED)
        constrained += abs(made.energy - theirs.mfe()[1]) < DIGIT
    for length in rng.integers(20, 220, 200):
        reactivities = np.where(rng.random(int(length)) < 0.1, np.nan, rng.exponential(0.5, int(length)))
        sequence = peer.random_sequence(rng, int(length))
        made = rna.fold(sequence, shape=reactivities)
        probed += abs(made.energy + made.probing - peer.probed(sequence, reactivities).mfe()[1]) < DIGIT
    print(f"constraints: {constrained} of 200 that can be met equal the peer; SHAPE: {probed} of 200")
    verdict("all equal", constrained == probed == 200)


def random_structures() -> None:
    rng = np.random.default_rng(2024)
    equal = 0
    for length in rng.integers(10, 150, 2000):
        sequence = peer.random_sequence(rng, int(length))
        structure = peer.random_structure(rng, int(length))
        theirs = peer.compound(sequence).eval_structure(structure)
        equal += abs(rna.evaluate(sequence, structure)[0] - theirs) < DIGIT
    print(f"the energy of 2,000 random structures: {equal} equal the peer")
    verdict("all equal", equal == 2000)


def accepted_structures() -> None:
    equal = refused = 0
    for one in peer.archive(SHARED):
        if set(one.structure) - set(".()"):
            continue
        try:
            energy, _ = rna.evaluate(one.sequence, one.structure)
        except BadInput:
            refused += 1
        else:
            equal += abs(energy - peer.compound(one.sequence).eval_structure(one.structure)) < DIGIT
    print(f"accepted structures of ArchiveII without pseudoknots: {equal} equal the peer, {refused} refused")
    verdict("2,747 equal, 142 with a hairpin of fewer than 3 nucleotides refused", (equal, refused) == (2747, 142))


def archive() -> None:
    known = [one.sequence for one in peer.archive(SHARED) if len(one.sequence) <= 400][::20]
    equal = sum(same(sequence) for sequence in known)
    print(f"ArchiveII, {len(known)} sequences up to 400 nt: {equal} equal the peer")
    verdict("all equal", equal == len(known))


def genome_prefixes() -> None:
    whole = peer.genome(SHARED)
    for length in (1000, 2000, 4000, 8000):
        with measured() as ours:
            made = rna.fold(whole[:length])
        theirs = peer.compound(whole[:length])
        with measured() as peers:
            energy = theirs.mfe()[1]
        ratio = peers.wall / ours.wall
        print(f"{length:,} nt: {made.energy:.2f} kcal/mol in {ours}; ViennaRNA {energy:.2f} in {peers}")
        print(f"{length:,} nt: {ratio:,.0f} times faster")
        if length == 8000:
            verdict(
                "equal, and at least 100 times faster at 8,000 nt", abs(made.energy - energy) < DIGIT and ratio >= 100
            )


def genome() -> None:
    whole = peer.genome(SHARED)
    with tempfile.TemporaryDirectory() as folder:
        for threads, limit in ((1, 15), (2, 8)):
            cost = bianque("fold", GENOME, "--threads", str(threads), "--out", folder)
            print(
                f"genome, {len(whole):,} nt, exact energy and structure, {threads} core(s), the whole command: {cost}"
            )
            verdict(f"at most {limit} s and 2,500 MB", cost.wall <= limit and (cost.peak_mb or 0) <= 2500)
        _, sequence, line = (Path(folder) / "NC_045512.2.dbn").read_text("ascii").splitlines()
        structure, energy = line.split()[0], float(line.split()[1].strip("()"))
    checked = peer.compound(sequence).eval_structure(structure)
    print(f"genome: {energy:.2f} kcal/mol; ViennaRNA gives the structure {checked:.2f}")
    verdict("-8787.50", energy == -8787.50 and abs(checked - energy) < DIGIT)
    with measured() as cost:
        made = rna.fold(whole, span=500)
    print(f"genome, span 500: {made.energy:.2f} kcal/mol in {cost}")
    verdict("at most 1 s", cost.wall <= 1)


if __name__ == "__main__":
    main()
