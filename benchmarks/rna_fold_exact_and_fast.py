"""Is the exact fold exact, and how long does it take?

ViennaRNA 2.8 folds the same sequences in the same run, on one core. The genome's 53 minutes are not repeated: it is
asked for the energy of our structure. All of ArchiveII is in `make test-full`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import RNA
import viennarna as peer
from cost import bianque, measured, verdict
from real_data import SHARED

from bianque.treat import rna

GENOME = SHARED / "rna" / "NC_045512.2.fasta"
DIGIT = 0.006


def main() -> None:
    print(f"instructions: {rna.instructions()}; ViennaRNA {RNA.__version__}")
    random_sequences()
    if not GENOME.is_file():
        print("absent: no real data here; random sequences alone")
        return
    archive()
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
