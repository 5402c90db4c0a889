"""How far is `predict` from the published results?  The largest relative error of each, and the relative WIS.

python benchmarks/predict_oracles.py
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from predict_data import column, flusight, rows

from bianque.predict import detect, reproduction, score


def main() -> None:
    for name in ("Flu2009_param", "Flu2009_nonparam", "SARS2003"):
        error, figures = epiestim(name)
        print(f"epiestim_{name}: largest relative error {error:.1e} over {figures} figures")
    for method in ("C1", "C2", "C3"):
        error, cells, missed = ears(method)
        print(
            f"salmNewport_ears{method}: largest relative error {error:.1e}, {cells} thresholds, {missed} signals differ"
        )
    forecasts, levels, observed = flusight()
    for label, keep in (("with the US total", True), ("without it", False)):
        units = [
            u for u in forecasts if len(forecasts[u]) == 2 and observed[u] == observed[u] and (keep or u[1] != "US")
        ]
        truth = np.array([observed[u] for u in units])
        models = {m: np.array([forecasts[u][m] for u in units]) for m in ("FluSight-ensemble", "FluSight-baseline")}
        means = [float(score.wis(values, levels, truth).mean()) for values in models.values()]
        print(f"FluSight 2023/24 {label}: relative WIS {score.relative_wis(*means):.3f} over {len(units)} forecasts")
        for model, values in models.items():
            covered = [f"{p:.0%} {score.coverage(values, levels, truth, p):.1%}" for p in (0.5, 0.8, 0.95)]
            print(f"  {model}: mean WIS {score.wis(values, levels, truth).mean():.1f}, coverage {', '.join(covered)}")


def epiestim(name: str) -> tuple[float, int]:
    """Largest relative error over every column of EpiEstim's table; an NA of theirs has to be a NaN of ours."""
    counts = column(f"oracle/epiestim_{name}_incidence.csv.gz", "I")
    if name.endswith("_param"):
        weights = reproduction.serial_interval_weights(2.6, 1.5, days=len(counts))
    else:
        weights = column(f"oracle/epiestim_{name}_si.csv.gz", "si")[:, 0]
    found = reproduction.reproduction(counts, weights)
    ours, theirs = [], []
    for row in rows(f"oracle/epiestim_{name}.csv.gz"):
        for field in row.keys() - {"t_start", "t_end"}:
            level = re.fullmatch(r"Quantile\.([\d.]+)\(R\)", field)
            values = {"Mean(R)": found.mean, "Std(R)": found.sd, "Median(R)": found.median}.get(field)
            values = found.quantile(float(level[1])) if level else values
            assert values is not None
            ours.append(values[int(row["t_end"]) - 1, 0])
            theirs.append(np.nan if row[field] == "NA" else float(row[field]))
    return relative_error(np.array(ours), np.array(theirs)), len(ours)


def ears(method: str) -> tuple[float, int, int]:
    """Largest relative error of the thresholds, their number, and how many signals differ."""
    found = detect.ears(column("oracle/salmNewport_input.csv.gz", "observed"), method=method)  # type: ignore[arg-type]
    theirs = column(f"oracle/salmNewport_ears{method}.csv.gz", "upperbound")[:, 0]
    alarms = np.array([row["alarm"] == "TRUE" for row in rows(f"oracle/salmNewport_ears{method}.csv.gz")])
    error = relative_error(found.threshold[29:, 0], theirs)
    return error, len(theirs), int((found.signal[29:, 0] != alarms).sum())


def relative_error(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Infinite where one is unknown and the other is not, or where only one is zero."""
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return float("inf")
    known = ~np.isnan(theirs)
    ours, theirs = ours[known], theirs[known]
    error = np.abs(ours - theirs)
    zero = theirs == 0
    return float(np.where(zero, np.where(error == 0, 0.0, np.inf), error / np.where(zero, 1.0, np.abs(theirs))).max())


if __name__ == "__main__":
    main()
