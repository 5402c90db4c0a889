"""How good are the baseline and the renewal forecast on the real provinces of China, 1 February to 1 March 2020?

    python benchmarks/predict_forecasts.py

Each origin sees the counts up to its day; days flagged as definition changes by then are unknown to the models. The
file has no vintages: later corrections are in it. Nothing in the models was fitted to these data.
"""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
from numpy.typing import NDArray
from predict_data import mainland, provinces

from bianque.predict import changepoint, forecast, growth, reproduction, score

HORIZON = 14
SERIAL_INTERVAL = (7.5, 3.4)  # Li et al. 2020, N Engl J Med 382:1199
ORIGINS = [dt.date(2020, 2, 1) + dt.timedelta(n) for n in range(30)]


def main() -> None:
    days, names, cumulative = provinces()
    national = np.array([[mainland().get(day, np.nan)] for day in days])
    new = growth.daily_new(np.concatenate([cumulative, national], axis=1))[0]
    changes = changepoint.definition_changes(new)
    flagged = ", ".join(f"{days[t]} {[*names, 'mainland'][r]}" for t, r in np.argwhere(changes.flag))
    weights = reproduction.serial_interval_weights(*SERIAL_INTERVAL)
    seconds = {"baseline": 0.0, "renewal": 0.0}
    made: dict[str, list[NDArray[np.float64]]] = {"baseline": [], "renewal": []}
    truth = []
    for origin in ORIGINS:
        end = days.index(origin) + 1
        seen = new[:end]
        seen = changepoint.without(seen, changepoint.definition_changes(seen).flag)
        rng = np.random.default_rng(origin.toordinal())
        for name in made:
            begin = time.process_time()
            if name == "baseline":
                result = forecast.baseline(seen, horizon=HORIZON, rng=rng)
            else:
                result = forecast.renewal(seen, weights, horizon=HORIZON, rng=rng)
            seconds[name] += time.process_time() - begin
            made[name].append(result.values)
        truth.append(changepoint.without(new[end : end + HORIZON], changes.flag[end : end + HORIZON]))
    observed = np.array(truth)
    values = {name: np.array(results) for name, results in made.items()}
    both = ~np.isnan(values["baseline"][..., 0]) & ~np.isnan(values["renewal"][..., 0]) & ~np.isnan(observed)

    print(f"provinces {len(names)}, origins {ORIGINS[0]} to {ORIGINS[-1]}, horizon {HORIZON} days")
    print(f"flagged and not scored: {flagged}")
    for name, spent in seconds.items():
        print(f"{name}: {spent / len(ORIGINS):.3f} s CPU for {len(names) + 1} series × {HORIZON} days")
    regions = np.arange(len(names) + 1)
    hubei = names.index("湖北省")
    groups = {
        "provinces": regions < len(names),
        "without Hubei": (regions < len(names)) & (regions != hubei),
        "Hubei": regions == hubei,
        "mainland": regions == len(names),
    }
    first, second = np.arange(HORIZON) < 7, np.arange(HORIZON) >= 7
    whole = np.ones(HORIZON, dtype=np.bool_)
    every = np.ones(len(ORIGINS), dtype=np.bool_)
    third = np.arange(len(ORIGINS)) // 10
    print(
        f"{'':14} {'origins':>11} {'days':>5} {'n':>6} {'model':>9} {'WIS':>9} {'rel. WIS':>9} {'50 %':>6} {'95 %':>6}"
    )
    for group, members in groups.items():
        for origins, days_ahead, label, span in (
            (every, first, "all", "1-7"),
            (every, second, "all", "8-14"),
            (third == 0, whole, "1-10 Feb", "1-14"),
            (third == 1, whole, "11-20 Feb", "1-14"),
            (third == 2, whole, "21 Feb-1 Mar", "1-14"),
        ):
            cells = both & origins[:, None, None] & days_ahead[:, None] & members
            truths = observed[cells]
            base = float(score.wis(values["baseline"][cells], forecast.QUANTILE_LEVELS, truths).mean())
            for name, every_value in values.items():
                quantiles = every_value[cells]
                mean = float(score.wis(quantiles, forecast.QUANTILE_LEVELS, truths).mean())
                covered = [score.coverage(quantiles, forecast.QUANTILE_LEVELS, truths, p) for p in (0.5, 0.95)]
                print(
                    f"{group:14} {label:>12} {span:>4} {int(cells.sum()):6d} {name:>9} {mean:9.2f} "
                    f"{score.relative_wis(mean, base):9.3f} {covered[0]:6.1%} {covered[1]:6.1%}"
                )


if __name__ == "__main__":
    main()
