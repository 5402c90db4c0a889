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


def fit_trend(counts: ArrayLike, *, window: int = 7, changes: ArrayLike | None = None) -> Trend:
    """Log-linear quasi-Poisson trend over the trailing window of each day.

    Given their total, the counts of a window's known days are multinomial with shares proportional to
    exp(rate · day): the maximum-likelihood rate is the one whose mean day equals the observed mean day. Newton steps
    inside a bracket find it for all windows at once; level, errors and dispersion follow in closed form and equal those
    of the Poisson regression (McCullagh & Nelder 1989, ch. 6 and 9).

    changes  days × regions, True on days counted by another rule: the day itself is left out, and the days before and
             after it have a level each and the rate in common, so that a step of the level is not growth. Of a window
             with several changes the days since the last but one count
    raises   HistoryTooShort  when there is no day;  ValueError  when the window is shorter than 4 days
    """
    if window < 4:
        raise ValueError("a trend with its dispersion needs a window of 4 days or more")
    values = as_counts(counts)
    sides, observed = _windows(values, window, changes)
    day = np.arange(1.0 - window, 1.0)
    days_known = sides.any(axis=0).sum(axis=-1)
    cases = np.where(sides, observed, 0.0).sum(axis=-1)
    total = cases.sum(axis=0)
    weighted = (observed * day).sum(axis=-1)
    first = np.where(sides, day, 0.0).min(axis=-1)
    last = np.where(sides, day, 1.0 - window).max(axis=-1)
    one_end = (weighted <= (first * cases).sum(axis=0)) | (weighted >= (last * cases).sum(axis=0))
    reason = reasons(
        values.shape,
        (days_known < needed_days(window), Reason.TOO_FEW_DAYS),
        (total < MIN_CASES, Reason.TOO_FEW_CASES),
        (one_end, Reason.CASES_AT_ONE_END),
    )
    fitted = without_reason(reason)
    cases, total, inside = cases[:, fitted], total[fitted], sides[:, fitted].astype(np.float64)
    fit = _solve(inside, cases, day, weighted[fitted])
    expected = (cases[..., None] * fit.shares).sum(axis=0)
    counted = expected > 0
    residual = (observed[fitted] - expected) ** 2 / np.where(counted, expected, 1.0)
    # A side without a case is fitted by zeros: neither its days nor its level count.
    degrees = np.maximum(np.where(cases > 0, inside.sum(axis=-1) - 1.0, 0.0).sum(axis=0) - 1.0, 1.0)
    dispersion = np.maximum(np.where(counted, residual, 0.0).sum(axis=-1) / degrees, 1.0)
    now = np.where(cases[0] > 0, cases[0], np.nan)

    def spread(part: Floats) -> Floats:
        whole = np.full(values.shape, np.nan)
        whole[fitted] = part
        return whole

    return Trend(
        log_level=spread(np.log(now) - fit.log_norm[0]),
        log_level_error=spread(np.sqrt(dispersion * (1.0 / now + fit.mean_day[0] ** 2 / fit.information))),
        rate=spread(fit.rate),
        rate_error=spread(np.sqrt(dispersion / fit.information)),
        dispersion=spread(dispersion),
        degrees=spread(degrees),
        reason=reason,
    )


def _windows(values: Floats, window: int, changes: ArrayLike | None) -> tuple[Flags, Floats]:
    """The known days of each window after and before its last change, and their counts.

    returns  sides     1 or 2 × days × regions × window
             observed  days × regions × window, 0 on the days of neither side
    """
    if changes is None:
        windows = trailing(values, window)
        known = ~np.isnan(windows)
        return known[None], np.where(known, windows, 0.0)
    flags = np.asarray(changes, dtype=np.bool_)
    windows = trailing(np.where(flags, np.nan, values), window)
    changes_so_far = np.cumsum(flags, axis=0).astype(np.float64)
    ago = changes_so_far[..., None] - trailing(changes_so_far, window)
    sides = np.array([~np.isnan(windows) & (ago == n) for n in (0, 1)])
    return sides, np.where(sides.any(axis=0), windows, 0.0)


@dataclass(frozen=True, slots=True)
class _Solution:
    """Rate and information of each window; share of each day, mean day and log of the norm on each side of a change."""

    rate: Floats
    information: Floats
    shares: Floats
    mean_day: Floats
    log_norm: Floats


def _solve(sides: Floats, cases: Floats, day: Floats, weighted: Floats) -> _Solution:
    """The rate of each window.

    sides     sides × windows × days, 1 on the days that belong to the side
    cases     sides × windows
    weighted  Σ count · day of each window
    """
    rate = np.zeros_like(weighted)
    low, high = np.full_like(weighted, -_RATE_BOUND), np.full_like(weighted, _RATE_BOUND)
    tolerance = 1e-12 * cases.sum(axis=0)
    for _ in range(100):
        tilt = sides * np.exp(rate[:, None] * day)
        norm = tilt.sum(axis=-1)
        shares = tilt / np.where(norm > 0, norm, 1.0)[..., None]
        mean = (shares * day).sum(axis=-1)
        information = (cases * (shares * (day - mean[..., None]) ** 2).sum(axis=-1)).sum(axis=0)
        gap = weighted - (cases * mean).sum(axis=0)
        open_ = np.abs(gap) > tolerance
        if not bool(open_.any()):
            break
        low, high = np.where(gap > 0, rate, low), np.where(gap < 0, rate, high)
        step = rate + np.clip(gap / np.maximum(information, 1e-12), -1.0, 1.0)
        step = np.where((step <= low) | (step >= high), (low + high) / 2, step)
        rate = np.where(open_, step, rate)
    return _Solution(rate, information, shares, mean, np.log(np.where(norm > 0, norm, 1.0)))


def growth(counts: ArrayLike, *, window: int = 7, level: float = 0.95, changes: ArrayLike | None = None) -> Growth:
    """How fast does each series grow per day, and in how many days does it double?

    Trailing-window log-linear quasi-Poisson regression: dispersion estimated and not below 1, t-quantiles. Seven days
    hold one whole weekly cycle. Unknown days are left out.

    counts   days × regions, new cases a day; unknown days are NaN
    changes  days × regions, True on days counted by another rule (`changepoint`): a step of the level is not growth
    returns  rate per day and doubling time in days with intervals at `level`, at each window's last day; a cell needs
             5 of 7 days known and 10 cases, else `reason` says what is missing
    raises   HistoryTooShort  when there is no day
    """
    trend = fit_trend(counts, window=window, changes=changes)
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
