"""How long does an exercise of 60 days take, and does the same seed give the same bytes?"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from cost import bianque, verdict

SECONDS = 5.0


def main() -> None:
    costs, digests = [], []
    for run in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "exercise"
            costs.append(bianque("drill", "make", "--seed", "7", "--days", "60", "--out", out))
            files = sorted(path for path in out.rglob("*") if path.is_file())
            whole = hashlib.sha256()
            for path in files:
                whole.update(path.relative_to(out).as_posix().encode() + b"\0" + path.read_bytes())
            digests.append(whole.hexdigest())
            size = sum(path.stat().st_size for path in files) / 1e6
        print(f"run {run}: {costs[-1]}; {len(files)} files, {size:.1f} MB, sha256 {digests[-1][:16]}…")
    verdict(
        f"drill make --seed 7 --days 60 in less than {SECONDS:.0f} s, the same bytes twice",
        max(cost.wall for cost in costs) < SECONDS and len(set(digests)) == 1,
    )


if __name__ == "__main__":
    main()
