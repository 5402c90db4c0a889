"""Score: how good were forecasts and rankings, and how sure are we of that?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from bianque.predict.series import Floats


def wis(values: ArrayLike, levels: ArrayLike, observed: ArrayLike) -> Floats:
    """Weighted interval score of each forecast, in the unit of the counts; smaller is better.

    Twice the mean quantile loss over the levels, which for central intervals and a median equals the weighted interval
    score with weights α/2 (Bracher et al. 2021, PLoS Comput Biol 17:e1008618).

    values    … × levels, the quantiles
    levels    their probabilities: a median and pairs about it
    observed  …; where it or the forecast is NaN, so is the score
    raises    ValueError  when the levels are not a median and pairs about it
    """
    quantiles, probability = np.asarray(values, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    ascending = np.sort(probability)
    if len(ascending) % 2 == 0 or not np.allclose(ascending + ascending[::-1], 1.0, atol=1e-9):
        raise ValueError("the levels are not a median and pairs about it")
    error = np.asarray(observed, dtype=np.float64)[..., None] - quantiles
    loss = np.maximum(probability * error, (probability - 1.0) * error)
    return np.asarray(2.0 * loss.mean(axis=-1), dtype=np.float64)


def coverage(values: ArrayLike, levels: ArrayLike, observed: ArrayLike, level: float) -> float:
    """Share of known observations inside the central interval of `level`, its ends included.

    values, levels, observed  as for `wis`
    returns                   NaN when no forecast can be judged
    raises                    ValueError  when the levels do not hold the interval's two ends
    """
    quantiles, probability = np.asarray(values, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    ends = [np.flatnonzero(np.isclose(probability, 0.5 + side * level / 2, atol=1e-9)) for side in (-1, 1)]
    if any(len(end) != 1 for end in ends):
        raise ValueError(f"the levels do not hold both ends of the {level:.0%} interval")
    lower, upper = quantiles[..., ends[0][0]], quantiles[..., ends[1][0]]
    truth = np.asarray(observed, dtype=np.float64)
    judged = ~(np.isnan(truth) | np.isnan(lower) | np.isnan(upper))
    inside = (truth >= lower) & (truth <= upper)
    return float(inside[judged].mean()) if bool(judged.any()) else float("nan")


def relative_wis(mean_wis_model: float, mean_wis_baseline: float) -> float:
    """Mean score of a model over that of the baseline on the same forecasts: below 1 the model is better."""
    return mean_wis_model / mean_wis_baseline if mean_wis_baseline > 0 else float("nan")


def auc(score: ArrayLike, truth: ArrayLike) -> float:
    """Probability that a true unit has a higher score than a false one; a tie counts half.

    score, truth  one a unit; units whose score or truth is NaN are left out
    returns       NaN when there is no true or no false unit
    source        Hanley & McNeil 1982, Radiology 143:29
    """
    values, positive = _judged(score, truth)
    n_true, n_false = int(positive.sum()), int((~positive).sum())
    if n_true == 0 or n_false == 0:
        return float("nan")
    ordered = np.sort(values)
    ranks = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1) / 2
    return float((ranks[positive].sum() - n_true * (n_true + 1) / 2) / (n_true * n_false))


def precision_at(score: ArrayLike, truth: ArrayLike, k: int) -> float:
    """Share of true units among the k with the highest scores.

    Where ties straddle the k-th place it is the mean over all orders of the tied units.

    score, truth  one a unit; units whose score or truth is NaN are left out
    returns       NaN when there are fewer than k units
    """
    values, positive = _judged(score, truth)
    if k < 1 or len(values) < k:
        return float("nan")
    cut = np.sort(values)[-k]
    above, tied = values > cut, values == cut
    places = k - int(above.sum())
    return float((positive[above].sum() + places * positive[tied].mean()) / k)


def bootstrap_interval(
    statistic: Callable[..., float],
    *samples: ArrayLike,
    rng: Generator,
    draws: int = 2000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a statistic of units, which are resampled together along the first axis of all samples.

    A resample for which the statistic is NaN (no true unit in it) is left out.

    returns  lower and upper end; NaN when every resample is left out
    source   Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13
    """
    arrays = [np.asarray(sample) for sample in samples]
    units = len(arrays[0])
    if any(len(array) != units for array in arrays):
        raise ValueError("the samples have different numbers of units")
    picks = rng.integers(0, units, size=(draws, units)) if units else np.zeros((0, 0), dtype=np.int64)
    results = np.array([statistic(*(array[pick] for array in arrays)) for pick in picks], dtype=np.float64)
    known = results[~np.isnan(results)]
    if not len(known):
        return float("nan"), float("nan")
    lower, upper = np.quantile(known, [0.5 - level / 2, 0.5 + level / 2])
    return float(lower), float(upper)


def _judged(score: ArrayLike, truth: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    values, outcome = np.asarray(score, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    judged = ~(np.isnan(values) | np.isnan(outcome))
    return values[judged], outcome[judged] > 0
