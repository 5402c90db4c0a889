"""Change points: was this day counted by another rule?  Such a day is not growth, and must not be read as it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, nbdtrik, stdtrit

from bianque.predict.growth import fit_trend
from bianque.predict.series import Flags, Floats, Reason, Reasons, as_counts, needed_days, without_reason

# The fastest growth of a respiratory virus on record: doubling in 1.5 days (Omicron in London, UK Health Security
# Agency, Omicron daily overview of 17 December 2021).
MAX_RATE = float(np.log(2) / 1.5)
# More cases in a day than there are people: the end of what an extrapolated trend may say.
LARGEST_LOG = float(np.log(1e10))
# Saturday's and Sunday's reports can arrive with Monday's: three days in one is a backlog, not a new definition.
BACKLOG_DAYS = 3.0
# Offspring of one case: mean 2.5 (Li et al. 2020, N Engl J Med 382:1199), dispersion 0.1 (Endo et al. 2020,
# Wellcome Open Res 5:67). Counts made of such clusters have variance mean · (1 + R/k) = 26 · mean.
OFFSPRING_MEAN, OFFSPRING_DISPERSION = 2.5, 0.1
CLUSTER_DISPERSION = 1.0 + OFFSPRING_MEAN / OFFSPRING_DISPERSION
# What one case in a thousand infects at the most: 86. A jump no larger than one such event is transmission.
MIN_COUNT = float(np.ceil(nbdtrik(0.999, OFFSPRING_DISPERSION, OFFSPRING_DISPERSION / (OFFSPRING_DISPERSION + 2.5))))
# One false flag a year in a country of 34 provinces: 1 / (34 · 365), rounded up.
ALPHA = 1e-4


@dataclass(frozen=True, slots=True)
class ChangePoints:
    """Days counted by another rule; all arrays days × regions.

    expected  the trend of the days before, carried on to the day
    upper     the most that growth, clusters and a reporting backlog explain
    reason    why a cell is not assessed; its flag is False
    """

    flag: Flags
    observed: Floats
    expected: Floats
    upper: Floats
    reason: Reasons


def definition_changes(counts: ArrayLike, *, window: int = 7, alpha: float = ALPHA) -> ChangePoints:
    """Which days jump in a way that transmission cannot?

    A day is flagged when its count is above all three of
      the (1 − alpha) quantile of a negative binomial count whose mean is the trend of the days before (upper 97.5 %
      limit of its level) grown at `MAX_RATE`, and whose variance is that of superspreading clusters or of the
      window, whichever is larger;
      `BACKLOG_DAYS` times what the trend expects;
      `MIN_COUNT`.
    Only days before it decide about a day, so a flag stands on the day itself. A flag starts a new series: later days
    are judged by days after it alone, so neither the jump nor the old level is ever in their trend, and a level that
    stays is not flagged again. Until 5 of them are known they are not assessed.

    counts   days × regions, new cases a day; unknown days are NaN
    alpha    probability of a flag on a day without a jump, under that negative binomial
    raises   HistoryTooShort  when there is no day
    """
    values = as_counts(counts)
    days, regions = values.shape
    flag = np.zeros(values.shape, dtype=np.bool_)
    expected, upper = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    reason = np.full(values.shape, None, dtype=object)
    day = np.arange(days)[:, None]
    start = np.zeros(regions, dtype=np.int64)
    pending = np.arange(regions)
    while len(pending):
        current = day >= start[pending]
        judged = _judge(np.where(current, values[:, pending], np.nan), window, alpha)
        soon = current & (day < start[pending] + needed_days(window)) & (start[pending] > 0)
        soon &= judged.reason == Reason.TOO_FEW_DAYS.value
        why = np.where(soon, Reason.SOON_AFTER_CHANGE.value, judged.reason)
        for whole, part in ((flag, judged.flag), (expected, judged.expected), (upper, judged.upper), (reason, why)):
            whole[:, pending] = np.where(current, part, whole[:, pending])
        found = judged.flag.any(axis=0)
        start[pending[found]] = judged.flag.argmax(axis=0)[found] + 1
        pending = pending[found]
    return ChangePoints(flag=flag, observed=values, expected=expected, upper=upper, reason=reason)


def _judge(values: Floats, window: int, alpha: float) -> ChangePoints:
    """Each day against the trend of the window that ends on the day before it."""
    trend = fit_trend(np.concatenate([np.full((1, values.shape[1]), np.nan), values[:-1]]), window=window)
    expected = np.exp(np.minimum(trend.log_level + np.minimum(trend.rate, MAX_RATE), LARGEST_LOG))
    upper_level = trend.log_level + stdtrit(trend.degrees, 0.975) * trend.log_level_error
    highest = np.exp(np.minimum(upper_level + MAX_RATE, LARGEST_LOG))
    dispersion = np.maximum(trend.dispersion, CLUSTER_DISPERSION)
    # The Gamma with the negative binomial's mean and variance, for its quantile needs no search; half a case more
    # because counts are whole.
    chance = gammaincinv(highest / dispersion, 1 - alpha) * dispersion + 0.5
    upper = np.maximum(np.maximum(chance, BACKLOG_DAYS * expected), MIN_COUNT)
    reason = np.where(np.isnan(values), Reason.COUNT_UNKNOWN.value, trend.reason)
    return ChangePoints(
        flag=without_reason(reason) & (values > upper),
        observed=values,
        expected=expected,
        upper=upper,
        reason=reason,
    )


def without(counts: ArrayLike, flag: Flags) -> Floats:
    """The counts with the flagged days unknown: what growth, reproduction and forecast may read.

    Where the new rule also counts more on the days after, the level steps. `growth` takes the flags and allows for a
    step. Reproduction and forecast cannot: how large the step is shows only after weeks, and until one serial interval
    has passed their estimates hold it as transmission.
    """
    return np.where(flag, np.nan, as_counts(counts))
