"""Does our score give the published verdict on FluSight 2023/24: the hub's ensemble against its baseline?"""

from __future__ import annotations

import numpy as np
from cost import measured, verdict
from real_data import flusight, needed

from bianque.predict import score

FORECASTS, WITH_US, WITHOUT_US = 6354, 0.731, 0.742


def main() -> None:
    needed()
    season = flusight()
    found = []
    for label, keep in (
        ("with the US total", np.ones(len(season.observed), dtype=np.bool_)),
        ("without the US total", season.location != "US"),
    ):
        truth = season.observed[keep]
        with measured() as cost:
            means = {m: float(score.wis(v[keep], season.levels, truth).mean()) for m, v in season.models.items()}
        ratio = score.relative_wis(means["FluSight-ensemble"], means["FluSight-baseline"])
        found.append((len(truth), ratio))
        print(f"{label}: {len(truth):,} forecasts, relative WIS {ratio:.3f}; {cost}")
        for model, values in season.models.items():
            covered = [f"{p:.0%} {score.coverage(values[keep], season.levels, truth, p):.1%}" for p in (0.5, 0.8, 0.95)]
            print(f"  {model:18} mean WIS {means[model]:6.1f}, coverage of intervals {', '.join(covered)}")
    (n, with_us), (_, without_us) = found
    verdict(
        f"relative WIS {WITH_US} over {FORECASTS:,} forecasts with the US total, {WITHOUT_US} without it",
        n == FORECASTS and round(with_us, 3) == WITH_US and round(without_us, 3) == WITHOUT_US,
    )


if __name__ == "__main__":
    main()
