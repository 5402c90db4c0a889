"""Delays: how long from one event to the next, in whole days?"""

from __future__ import annotations

import numpy as np
from scipy.special import gammainc, ndtr

from bianque.drill.shapes import Floats, Ints


def gamma_days(mean: float, sd: float, last: int, first: int = 0) -> Floats:
    """Probabilities of 0, 1, …, `last` days for a gamma delay rounded to the day; none before `first` days."""
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    edges = np.maximum(np.arange(last + 2) - 0.5, 0)
    return _normal(np.diff(gammainc(shape, edges / scale)), first)


def lognormal_days(log_mean: float, log_sd: float, last: int, first: int = 0) -> Floats:
    """The same for a lognormal delay."""
    edges = np.arange(last + 2) - 0.5
    below = np.zeros(edges.size)
    below[1:] = ndtr((np.log(edges[1:]) - log_mean) / log_sd)
    return _normal(np.diff(below), first)


def mean_days(probabilities: Floats) -> float:
    return float(np.sum(probabilities * np.arange(probabilities.size)))


def delayed(counts: Ints, probabilities: Floats, rng: np.random.Generator) -> Ints:
    """Counts on the day each of them arrives: days × counties in and out; what arrives after the last day is left out.

    Drawn day by day, so that a longer exercise begins with the shorter one.
    """
    days = len(counts)
    arrived = np.zeros_like(counts)
    for day in range(days):
        spread = rng.multinomial(counts[day], probabilities).T
        length = min(len(spread), days - day)
        arrived[day : day + length] += spread[:length]
    return arrived


def _normal(mass: Floats, first: int) -> Floats:
    mass[:first] = 0
    return np.asarray(mass / mass.sum())
