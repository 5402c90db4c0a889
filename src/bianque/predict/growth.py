"""Growth: how many new cases a day, how fast do they grow, in how many days do they double?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from bianque.predict.series import (
    Flags,
    Floats,
    Reason,
    Reasons,
    as_counts,
    needed_days,
    reasons,
    trailing,
    without_reason,
)

# Ten events per estimated coefficient: Peduzzi et al. 1996, J Clin Epidemiol 49:1373.
MIN_CASES = 10.0
# A rate beyond this (a factor of 10^13 a day) is the divergence of a fit, not a rate.
_RATE_BOUND = 30.0


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth per day at the last day of each window; all arrays days × regions.

    `doubling_days` is negative where the series halves. Its interval is unbounded, hence NaN, where the interval of
    the rate holds 0: `doubling_reason` says so. `reason` says why a cell has no rate.
    """

    rate: Floats
    lower: Floats
    upper: Floats
    doubling_days: Floats
    doubling_lower: Floats
    doubling_upper: Floats
    reason: Reasons
    doubling_reason: Reasons
    level: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The log-linear trend of the window that ends on each day; all arrays days × regions.

    log_level   log of the fitted count on the window's last day, and its standard error
    rate        per day, and its standard error
    dispersion  Pearson χ² per degree of freedom, not below 1
    """

    log_level: Floats
    log_level_error: Floats
    rate: Floats
    rate_error: Floats
    dispersion: Floats
    degrees: Floats
    reason: Reasons


def daily_new(cumulative: ArrayLike) -> tuple[Floats, Flags]:
    """New cases a day from a cumulative series, and the days on which it was corrected downwards.

    cumulative  days × regions; unknown days are NaN
    returns     new         days × regions; NaN on the first day, on a fall, and where the day or the one before it is
                            unknown (an increment over several days belongs to none of them)
                correction  True where a value is below the last known one
    raises      HistoryTooShort  when there is no day
    """
    values = as_counts(cumulative)
    known = ~np.isnan(values)
    highest_day = np.maximum.accumulate(np.where(known, np.arange(len(values))[:, None], -1), axis=0)
    last_known = np.full_like(values, np.nan)
    last_known[1:] = np.take_along_axis(values, np.maximum(highest_day[:-1], 0), axis=0)
    correction = values < last_known
    new = np.full_like(values, np.nan)
    new[1:] = values[1:] - values[:-1]
    new[correction] = np.nan
    return new, correction


def fit_trend(counts: ArrayLike, *, window: int = 7) -> Trend:
    """Log-linear quasi-Poisson trend over the trailing window of each day.

    Given the window's total, the counts of its known days are multinomial with shares proportional to exp(rate · day):
    the maximum-likelihood rate is the one whose mean day equals the observed mean day. Newton steps, kept inside a
    bracket, find it for all windows at once; level, errors and dispersion follow in closed form and equal those of the
    Poisson regression (McCullagh & Nelder 1989, ch. 6 and 9).

    raises  HistoryTooShort  when there is no day;  ValueError  when the window is shorter than 4 days
    """
    if window < 4:
        raise ValueError("a trend with its dispersion needs a window of 4 days or more")
    values = as_counts(counts)
    windows = trailing(values, window)
    known = ~np.isnan(windows)
    observed = np.where(known, windows, 0.0)
    day = np.arange(1.0 - window, 1.0)
    days_known = known.sum(axis=-1)
    cases = observed.sum(axis=-1)
    weighted = (observed * day).sum(axis=-1)
    first = np.where(known, day, 0.0).min(axis=-1)
    last = np.where(known, day, 1.0 - window).max(axis=-1)
    one_end = (weighted <= first * cases) | (weighted >= last * cases)
    reason = reasons(
        values.shape,
        (days_known < needed_days(window), Reason.TOO_FEW_DAYS),
        (cases < MIN_CASES, Reason.TOO_FEW_CASES),
        (one_end, Reason.CASES_AT_ONE_END),
    )
    fitted = without_reason(reason)
    total, mask = cases[fitted], known[fitted].astype(np.float64)
    rate, mean_day, variance, log_norm = _solve(mask, day, weighted[fitted] / total)
    expected = mask * np.exp(rate[:, None] * day + (np.log(total) - log_norm)[:, None])
    residual = np.where(mask > 0, (observed[fitted] - expected) ** 2 / np.where(mask > 0, expected, 1.0), 0.0)
    degrees = days_known[fitted] - 2.0
    dispersion = np.maximum(residual.sum(axis=-1) / degrees, 1.0)
    rate_error = np.sqrt(dispersion / (total * variance))
    level_error = np.sqrt(dispersion / total * (1.0 + mean_day**2 / variance))

    def spread(part: Floats) -> Floats:
        whole = np.full(values.shape, np.nan)
        whole[fitted] = part
        return whole

    return Trend(
        log_level=spread(np.log(total) - log_norm),
        log_level_error=spread(level_error),
        rate=spread(rate),
        rate_error=spread(rate_error),
        dispersion=spread(dispersion),
        degrees=spread(degrees),
        reason=reason,
    )


def _solve(mask: Floats, day: Floats, target: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The rate whose tilted mean day is the target, with that mean, its variance and the log of the norm."""
    rate = np.zeros_like(target)
    low, high = np.full_like(target, -_RATE_BOUND), np.full_like(target, _RATE_BOUND)
    for _ in range(60):
        tilt = mask * np.exp(rate[:, None] * day)
        norm = tilt.sum(axis=-1)
        mean = (tilt * day).sum(axis=-1) / norm
        variance = (tilt * (day - mean[:, None]) ** 2).sum(axis=-1) / norm
        gap = target - mean
        low, high = np.where(gap > 0, rate, low), np.where(gap < 0, rate, high)
        step = rate + np.clip(gap / np.maximum(variance, 1e-12), -1.0, 1.0)
        step = np.where((step <= low) | (step >= high), (low + high) / 2, step)
        if not bool(np.any(np.abs(gap) > 1e-11)):
            break
        rate = np.where(np.abs(gap) > 1e-11, step, rate)
    return rate, mean, variance, np.log(norm)


def growth(counts: ArrayLike, *, window: int = 7, level: float = 0.95) -> Growth:
    """How fast does each series grow per day, and in how many days does it double?

    Trailing-window log-linear quasi-Poisson regression: dispersion estimated and not below 1, t-quantiles. Seven days
    hold one whole weekly cycle. Unknown days are left out.

    counts   days × regions, new cases a day; unknown days are NaN
    returns  rate per day and doubling time in days with intervals at `level`, at each window's last day; a cell needs
             5 of 7 days known and 10 cases, else `reason` says what is missing
    raises   HistoryTooShort  when there is no day
    """
    trend = fit_trend(counts, window=window)
    reach = stdtrit(trend.degrees, 0.5 + level / 2) * trend.rate_error
    lower, upper = trend.rate - reach, trend.rate + reach
    bounded = (lower > 0) | (upper < 0)

    def doubling(rate: Floats, usable: Flags) -> Floats:
        return np.asarray(np.log(2.0) / np.where(usable & (rate != 0), rate, np.nan), dtype=np.float64)

    return Growth(
        rate=trend.rate,
        lower=lower,
        upper=upper,
        doubling_days=doubling(trend.rate, np.ones_like(bounded)),
        doubling_lower=doubling(upper, bounded),
        doubling_upper=doubling(lower, bounded),
        reason=trend.reason,
        doubling_reason=np.where(
            without_reason(trend.reason) & ~bounded, Reason.RATE_INTERVAL_HOLDS_ZERO.value, trend.reason
        ),
        level=level,
    )
