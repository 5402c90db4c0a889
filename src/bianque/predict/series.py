"""The shape every estimate shares: days × regions, NaN is unknown, and a reason where a cell is not assessed."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from bianque.model.errors import HistoryTooShort

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Reasons = NDArray[np.object_]

# A week with its weekend unreported still has five days: less than that share of a window says too little.
KNOWN_SHARE = 5 / 7


class Reason(StrEnum):
    """Why a cell is not assessed. The values are stable keys; a catalogue has their text in each language."""

    TOO_FEW_DAYS = "too_few_days"
    TOO_FEW_CASES = "too_few_cases"
    CASES_AT_ONE_END = "cases_at_one_end"
    RATE_INTERVAL_HOLDS_ZERO = "rate_interval_holds_zero"
    TOO_EARLY = "too_early"
    NO_SINGLE_R = "no_single_r"
    BASELINE_INCOMPLETE = "baseline_incomplete"
    BASELINE_FLAT = "baseline_flat"
    COUNT_UNKNOWN = "count_unknown"
    SOON_AFTER_CHANGE = "soon_after_change"
    NO_PREVALENCE = "no_prevalence"
    NO_FLOW = "no_flow"


def as_counts(counts: ArrayLike) -> Floats:
    """The counts as days × regions, float64.

    raises  HistoryTooShort  when there is no day at all
            ValueError       when it is not two-dimensional, or a known count is negative or infinite
    """
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(f"counts are days × regions, not {array.ndim}-dimensional")
    if array.shape[0] == 0:
        raise HistoryTooShort("the series has no day", remedy="give at least one day of counts")
    if bool(np.any(array < 0)) or bool(np.any(np.isinf(array))):
        raise ValueError("a count is negative or infinite: quarantine it, or make it NaN")
    return array


def needed_days(window: int) -> int:
    """How many days of a window have to be known."""
    return int(np.ceil(KNOWN_SHARE * window - 1e-9))


def trailing(values: Floats, window: int, *, before: float = np.nan) -> Floats:
    """For each day the window that ends on it: days × regions × window, a view. `before` stands for earlier days."""
    lead = np.full((window - 1, values.shape[1]), before)
    return sliding_window_view(np.concatenate([lead, values]), window, axis=0)


def interpolated(counts: Floats) -> Floats:
    """Unknown days between two known ones on the straight line between them; after the last one its value.

    Days before the first known day stay NaN: nothing is known of them.
    """
    known = ~np.isnan(counts)
    days = np.arange(len(counts))[:, None]
    before = np.maximum.accumulate(np.where(known, days, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, days, len(counts))[::-1], axis=0)[::-1]
    after = np.where(after == len(counts), before, after)
    left = np.take_along_axis(counts, np.maximum(before, 0), axis=0)
    right = np.take_along_axis(counts, np.maximum(after, 0), axis=0)
    share = (days - before) / np.maximum(after - before, 1)
    return np.where(before < 0, np.nan, left + share * (right - left))


def reasons(shape: tuple[int, ...], *rules: tuple[Flags, Reason]) -> Reasons:
    """The first rule that holds in each cell, None where none does."""
    result = np.full(shape, None, dtype=object)
    for holds, reason in reversed(rules):
        result[np.broadcast_to(holds, shape)] = reason.value
    return result


def without_reason(reason: Reasons) -> Flags:
    """The cells that are assessed: those without a reason not to be."""
    return np.asarray(reason == np.array(None), dtype=np.bool_)
