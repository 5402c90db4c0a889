"""How often does the interval of the reproduction number hold the exercise's true one?

The truth is that of infections. A count of today speaks of infections an incubation and a report delay ago, and the
window of 7 days of three days before that: beside the same day, the estimate is compared with the truth of that day.
Days from the definition change on for a week are left out.
"""

from __future__ import annotations

import exercises
import numpy as np
from cost import measured
from numpy.typing import NDArray

from bianque.drill import epidemic, observe, scenario
from bianque.predict import changepoint, reproduction

SEEDS = (7, 8, 9, 10, 11)
WINDOW = 7
SPANS = (("day 14-27", 14, 28), ("day 28-39", 28, 40), ("day 47-59", 47, 60))


def mean_of(probabilities: NDArray[np.float64]) -> float:
    return float((probabilities * np.arange(len(probabilities))).sum() / probabilities.sum())


def main() -> None:
    delay = round(mean_of(epidemic.incubation()) + mean_of(observe.report_delay()) + (WINDOW - 1) / 2)
    found: dict[tuple[str, str, str], list[NDArray[np.float64]]] = {}
    for seed in SEEDS:
        known = exercises.seen(seed)
        new = changepoint.without(known.new, changepoint.definition_changes(known.new).flag)
        with measured() as cost:
            made = reproduction.reproduction(
                new, known.weights, min_cases=reproduction.CASES_FOR_CV_30, overdispersed=True
            )
        truth = known.exercise.epidemic
        whole = np.concatenate([truth.reproduction, truth.province_reproduction()[:, None]], axis=1)
        for lag in (0, delay):
            true = np.full_like(whole, np.nan)
            true[lag:] = whole[: len(whole) - lag] if lag else whole
            for place, columns in (("counties", slice(0, -1)), ("province", slice(-1, None))):
                for label, first, after in SPANS:
                    cells = np.stack(
                        [a[first:after, columns].ravel() for a in (made.mean, made.lower, made.upper, true)]
                    )
                    kept = cells[:, ~np.isnan(cells).any(axis=0)]
                    found.setdefault((place, "same day" if lag == 0 else f"{lag} days ago", label), []).append(kept)
    print(
        f"exercises of seeds {', '.join(map(str, SEEDS))}; change of definition on day {scenario.DEFINITION_CHANGE_DAY}"
    )
    print(f"{'':9} {'truth of':>11} {'':>10} {'n':>6} {'in 95 %':>8} {'median error':>13} {'median width':>13}")
    for (place, when, label), parts in found.items():
        mean, lower, upper, true = np.concatenate(parts, axis=1)
        if not len(mean):
            continue
        inside = ((lower <= true) & (true <= upper)).mean()
        print(
            f"{place:9} {when:>11} {label:>10} {len(mean):6,} {inside:8.1%} {np.median(mean - true):+13.2f} "
            f"{np.median(upper - lower):13.2f}"
        )
    print(f"one exercise, {new.shape[1]} series × {len(new)} days: {cost}")


if __name__ == "__main__":
    main()
