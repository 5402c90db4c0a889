"""Importation: who receives infected travellers, and how many?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri, pdtr
from scipy.stats import rankdata

from bianque.predict.series import Floats, Reason, Reasons, reasons, without_reason

# Standard normal nodes over which prevalence is averaged; 1/20 of a sd apart, out to 6 sd.
_NODES: Floats = np.linspace(-6.0, 6.0, 241)
_NODE_WEIGHTS: Floats = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()


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
    `level`. Its distribution function is averaged over 241 normal nodes and inverted over whole numbers. No randomness.

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
    at_nodes = _prevalence_at_nodes(value, low, high, float(ndtri(0.5 + level / 2)))
    lower, upper = np.full(volume.shape, np.nan), np.full(volume.shape, np.nan)
    for origin in np.flatnonzero(assessed.any(axis=1)):
        known = assessed[origin]
        means = volume[origin, known][:, None] * at_nodes[origin]
        lower[origin, known] = _quantile(means, 0.5 - level / 2)
        upper[origin, known] = _quantile(means, 0.5 + level / 2)
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
    An unknown value has no place: NaN.
    """
    values = np.asarray(expected, dtype=np.float64)
    places = np.full(values.shape, np.nan)
    known = ~np.isnan(values)
    places[known] = rankdata(-values[known], method="min")
    return places


def _prevalence_at_nodes(value: Floats, low: Floats, high: Floats, reach: float) -> Floats:
    """Prevalence at each normal node: origins × nodes.

    An estimate of 0 has no logarithm: it stays 0 below and rises in proportion to the upper limit above.
    """
    share = np.abs(_NODES) / reach
    positive = value > 0
    base = np.where(positive, value, 1.0)[:, None]
    below = base * (np.where(positive, low, 0.0)[:, None] / base) ** share
    above = base * (np.where(positive, high, 1.0)[:, None] / base) ** share
    risen = np.where(positive[:, None], above, high[:, None] * share)
    return np.asarray(np.where(_NODES < 0, np.where(positive[:, None], below, 0.0), risen), dtype=np.float64)


def _quantile(means: Floats, p: float) -> Floats:
    """The smallest whole number whose mixed Poisson probability reaches p: one a row of cells × nodes."""
    low = np.full(len(means), -1.0)
    high = np.ceil(means.max(axis=1) + 10 * np.sqrt(means.max(axis=1)) + 10)
    while bool(np.any(high - low > 1)):
        middle = np.floor((low + high) / 2)
        enough = (pdtr(np.maximum(middle, 0.0)[:, None], means) * _NODE_WEIGHTS).sum(axis=1) >= p
        enough &= middle >= 0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
