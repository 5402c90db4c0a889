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
# A geometric spread: a day's count varies as widely as its mean. Beyond it one R does not describe the window.
MAX_OVERDISPERSION = 1.0


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
    if abs(array.sum() - 1) > 0.01:
        raise ValueError("the serial interval weights must sum to 1")
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
    overdispersed: bool = False,
) -> Reproduction:
    """How many people does one case infect, over the window that ends on each day?

    Posterior Gamma(a + Σ cases, 1 / (1/b + Σ Λ)) over the window. A region's series begins on its first known day; a
    window starts on its second day at the earliest and ends after one mean serial interval, as in EpiEstim.
    Unknown days are left out of both sums; inside Λ they count with their interpolated value.

    counts         days × regions, new cases a day (local); unknown days are NaN
    weights        serial interval: probability of 0, 1, 2, … days, the first 0
    min_cases      a cell with fewer cases in its window is not assessed: 0 is EpiEstim's rule, `CASES_FOR_CV_30` keeps
                   the prior from speaking for the data
    overdispersed  False is EpiEstim's rule: reports are Poisson, which makes intervals of reported counts far too
                   narrow. True divides both sums by the dispersion of the window's counts around R·Λ (quasi-likelihood,
                   McCullagh & Nelder 1989, ch. 9), and does not assess a window that follows no single R
    returns        posterior mean, sd, median and interval at `level`; `reason` says why a cell is not assessed
    raises         HistoryTooShort  when there is no day
    """
    values = as_counts(counts)
    distribution = as_weights(weights)
    known = ~np.isnan(values)
    force = infectiousness(values, distribution)
    days_known = trailing(known.astype(np.float64), window, before=0.0).sum(axis=-1)
    cases = trailing(np.where(known, values, 0.0), window, before=0.0).sum(axis=-1)
    infectivity = trailing(np.where(known, force, 0.0), window, before=0.0).sum(axis=-1)

    dispersion, overdispersion = np.ones_like(cases), np.zeros_like(cases)
    if overdispersed:
        dispersion, overdispersion = window_dispersion(trailing(values, window), trailing(force, window, before=0.0))
    first = np.where(known.any(axis=0), known.argmax(axis=0), len(values))
    ordinal = np.arange(1, len(values) + 1)[:, None] - first
    mean_interval = float((distribution * np.arange(len(distribution))).sum())
    reason = reasons(
        values.shape,
        ((ordinal < window + 1) | (ordinal <= mean_interval), Reason.TOO_EARLY),
        (days_known < needed_days(window), Reason.TOO_FEW_DAYS),
        (cases < min_cases, Reason.TOO_FEW_CASES),
        (overdispersion > MAX_OVERDISPERSION, Reason.NO_SINGLE_R),
    )
    assessed = without_reason(reason)
    shape = np.where(assessed, prior_shape + cases / dispersion, np.nan)
    scale = np.where(assessed, 1.0 / (1.0 / prior_scale + infectivity / dispersion), np.nan)

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


def window_dispersion(observed: Floats, force: Floats) -> tuple[Floats, Floats]:
    """How far do the counts of a window scatter around one R times their Λ?

    observed  … × window, new cases a day; unknown days are NaN
    force     … × window, total infectiousness; a day on which nobody was infectious says nothing of R
    returns   Pearson dispersion, at least 1 (Poisson), and the negative binomial overdispersion it implies at the
              window's mean, variance = mean + overdispersion · mean²; both of the leading shape
    """
    known = ~np.isnan(observed) & (force > 0)
    counts, forces = np.where(known, observed, 0.0), np.where(known, force, 0.0)
    cases, infectivity, days = counts.sum(axis=-1), forces.sum(axis=-1), known.sum(axis=-1)
    rate = cases / np.where(infectivity > 0, infectivity, 1.0)
    expected = forces * rate[..., None]
    residual = np.where(expected > 0, (counts - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
    dispersion = np.maximum(residual.sum(axis=-1) / np.maximum(days - 1, 1), 1.0)
    return dispersion, (dispersion - 1.0) * days / np.maximum(cases, 1.0)
