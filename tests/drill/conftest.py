"""One exercise for the tests of the drill: seed 7, 60 days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bianque.drill import Exercise, draw_exercise, write_exercise

START = dt.date(2021, 1, 1)


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return draw_exercise(seed=7, days=60, start=START)


@pytest.fixture(scope="session")
def folder(exercise: Exercise, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exercise as a folder; tests only read it."""
    folder = tmp_path_factory.mktemp("drill") / "exercise"
    write_exercise(exercise, folder)
    return folder
