"""Forecast: how many new cases on each of the next days, and how sure?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from bianque.predict.changepoint import OFFSPRING_DISPERSION
from bianque.predict.reproduction import (
    CASES_FOR_CV_30,
    MAX_OVERDISPERSION,
    as_weights,
    infectiousness,
    window_dispersion,
)
from bianque.predict.series import (
    Flags,
    Floats,
    Reason,
    Reasons,
    as_counts,
    interpolated,
    needed_days,
    reasons,
    without_reason,
)

# The 23 levels of the forecast hubs (Cramer et al. 2022, Sci Data 9:462).
QUANTILE_LEVELS: Floats = np.array([0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99])
# Increments on which the baseline rests: one weekly cycle.
MIN_INCREMENTS = 7
# Window of the reproduction number: one weekly cycle, as in Cori et al. 2013.
WINDOW = 7
PRIOR_SHAPE, PRIOR_SCALE = 1.0, 5.0  # Cori et al. 2013
# Daily sd of the reproduction number's random walk at R = 1 (EpiFilter's η: Parag 2021, PLoS Comput Biol 17:e1009347).
LOG_R_SD = 0.1
# What a day leaves of log R: measures and caution pull R to 1, and a trend that is not damped overshoots. The middle of
# the range in use, 0.8 to 0.98 (Gardner & McKenzie 1985, Manage Sci 31:1237; Hyndman & Athanasopoulos 2021, ch. 8.2).
DAMPING = 0.9
# No place on earth has more people than this: a simulated count beyond it is an overflow, not a forecast.
MAX_COUNT = 1e10
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Forecast:
    """Quantiles of new cases on the days after the last row of the counts.

    values  horizon × regions × 23, rising along the last axis; NaN where `reason` (one a region) is not None
    """

    model: str
    levels: Floats
    values: Floats
    reason: list[str | None]


def baseline(counts: ArrayLike, *, horizon: int = 14, rng: Generator, draws: int = 2000) -> Forecast:
    """The flat forecast every other one has to beat.

    The median stays at the last known count. Day-to-day increments of the past are drawn with both signs and summed
    over the days from the last known one; what falls below 0 is 0. This is the idea of the hubs' baseline (Cramer et
    al. 2022, PNAS 119:e2113561119). Drawing each path with its mirror image makes the median exact.

    counts   days × regions, new cases a day; unknown days are NaN
    draws    simulated paths, an even number
    returns  Forecast; a region with fewer than 7 known increments, or no count in its last 7 days, has a reason
    raises   HistoryTooShort  when there is no day
    """
    values = as_counts(counts)
    last = _last_known(values)
    increments = np.sort(np.diff(values, axis=0), axis=0)  # NaN last
    available = (~np.isnan(increments)).sum(axis=0)
    reason = reasons(
        last.shape, (_stale(values), Reason.TOO_FEW_DAYS), (available < MIN_INCREMENTS, Reason.TOO_FEW_DAYS)
    )
    usable = np.flatnonzero(without_reason(reason))
    overdue = (len(values) - 1 - last)[usable]
    steps = horizon + int(overdue.max(initial=0))
    pick = (rng.random((draws // 2, steps, len(usable))) * available[usable]).astype(np.int64)
    sign = np.where(rng.random(pick.shape) < 0.5, -1.0, 1.0)
    column = np.arange(len(usable))
    walk = np.cumsum(sign * increments[:, usable][pick, column], axis=1)
    ahead = np.arange(horizon)[:, None] + overdue
    path = walk[:, ahead, column]
    level = values[last[usable], usable]
    return _summarised("baseline", np.maximum(level + np.concatenate([path, -path]), 0.0), usable, reason, horizon)


def renewal(counts: ArrayLike, weights: ArrayLike, *, horizon: int = 14, rng: Generator, draws: int = 2000) -> Forecast:
    """Each case infects R others over its serial interval; R starts at its latest estimate and returns towards 1.

    R's posterior is that of `reproduction` over the last 7 days, its likelihood tempered by the dispersion of the
    counts around R·Λ (quasi-likelihood; Pearson, not below 1). log R is then damped by `DAMPING` a day and walks with a
    daily sd of `LOG_R_SD`. Those infected on a day are the offspring of its Λ infectious, with superspreading. What is
    reported of them scatters as widely as the window's reports did; that scatter infects nobody, so it is not carried
    on. Days still unknown at the end of the record are simulated like those to come; unknown days inside it are
    interpolated.

    counts   days × regions, new cases a day; unknown days are NaN
    weights  serial interval: probability of 0, 1, 2, … days, the first 0
    draws    simulated paths
    returns  Forecast; a region with fewer than 11 cases or 5 known days in its window, no infectious history before
             it, or counts that follow no single R, has a reason
    raises   HistoryTooShort  when there is no day
    """
    values = as_counts(counts)
    distribution = as_weights(weights)
    start = _last_window(values, distribution)
    reason = start.reason
    usable = np.flatnonzero(without_reason(reason))
    last = start.last[usable]
    origin = int(last.min(initial=len(values) - 1))
    steps = len(values) - 1 - origin + horizon
    past = interpolated(values)[:, usable]
    force = _carried(np.where(np.isnan(past), 0.0, past), last, distribution, origin, steps)
    rate = rng.standard_gamma(start.shape[usable], (draws, len(usable))) * start.scale[usable]
    log_rate = np.log(np.maximum(rate, np.finfo(np.float64).tiny))
    overdispersion = np.broadcast_to(start.overdispersion[usable], rate.shape)
    infected = np.zeros((steps, draws, len(usable)))
    reported = np.zeros_like(infected)
    reach = min(len(distribution) - 1, steps)
    for step in range(steps):
        simulated = origin + 1 + step > last
        walked = DAMPING * log_rate + LOG_R_SD * rng.standard_normal(rate.shape)
        log_rate = np.where(simulated, walked, log_rate)
        infectious = force[step] + np.zeros_like(rate)
        for lag in range(1, min(reach, step) + 1):
            infectious += distribution[lag] * infected[step - lag]
        mean = np.exp(log_rate) * infectious * _mixed(1.0 / (OFFSPRING_DISPERSION * np.maximum(infectious, TINY)), rng)
        mean = np.where(simulated, np.minimum(mean, MAX_COUNT), 0.0)
        infected[step] = rng.poisson(mean)
        reported[step] = rng.poisson(np.minimum(mean * _mixed(overdispersion, rng), MAX_COUNT))
    return _summarised("renewal", np.moveaxis(reported[steps - horizon :], 1, 0), usable, reason, horizon)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the simulation of each region starts: its last known day, R's posterior, the counts' overdispersion."""

    last: np.typing.NDArray[np.int64]
    shape: Floats
    scale: Floats
    overdispersion: Floats
    reason: Reasons


