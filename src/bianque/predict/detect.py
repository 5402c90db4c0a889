"""Signals: is today's count above what the last days explain?  EARS, Hutwagner et al. 2003, J Urban Health 80:i89."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from bianque.predict.series import Flags, Floats, Reason, Reasons, as_counts, reasons, trailing, without_reason

LAG = {"C1": 0, "C2": 2, "C3": 2}  # days between the baseline and the day it judges


@dataclass(frozen=True, slots=True)
class Signals:
    """What was observed, expected and still within chance; all arrays days × regions.

    `excess` is observed − expected: how many cases history does not explain. `signal` is observed > threshold.
    `reason` says why a cell is not assessed; its expected, threshold and excess are NaN and its signal is False.
    """

    observed: Floats
    expected: Floats
    threshold: Floats
    excess: Floats
    signal: Flags
    reason: Reasons
    method: str
    baseline: int
    alpha: float


def ears(
    counts: ArrayLike,
    *,
    method: Literal["C1", "C2", "C3"] = "C1",
    baseline: int = 7,
    alpha: float = 0.001,
    min_sd: float = 0.0,
) -> Signals:
    """Expected count and upper threshold per day and region from a short trailing baseline.

    C1  mean + z · sd of the `baseline` days before the day
    C2  the same, two days further back, so that the start of a rise does not raise its own threshold
    C3  the threshold is the day's count + sd · (z − Σ max(0, C2 − 1) of the two days before), not below 0, where C2 is
        (count − mean) / sd. This is what R surveillance 1.20 prints; its manual has the baseline mean in place of the
        day's count. A C3 signal therefore speaks of the two days before: on the day itself C2 judges

    counts   days × regions; unknown days are NaN. A cell is assessed only when its count and every day of its baseline
             are known: the mean of fewer days has another threshold than the one alpha promises. C3 divides by the
             sd and is not assessed where one of its three baselines is flat
    alpha    one-sided probability of a signal on a day without excess, if counts were normal
    min_sd   floor of the sd. A baseline of equal counts has sd 0, and then any count above it is a signal: exact with
             the default 0; 0.5 or 1 is advised for sparse series (R surveillance, earsC, minSigma)
    raises   HistoryTooShort  when there is no day
    source   Fricker et al. 2008, Stat Med 27:3407; Salmon et al. 2016, J Stat Softw 70(10)
    """
    if baseline < 2:
        raise ValueError("a baseline with an sd needs 2 days or more")
    values = as_counts(counts)
    past = _earlier(values, LAG[method] + 1)
    windows = trailing(past, baseline)
    mean = windows.mean(axis=-1)
    sd = np.maximum(windows.std(axis=-1, ddof=1), min_sd)
    quantile = float(ndtri(1 - alpha))
    sd_needed = np.full(values.shape, np.inf)
    if method == "C3":
        sd_needed = np.minimum(sd, np.minimum(_earlier(sd, 1), _earlier(sd, 2)))
        units = np.divide(values - mean, sd, out=np.full_like(sd, np.nan), where=sd > 0)
        discrepancy = np.maximum(units - 1.0, 0.0)
        recent = _earlier(discrepancy, 1) + _earlier(discrepancy, 2)
        threshold = np.maximum(values + sd * (quantile - recent), 0.0)
    else:
        threshold = mean + quantile * sd
    reason = reasons(
        values.shape,
        (np.isnan(values), Reason.COUNT_UNKNOWN),
        (sd_needed == 0, Reason.BASELINE_FLAT),
        (np.isnan(threshold), Reason.BASELINE_INCOMPLETE),
    )
    assessed = without_reason(reason)
    expected = np.where(assessed, mean, np.nan)
    threshold = np.where(assessed, threshold, np.nan)
    return Signals(
        observed=values,
        expected=expected,
        threshold=threshold,
        excess=values - expected,
        signal=assessed & (values > threshold),
        reason=reason,
        method=method,
        baseline=baseline,
        alpha=alpha,
    )


def _earlier(values: Floats, days: int) -> Floats:
    """The values so many days before each day; unknown before the record."""
    lead = np.full((min(days, len(values)), values.shape[1]), np.nan)
    return np.concatenate([lead, values[: max(len(values) - days, 0)]])
