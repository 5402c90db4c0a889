"""Reproduction: how many does one case infect?  Cori et al. 2013, Am J Epidemiol 178:1505, with EpiEstim's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincinv

from bianque.predict.series import (
    Floats,
    Reason,
    Reasons,
    as_counts,
    interpolated,
    needed_days,
    reasons,
    trailing,
    without_reason,
)

# Cases in a window for a posterior coefficient of variation of 0.3 with a prior of shape 1: 1/0.3² − 1, rounded up
# (Cori et al. 2013, Web appendix 3).
CASES_FOR_CV_30 = 11


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Posterior Gamma(shape, scale) of the reproduction number at the last day of each window; all days × regions.

    `cases` and `infectivity` are the window's sums of new cases and of total infectiousness over its known days.
    """

    mean: Floats
    sd: Floats
    median: Floats
    lower: Floats
    upper: Floats
    shape: Floats
    scale: Floats
    cases: Floats
    infectivity: Floats
    reason: Reasons
    level: float

    def quantile(self, p: float) -> Floats:
        """The posterior quantile, days × regions."""
        return np.asarray(gammaincinv(self.shape, p) * self.scale, dtype=np.float64)


def serial_interval_weights(mean: float, sd: float, days: int | None = None) -> Floats:
    """Probability that a serial interval lasts 0, 1, 2, … days: a Gamma distribution shifted by one day, discretised.

    mean, sd  in days; mean above 1
    days      length of the result; by default until less than 1e-9 of the mass is left. EpiEstim takes as many as the
              series has days
    source    Cori et al. 2013, Web appendix 11
    """
    if not (mean > 1 and sd > 0):
        raise ValueError("a serial interval needs a mean above 1 day and a positive sd")
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)
    if days is None:
        days = int(np.ceil(gammaincinv(shape, 1 - 1e-9) * scale)) + 3
    k = np.arange(days, dtype=np.float64)

    def below(x: Floats, a: float) -> Floats:
        return np.asarray(gammainc(a, np.maximum(x, 0.0) / scale), dtype=np.float64)

    weights = k * below(k, shape) + (k - 2) * below(k - 2, shape) - 2 * (k - 1) * below(k - 1, shape)
    weights += shape * scale * (2 * below(k - 1, shape + 1) - below(k - 2, shape + 1) - below(k, shape + 1))
    return np.maximum(weights, 0.0)


def as_weights(weights: ArrayLike) -> Floats:
    """Serial interval weights of days 0, 1, 2, … as an array.

    raises  ValueError  unless they are finite, not negative, 0 on day 0 and sum to 1 within 0.01
    """
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim != 1 or len(array) < 2 or not bool(np.all(np.isfinite(array) & (array >= 0))):
        raise ValueError("serial interval weights are one finite number, not negative, for each of the days 0, 1, 2, …")
    if array[0] != 0:
        raise ValueError("the serial interval weight of day 0 must be 0")
    return array


def infectiousness(counts: Floats, weights: Floats) -> Floats:
    """Total infectiousness Λ of each day: Σ weight[s] · count[s days before], days × regions.

    An unknown day counts with its interpolated value; days before a region's first known day count nothing.
    """
    filled = interpolated(counts)
    filled[np.isnan(filled)] = 0.0
    force = np.zeros_like(filled)
    for days_before in range(1, min(len(weights), len(filled))):
        force[days_before:] += weights[days_before] * filled[:-days_before]
    return force


def reproduction(
    counts: ArrayLike,
    weights: ArrayLike,
    *,
    window: int = 7,
    prior_shape: float = 1.0,
    prior_scale: float = 5.0,
    level: float = 0.95,
    min_cases: float = 0.0,
) -> Reproduction:
    """How many people does one case infect, over the window that ends on each day?

    Posterior Gamma(a + Σ cases, 1 / (1/b + Σ Λ)) over the window. A region's series begins on its first known day; a
    window starts on its second day at the earliest and ends after one mean serial interval, as in EpiEstim.
    Unknown days are left out of both sums; inside Λ they count with their interpolated value.

    counts     days × regions, new cases a day (local); unknown days are NaN
    weights    serial interval: probability of 0, 1, 2, … days, the first 0
    min_cases  a cell with fewer cases in its window is not assessed: 0 is EpiEstim's rule, `CASES_FOR_CV_30` keeps the
               prior from speaking for the data
    returns    posterior mean, sd, median and interval at `level`; `reason` says why a cell is not assessed
    raises     HistoryTooShort  when there is no day
    """
    values = as_counts(counts)
    distribution = as_weights(weights)
    known = ~np.isnan(values)
    force = infectiousness(values, distribution)
    days_known = trailing(known.astype(np.float64), window, before=0.0).sum(axis=-1)
    cases = trailing(np.where(known, values, 0.0), window, before=0.0).sum(axis=-1)
    infectivity = trailing(np.where(known, force, 0.0), window, before=0.0).sum(axis=-1)

    first = np.where(known.any(axis=0), known.argmax(axis=0), len(values))
    ordinal = np.arange(1, len(values) + 1)[:, None] - first
    mean_interval = float((distribution * np.arange(len(distribution))).sum())
    reason = reasons(
        values.shape,
        ((ordinal < window + 1) | (ordinal <= mean_interval), Reason.TOO_EARLY),
        (days_known < needed_days(window), Reason.TOO_FEW_DAYS),
        (cases < min_cases, Reason.TOO_FEW_CASES),
    )
    assessed = without_reason(reason)
    shape = np.where(assessed, prior_shape + cases, np.nan)
    scale = np.where(assessed, 1.0 / (1.0 / prior_scale + infectivity), np.nan)

    def quantile(p: float) -> Floats:
        return np.asarray(gammaincinv(shape, p) * scale, dtype=np.float64)

    return Reproduction(
        mean=shape * scale,
        sd=np.sqrt(shape) * scale,
        median=quantile(0.5),
        lower=quantile(0.5 - level / 2),
        upper=quantile(0.5 + level / 2),
        shape=shape,
        scale=scale,
        cases=cases,
        infectivity=infectivity,
        reason=reason,
        level=level,
    )
