"""Exercises whose truth is known, as the estimates see them."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bianque.drill import Exercise, draw_exercise, write_exercise
from bianque.model.emergency_file import read_emergency
from bianque.predict import growth
from bianque.services import estimates

START, DAYS = dt.date(2027, 1, 1), 60


@dataclass(frozen=True, slots=True)
class Seen:
    """An exercise, its serial interval, and daily new cases of its counties; the last column is the province."""

    exercise: Exercise
    weights: NDArray[np.float64]
    new: NDArray[np.float64]


def seen(seed: int) -> Seen:
    exercise = draw_exercise(seed=seed, days=DAYS, start=START)
    with tempfile.TemporaryDirectory() as folder:
        write_exercise(exercise, Path(folder) / "exercise")
        spec = read_emergency(Path(folder) / "exercise").situation
    cumulative = exercise.feeds.confirmed.astype(np.float64)
    whole = np.concatenate([cumulative, cumulative.sum(axis=1, keepdims=True)], axis=1)
    return Seen(exercise, estimates.weights_of(spec.serial_interval), growth.daily_new(whole)[0])
