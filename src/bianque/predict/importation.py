"""Importation: who receives infected travellers, and how many?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri, pdtr

from bianque.predict.series import Floats, Reason, Reasons, reasons, without_reason

# Standard normal nodes over which prevalence is averaged; a tenth of a sd apart, out to 6 sd.
_NODES: Floats = np.linspace(-6.0, 6.0, 121)
_NODE_WEIGHTS: Floats = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()

# Expected arrivals above which a Poisson count's log is normal to within a thousandth of the count.
_LARGE = 1000.0
# Cells worked on at a time: a bound on memory.
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Expected infected arrivals with an interval of the number that arrives; all arrays origins × destinations.

    `reason` says why a cell is unknown.
    """

    expected: Floats
    lower: Floats
    upper: Floats
    reason: Reasons
    level: float


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Infected persons per person, with an interval."""

    value: Floats
    lower: Floats
    upper: Floats
    level: float


def prevalence_from_cases(cases: ArrayLike, population: ArrayLike, *, level: float = 0.95) -> Prevalence:
    """Reported cases per person, as a floor of prevalence.

    How many infections are reported is unknown early in an outbreak: the interval is that of the reporting rate alone
    and the truth lies above it. Jeffreys interval of a Poisson rate: Gamma(cases + 1/2, population).

    cases       … reported persons still infected, or all reported so far; NaN is unknown
    population  … persons
    """
    count, persons = np.asarray(cases, dtype=np.float64), np.asarray(population, dtype=np.float64)
    persons = np.where(persons > 0, persons, np.nan)
    return Prevalence(
        value=count / persons,
        lower=np.where(count == 0, 0.0, gammaincinv(count + 0.5, 0.5 - level / 2)) / persons,
        upper=np.asarray(gammaincinv(count + 0.5, 0.5 + level / 2)) / persons,
        level=level,
    )


def expected_arrivals(
    flows: ArrayLike,
    prevalence: ArrayLike,
    prevalence_lower: ArrayLike,
    prevalence_upper: ArrayLike,
    *,
    level: float = 0.95,
) -> Arrivals:
    """How many infected travellers does each destination receive from each origin?

    Expected arrivals are volume × prevalence. The interval is that of the number that arrives: Poisson given a
    prevalence, whose logarithm is normal on each side of the estimate with the sd that puts the given limits at
    `level`. Its distribution function is averaged over normal nodes and inverted over whole numbers. No randomness.

    flows       origins × destinations: travellers in the window (persons, or an index: then arrivals are in its unit)
    prevalence  one an origin: infected persons per person, with the ends of its interval at `level`
    returns     arrays origins × destinations; NaN with a reason where flow or prevalence is unknown
    raises      ValueError  when shapes differ or an interval does not hold its estimate
    """
    volume = np.asarray(flows, dtype=np.float64)
    value, low, high = (np.asarray(p, dtype=np.float64) for p in (prevalence, prevalence_lower, prevalence_upper))
    if volume.ndim != 2 or any(p.shape != volume.shape[:1] for p in (value, low, high)):
        raise ValueError("flows are origins × destinations, prevalence and its limits one an origin")
    if bool(np.any(volume < 0)) or bool(np.any(low < 0)) or bool(np.any((low > value) | (value > high))):
        raise ValueError("a flow is negative, or a prevalence lies outside its interval")
    unknown_prevalence = np.isnan(value) | np.isnan(low) | np.isnan(high)
    reason = reasons(
        volume.shape, (unknown_prevalence[:, None], Reason.NO_PREVALENCE), (np.isnan(volume), Reason.NO_FLOW)
    )
    assessed = without_reason(reason)
    reach = float(ndtri(0.5 + level / 2))
    origin, _ = np.nonzero(assessed)
    limits = [
        _quantile(volume[assessed], value[origin], low[origin], high[origin], reach, 0.5 + side * level / 2)
        for side in (-1, 1)
    ]
    lower, upper = np.full(volume.shape, np.nan), np.full(volume.shape, np.nan)
    lower[assessed], upper[assessed] = limits
    return Arrivals(
        expected=np.where(assessed, volume * value[:, None], np.nan),
        lower=lower,
        upper=upper,
        reason=reason,
        level=level,
    )


def rank(expected: ArrayLike) -> Floats:
    """The place of each destination by expected infected arrivals, 1 the highest; ties share the better place.

    With one origin this orders destinations exactly as its outflow does: prevalence is one factor for all of them.
    An unknown value has no place: NaN. An array of several dimensions is ranked as a whole.
    """
    values = np.asarray(expected, dtype=np.float64)
    places = np.full(values.shape, np.nan)
    known = ~np.isnan(values)
    places[known] = np.searchsorted(np.sort(-values[known]), -values[known]) + 1
    return places


def _quantile(volume: Floats, value: Floats, low: Floats, high: Floats, reach: float, p: float) -> Floats:
    """The smallest whole number of arrivals whose probability reaches p; all arrays one a cell.

    Above `_LARGE` expected arrivals the Poisson part is normal on the log scale, and the quantile in closed form.
    """
    result = np.zeros(len(volume))
    large = volume * value > _LARGE
    z = float(ndtri(p))
    mean, end = volume[large] * value[large], np.where(z < 0, low[large], high[large])
    sd = np.sqrt((np.log(np.maximum(end, 1e-300) / value[large]) / reach) ** 2 + 1.0 / mean)
    result[large] = np.round(mean * np.exp(z * sd))
    small = np.flatnonzero(~large & (volume > 0))
    for start in range(0, len(small), _CHUNK):
        cell = small[start : start + _CHUNK]
        means = volume[cell][:, None] * _prevalence_at_nodes(value[cell], low[cell], high[cell], reach)
        result[cell] = _mixed_poisson_quantile(means, p)
    return result


def _prevalence_at_nodes(value: Floats, low: Floats, high: Floats, reach: float) -> Floats:
    """Prevalence at each normal node: cells × nodes.

    An estimate of 0 has no logarithm: it stays 0 below and rises in proportion to the upper limit above.
    """
    share = np.abs(_NODES) / reach
    positive = (value > 0)[:, None]
    base = np.where(value > 0, value, 1.0)[:, None]
    end = np.where(_NODES < 0, low[:, None], high[:, None])
    on_log_scale = base * (np.where(positive, end, 1.0) / base) ** share
    return np.asarray(np.where(positive, on_log_scale, np.where(_NODES < 0, 0.0, end * share)), dtype=np.float64)


def _mixed_poisson_quantile(means: Floats, p: float) -> Floats:
    """The smallest whole number whose Poisson probability, averaged over the nodes, reaches p; means cells × nodes."""
    low = np.full(len(means), -1.0)
    high: Floats = np.ceil(means.max(axis=1) + 10.0 * np.sqrt(means.max(axis=1)) + 10.0)
    while len(cell := np.flatnonzero(high - low > 1)):
        middle = np.floor((low[cell] + high[cell]) / 2)
        enough = (pdtr(middle[:, None], means[cell]) * _NODE_WEIGHTS).sum(axis=1) >= p
        low[cell], high[cell] = np.where(enough, low[cell], middle), np.where(enough, middle, high[cell])
    return high
