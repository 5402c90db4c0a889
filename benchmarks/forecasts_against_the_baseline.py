"""How good is the renewal forecast against the flat baseline, on China 2020 and on exercises?

Each origin sees the counts up to its day; days flagged as definition changes by then are unknown to both models, and
such days are not scored. The real file has no vintages: later corrections are in it. No parameter was fitted to these
data; but the damping of R and the separation of reporting noise came, with values from the literature, after an
undamped model had been seen to overshoot on the figures of China. The exercises are held out: their seeds were first
drawn after that. WIS is on the natural scale; relative WIS below 1 is better than the baseline.
"""

from __future__ import annotations

import datetime as dt

import exercises
import numpy as np
import real_data
from cost import Cost, measured
from numpy.typing import NDArray

from bianque.predict import changepoint, forecast, growth, reproduction, score

Floats = NDArray[np.float64]
HORIZON = 14
SERIAL_INTERVAL = (7.5, 3.4)  # Li et al. 2020, N Engl J Med 382:1199
ORIGINS = [dt.date(2020, 2, 1) + dt.timedelta(n) for n in range(30)]
SEEDS, DRILL_ORIGINS = (101, 102, 103), range(20, 46)


class Scored:
    """Forecasts of both models and what came, origins × horizon × regions (× quantiles)."""

    def __init__(self, new: Floats, weights: Floats, ends: list[int]) -> None:
        self.cost = {"baseline": Cost(), "renewal": Cost()}
        flagged = changepoint.definition_changes(new).flag
        made: dict[str, list[Floats]] = {name: [] for name in self.cost}
        truth = []
        for end in ends:
            seen = changepoint.without(new[:end], changepoint.definition_changes(new[:end]).flag)
            for name, cost in self.cost.items():
                rng = np.random.default_rng(end)
                with measured() as spent:
                    if name == "baseline":
                        result = forecast.baseline(seen, horizon=HORIZON, rng=rng)
                    else:
                        result = forecast.renewal(seen, weights, horizon=HORIZON, rng=rng)
                cost.wall += spent.wall
                cost.cpu += spent.cpu
                made[name].append(result.values)
            truth.append(changepoint.without(new[end : end + HORIZON], flagged[end : end + HORIZON]))
        self.truth = np.array(truth)
        self.values = {name: np.array(results) for name, results in made.items()}
        known = [~np.isnan(values[..., 0]) for values in self.values.values()]
        self.both = known[0] & known[1] & ~np.isnan(self.truth)

    def table(self, group: str, cells: NDArray[np.bool_], label: str) -> None:
        cells = self.both & cells
        if not cells.any():
            return
        truth = self.truth[cells]
        base = float(score.wis(self.values["baseline"][cells], forecast.QUANTILE_LEVELS, truth).mean())
        for name, values in self.values.items():
            quantiles = values[cells]
            mean = float(score.wis(quantiles, forecast.QUANTILE_LEVELS, truth).mean())
            half, most = (score.coverage(quantiles, forecast.QUANTILE_LEVELS, truth, p) for p in (0.5, 0.95))
            print(
                f"{group:14} {label:>18} {int(cells.sum()):7,} {name:>9} {mean:9.2f} "
                f"{score.relative_wis(mean, base):9.3f} {half:6.1%} {most:6.1%}"
            )

    def print_cost(self, series: int, origins: int) -> None:
        for name, cost in self.cost.items():
            each = Cost(cost.wall / origins, cost.cpu / origins)
            print(f"{name}: {each} for {series} series × {HORIZON} days")


def heading(text: str) -> None:
    print(text)
    print(f"{'':14} {'':>18} {'n':>7} {'model':>9} {'WIS':>9} {'rel. WIS':>9} {'50 %':>6} {'95 %':>6}")


def china() -> None:
    days, names, cumulative = real_data.provinces()
    mainland = real_data.mainland()
    national = np.array([[mainland.get(day, np.nan)] for day in days])
    new = growth.daily_new(np.concatenate([cumulative, national], axis=1))[0]
    scored = Scored(
        new, reproduction.serial_interval_weights(*SERIAL_INTERVAL), [days.index(origin) + 1 for origin in ORIGINS]
    )
    heading(f"China, {len(names)} provinces, {len(ORIGINS)} origins {ORIGINS[0]} to {ORIGINS[-1]}")
    regions, ahead, tenth = np.arange(len(names) + 1), np.arange(HORIZON)[:, None], np.arange(len(ORIGINS)) // 10
    hubei = names.index("湖北省")
    groups = {
        "provinces": regions < len(names),
        "without Hubei": (regions < len(names)) & (regions != hubei),
        "Hubei": regions == hubei,
        "mainland": regions == len(names),
    }
    for group, members in groups.items():
        scored.table(group, (ahead < 7) & members, "days 1-7")
        scored.table(group, (ahead >= 7) & members, "days 8-14")
        for n, label in enumerate(("from 1-10 Feb", "from 11-20 Feb", "from 21 Feb-1 Mar")):
            scored.table(group, (tenth == n)[:, None, None] & members, label)
    scored.print_cost(len(names) + 1, len(ORIGINS))


def drill(seed: int) -> None:
    known = exercises.seen(seed)
    ends = [end for end in DRILL_ORIGINS if end < len(known.new)]
    scored = Scored(np.concatenate([known.new, np.full((HORIZON, known.new.shape[1]), np.nan)]), known.weights, ends)
    heading(f"exercise of seed {seed}, {known.new.shape[1] - 1} counties, origins day {ends[0]} to {ends[-1]}")
    ahead, regions = np.arange(HORIZON)[:, None], np.arange(known.new.shape[1])
    for group, members in (("counties", regions < regions[-1]), ("province", regions == regions[-1])):
        scored.table(group, (ahead < 7) & members, "days 1-7")
        scored.table(group, (ahead >= 7) & members, "days 8-14")
    scored.print_cost(known.new.shape[1], len(ends))


def main() -> None:
    if real_data.SURVEILLANCE.is_dir():
        china()
    else:
        print("absent: no real data here; exercises alone")
    for seed in SEEDS:
        drill(seed)


if __name__ == "__main__":
    main()
