"""How much does the beam search lose, and how long does it take?

Beside it stand the exact fold, in the same run, and what was measured before of the published beam search, LinearFold-V
with the energies of Turner 2004 and beam 100, on one core of a machine of the same class; that is not repeated here.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import viennarna as peer
from cost import bianque, measured, verdict
from real_data import SHARED

from bianque.treat import rna

GENOME = SHARED / "rna" / "NC_045512.2.fasta"
BEAM = 100
DIGIT = 0.006  # kcal/mol: ViennaRNA answers in 32-bit floats


@dataclass(frozen=True)
class Before:
    """A prefix of the genome: the optimum (ViennaRNA 2.8) and what the published beam search did with it."""

    length: int
    optimum: float  # kcal/mol
    lost: float  # share of the optimum
    seconds: float
    peak_mb: float | None


BEFORE = (
    Before(8_000, -2414.90, 0.017, 5.3, None),
    Before(29_903, -8787.50, 1 - 8476.20 / 8787.50, 27.5, 1080),
)


def main() -> None:
    linear()
    if not GENOME.is_file():
        print("absent: no real data here; random sequences alone")
        return
    for before in BEFORE:
        against(before)
    widths(BEFORE[0])
    spans(BEFORE[1])


def linear() -> None:
    """Time and memory per nucleotide, on random sequences."""
    rng = np.random.default_rng(2020)
    with tempfile.TemporaryDirectory() as folder:
        costs = {}
        for length in (30_000, 300_000):
            fasta = Path(folder) / f"{length}.fa"
            fasta.write_text(f">random\n{peer.random_sequence(rng, length)}\n", "ascii")
            cost = costs[length] = bianque("fold", fasta, "--beam", str(BEAM), "--out", folder)
            print(f"random, {length:,} nt, beam {BEAM}, the whole command: {cost}")
    added = 300_000 - 30_000
    seconds = (costs[300_000].cpu - costs[30_000].cpu) / added
    memory = ((costs[300_000].peak_mb or 0) - (costs[30_000].peak_mb or 0)) * 1e6 / added
    estimate = rna.memory_needed(10_000_000, beam=BEAM) / 1e9
    print(f"per nucleotide: {seconds * 1e6:.0f} µs CPU, {memory:,.0f} bytes; 10 Mb: {seconds * 1e7 / 60:.0f} minutes,")
    print(f"{memory / 100:.1f} GB (the estimate before the start says {estimate:.1f} GB)")
    verdict("at most 2,000 bytes a nucleotide, and within the estimate", memory <= min(2000, estimate * 100))


def against(before: Before) -> None:
    length = f"{before.length:,} nt"
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder) / "x.fa"
        fasta.write_text(f">x\n{peer.genome(SHARED)[: before.length]}\n", "ascii")
        exact = bianque("fold", fasta, "--threads", "1", "--out", folder)
        cost = bianque("fold", fasta, "--beam", str(BEAM), "--out", folder)
        _, sequence, line = (Path(folder) / "x.dbn").read_text("ascii").splitlines()
    structure, energy = line.split()[0], float(line.split()[1].strip("()"))
    checked = peer.compound(sequence).eval_structure(structure)
    lost = 1 - energy / before.optimum
    memory = f", {before.peak_mb:,.0f} MB" if before.peak_mb else ""
    print(f"{length}, beam {BEAM}: {energy:.2f} kcal/mol, {lost:.2%} above the optimum; the whole command: {cost}")
    print(f"{length}, published beam search: {before.lost:.2%} above the optimum; {before.seconds} s{memory}")
    print(f"{length}, exact: {before.optimum:.2f} kcal/mol; the whole command: {exact}")
    print(f"{length}: ViennaRNA gives the beam's structure {checked:.2f}")
    verdict(
        f"{length}: the energy is its structure's, and loses less than the published search in at most half its time",
        abs(checked - energy) < DIGIT and 0 <= lost < before.lost and cost.wall <= before.seconds / 2,
    )
    if before.peak_mb:
        verdict(f"{length}: at most a third of its memory", (cost.peak_mb or 0) <= before.peak_mb / 3)


def widths(before: Before) -> None:
    sequence = peer.genome(SHARED)[: before.length]
    for beam in (20, 50, 100, 200, 500):
        with measured() as cost:
            made = rna.fold(sequence, beam=beam)
        lost = 1 - made.energy / before.optimum
        print(f"{before.length:,} nt, beam {beam}: {made.energy:.2f} kcal/mol, {lost:.2%} above the optimum, {cost}")


def spans(before: Before) -> None:
    """The other way to fold in linear time: the least energy of all structures of near pairs."""
    sequence = peer.genome(SHARED)[: before.length]
    for span in (500, 1000, 2000):
        with measured() as cost:
            made = rna.fold(sequence, span=span)
        lost = 1 - made.energy / before.optimum
        memory = rna.memory_needed(before.length, span) / before.length
        print(
            f"{before.length:,} nt, exact with span {span}: {made.energy:.2f} kcal/mol, {lost:.2%} above the optimum",
            end="",
        )
        print(f", {cost}, about {memory:,.0f} bytes a nucleotide")


if __name__ == "__main__":
    main()
