"""A partition function in logarithms, written for clarity and from the parameter file alone: the tests' reference.

McCaskill 1990, Biopolymers 29:1105. Nothing is scaled, so nothing can overflow; pair probabilities come from the
partition function of the sequence with the pair forbidden and without.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bianque.treat import rna

KT = 0.198717 * 310.15  # dcal/mol
PAIRS = {"CG": 0, "GC": 1, "GU": 2, "UG": 3, "AU": 4, "UA": 5}
MAX_LOOP = 30
IMPOSSIBLE = -math.inf


class LogDomain:
    """Partition function of one sequence with Turner 2004, dangles 2."""

    def __init__(self, sequence: str, forbidden: tuple[int, int] | None = None) -> None:
        self.letters = sequence
        self.s = ["ACGU".index(letter) for letter in sequence]
        self.forbidden = forbidden
        parameters = rna.turner_2004()
        self.tables = {name: energies for name, (energies, _) in parameters.tables.items()}
        self.hairpins = {loop: energy for loop, (energy, _) in parameters.hairpins.items()}
        self.base, self.closing, self.stem = (parameters.numbers["ML_params"][x] for x in (0, 2, 4))
        self.ninio, _, self.ninio_max = parameters.numbers["NINIO"]
        self.terminal_au = parameters.numbers["Misc"][2]
        self.log_extrapolation = parameters.numbers["Misc"][4]

    def log_weight(self) -> float:
        """Natural logarithm of the partition function."""
        n = len(self.s)
        pairs, one, multi = (np.full((n + 2, n + 2), IMPOSSIBLE) for _ in range(3))
        for j in range(n):
            for i in range(j - 4, -1, -1):
                if self.kind(i, j) is not None and (i, j) != self.forbidden:
                    pairs[i, j] = self.closed(i, j, pairs, one, multi)
                stem = pairs[i, j] - self.multi_stem(i, j) / KT if pairs[i, j] > IMPOSSIBLE else IMPOSSIBLE
                one[i, j] = np.logaddexp(stem, one[i, j - 1] - self.base / KT)
                alone = [one[k, j] - (k - i) * self.base / KT for k in range(i, j - 3)]
                after = [multi[i, k - 1] + one[k, j] for k in range(i + 1, j - 3)]
                multi[i, j] = np.logaddexp.reduce([*alone, *after])
        prefix = [0.0] * (n + 1)
        for j in range(n):
            ends = [
                prefix[i] + pairs[i, j] - self.exterior_stem(i, j) / KT for i in range(j) if pairs[i, j] > IMPOSSIBLE
            ]
            prefix[j + 1] = float(np.logaddexp.reduce([prefix[j], *ends]))
        return prefix[n]

    def closed(
        self, i: int, j: int, pairs: NDArray[np.float64], one: NDArray[np.float64], multi: NDArray[np.float64]
    ) -> float:
        terms = [-self.hairpin(i, j) / KT]
        for k in range(i + 1, min(j, i + MAX_LOOP + 2)):
            lowest = max(k + 4, j - 1 - (MAX_LOOP - (k - i - 1)))
            inner = [m for m in range(lowest, j) if pairs[k, m] > IMPOSSIBLE]
            terms += [pairs[k, m] - self.interior(i, j, k, m) / KT for m in inner]
        closing = (self.closing + self.multi_stem_of(self.pair(j, i), self.s[j - 1], self.s[i + 1])) / KT
        terms += [multi[i + 1, k - 1] + one[k, j - 1] - closing for k in range(i + 2, j - 1)]
        return float(np.logaddexp.reduce(terms))

    def kind(self, i: int, j: int) -> int | None:
        return PAIRS.get(self.letters[i] + self.letters[j])

    def pair(self, i: int, j: int) -> int:
        return PAIRS[self.letters[i] + self.letters[j]]

    def end(self, kind: int) -> float:
        return self.terminal_au if kind > 1 else 0.0

    def size(self, table: str, unpaired: int) -> float:
        beyond = self.log_extrapolation * math.log(unpaired / MAX_LOOP) if unpaired > MAX_LOOP else 0.0
        return float(self.tables[table][min(unpaired, MAX_LOOP)]) + beyond

    def hairpin(self, i: int, j: int) -> float:
        if self.letters[i : j + 1] in self.hairpins:
            return float(self.hairpins[self.letters[i : j + 1]])
        unpaired, kind = j - i - 1, self.pair(i, j)
        if unpaired == 3:
            return self.size("hairpin", 3) + self.end(kind)
        return self.size("hairpin", unpaired) + float(
            self.tables["mismatch_hairpin"][kind, self.s[i + 1], self.s[j - 1]]
        )

    def interior(self, i: int, j: int, k: int, m: int) -> float:
        t, s = self.tables, self.s
        left, right = k - i - 1, j - m - 1
        outer, inner = self.pair(i, j), self.pair(m, k)
        if left == right == 0:
            return float(t["stack"][outer, inner])
        if 0 in (left, right):
            length = left + right
            stacked = float(t["stack"][outer, inner]) if length == 1 else self.end(outer) + self.end(inner)
            return self.size("bulge", length) + stacked
        a, b, c, d = s[i + 1], s[j - 1], s[k - 1], s[m + 1]
        if (left, right) == (1, 1):
            return float(t["int11"][outer, inner, a, b])
        if (left, right) == (1, 2):
            return float(t["int21"][outer, inner, a, d, b])
        if (left, right) == (2, 1):
            return float(t["int21"][inner, outer, d, a, c])
        if (left, right) == (2, 2):
            return float(t["int22"][outer, inner, a, c, d, b])
        mismatch = "mismatch_interior"
        if 1 in (left, right):
            mismatch = "mismatch_interior_1n"
        elif left + right == 5:
            mismatch = "mismatch_interior_23"
        asymmetry = min(self.ninio_max, abs(left - right) * self.ninio)
        ends = float(t[mismatch][outer, a, b]) + float(t[mismatch][inner, d, c])
        return self.size("interior", left + right) + asymmetry + ends

    def multi_stem(self, i: int, j: int) -> float:
        # A stem at the sequence's end is never in a multiloop: its neighbour does not matter.
        after = self.s[j + 1] if j + 1 < len(self.s) else 0
        return self.multi_stem_of(self.pair(i, j), self.s[i - 1], after)

    def multi_stem_of(self, kind: int, five: int, three: int) -> float:
        return self.stem + self.end(kind) + min(0.0, float(self.tables["mismatch_multi"][kind, five, three]))

    def exterior_stem(self, i: int, j: int) -> float:
        kind, n = self.pair(i, j), len(self.s)
        if i > 0 and j + 1 < n:
            return self.end(kind) + min(
                0.0, float(self.tables["mismatch_exterior"][kind, self.s[i - 1], self.s[j + 1]])
            )
        energy = self.end(kind)
        if i > 0:
            energy += min(0.0, float(self.tables["dangle5"][kind, self.s[i - 1]]))
        if j + 1 < n:
            energy += min(0.0, float(self.tables["dangle3"][kind, self.s[j + 1]]))
        return energy