def _last_window(values: Floats, weights: Floats) -> _Start:
    last = _last_known(values)
    rows = last + np.arange(1 - WINDOW, 1)[:, None]
    inside = np.maximum(rows, 0)
    observed = np.where(rows >= 0, np.take_along_axis(values, inside, axis=0), np.nan)
    force = np.take_along_axis(infectiousness(values, weights), inside, axis=0)
    reported = ~np.isnan(observed)
    # A day on which nobody was infectious says nothing of R: its cases came from elsewhere.
    known = reported & (force > 0)
    cases, infectivity = np.where(known, observed, 0.0).sum(axis=0), np.where(known, force, 0.0).sum(axis=0)
    dispersion, overdispersion = window_dispersion(observed.T, force.T)
    reason = reasons(
        last.shape,
        (_stale(values) | (reported.sum(axis=0) < needed_days(WINDOW)), Reason.TOO_FEW_DAYS),
        (np.where(reported, observed, 0.0).sum(axis=0) < CASES_FOR_CV_30, Reason.TOO_FEW_CASES),
        ((known.sum(axis=0) < needed_days(WINDOW)) | (cases < CASES_FOR_CV_30), Reason.TOO_EARLY),
        (overdispersion > MAX_OVERDISPERSION, Reason.NO_SINGLE_R),
    )
    return _Start(
        last=last,
        shape=PRIOR_SHAPE + cases / dispersion,
        scale=1.0 / (1.0 / PRIOR_SCALE + infectivity / dispersion),
        overdispersion=overdispersion,
        reason=reason,
    )


def _carried(past: Floats, last: np.typing.NDArray[np.int64], weights: Floats, origin: int, steps: int) -> Floats:
    """What the observed days alone contribute to Λ on each simulated day: steps × regions."""
    day = np.arange(len(past))[:, None]
    history = np.where(day <= last, past, 0.0)
    longest = np.concatenate([history, np.zeros((steps, past.shape[1]))])
    return infectiousness(longest, weights)[origin + 1 : origin + 1 + steps]


def _mixed(overdispersion: Floats, rng: Generator) -> Floats:
    """Factors with mean 1 that make Poisson counts negative binomial: variance = mean + overdispersion · mean²."""
    size = 1.0 / np.maximum(overdispersion, TINY)
    return np.where(overdispersion > TINY, rng.standard_gamma(size) / size, 1.0)


def _last_known(values: Floats) -> np.typing.NDArray[np.int64]:
    """The last day with a count, −1 where there is none."""
    known = ~np.isnan(values)
    return np.where(known.any(axis=0), len(values) - 1 - known[::-1].argmax(axis=0), -1)


def _stale(values: Floats) -> Flags:
    """No count in the last week: the present is unknown."""
    return np.asarray(np.isnan(values[-WINDOW:]).all(axis=0), dtype=np.bool_)


def _summarised(
    model: str, paths: Floats, usable: np.typing.NDArray[np.int64], reason: Reasons, horizon: int
) -> Forecast:
    """Quantiles over the paths (draws × horizon × usable regions), spread over all regions."""
    values = np.full((horizon, len(reason), len(QUANTILE_LEVELS)), np.nan)
    if len(usable):
        values[:, usable] = np.moveaxis(np.quantile(paths, QUANTILE_LEVELS, axis=0), 0, -1)
    return Forecast(model=model, levels=QUANTILE_LEVELS, values=values, reason=list(reason))
