"""How far are reproduction numbers and signals from the published results of R?  The largest relative error of each."""

from __future__ import annotations

import re

import numpy as np
from cost import measured, verdict
from numpy.typing import NDArray
from real_data import column, needed, rows

from bianque.predict import detect, reproduction

LARGEST = 1e-6
EPIESTIM = ("Flu2009_param", "Flu2009_nonparam", "SARS2003")


def main() -> None:
    needed()
    errors, differ = [], 0
    for name in EPIESTIM:
        with measured() as cost:
            error, figures = epiestim(name)
        errors.append(error)
        print(f"epiestim_{name}: largest relative error {error:.1e} over {figures} figures; {cost}")
    for method in ("C1", "C2", "C3"):
        with measured() as cost:
            error, cells, missed = ears(method)
        errors.append(error)
        differ += missed
        print(
            f"salmNewport_ears{method}: largest relative error {error:.1e} over {cells} thresholds, "
            f"{missed} signals differ; {cost}"
        )
    verdict(f"relative error to EpiEstim and EARS at most {LARGEST:g}", max(errors) <= LARGEST and differ == 0)


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
