"""How long and how much memory does `bianque assess` take on the real data of January 2020?

The command as a user types it, five times, each into a lake that does not exist yet.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from cost import bianque, verdict
from real_data import EXAMPLE, SURVEILLANCE, needed

RUNS, SECONDS, MEGABYTES = 5, 5.0, 600.0


def main() -> None:
    needed()
    costs = []
    for run in range(RUNS):
        with tempfile.TemporaryDirectory() as out:
            arguments = ("assess", EXAMPLE, "--data", SURVEILLANCE, "--as-of", "2020-01-24", "--out", out)
            costs.append(bianque(*arguments))
            size = sum(path.stat().st_size for path in Path(out).glob("*.*")) / 1e6
        print(f"run {run + 1}: {costs[-1]}")
    print(f"written beside the lake: {size:.1f} MB")
    walls = sorted(cost.wall for cost in costs)
    peak = max(cost.peak_mb or 0.0 for cost in costs)
    print(f"median {walls[RUNS // 2]:.2f} s wall, highest peak {peak:.0f} MB")
    verdict(
        f"assess on the real folder in at most {SECONDS:.0f} s (median of {RUNS}) and {MEGABYTES:.0f} MB",
        walls[RUNS // 2] <= SECONDS and peak <= MEGABYTES,
    )


if __name__ == "__main__":
    main()
