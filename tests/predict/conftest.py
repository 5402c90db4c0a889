"""Published results and real counts for the tests of `predict`."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def rows(shared: Path) -> Callable[[str], Rows]:
    """The rows of one file of the surveillance data."""

    def read(name: str) -> Rows:
        data = (shared / "surveillance" / name).read_bytes()
        text = gzip.decompress(data) if name.endswith(".gz") else data
        return list(csv.DictReader(text.decode("utf-8").splitlines()))

    return read


@pytest.fixture(scope="session")
def column(rows: Callable[[str], Rows]) -> Callable[[str, str], Floats]:
    """One column of a file as days × 1; NA is NaN."""

    def read(name: str, field: str) -> Floats:
        return np.array([[np.nan if row[field] == "NA" else float(row[field])] for row in rows(name)])

    return read


@dataclass(frozen=True)
class Provinces:
    days: list[dt.date]
    names: list[str]
    cumulative: Floats


@pytest.fixture(scope="session")
def provinces(rows: Callable[[str], Rows]) -> Provinces:
    """34 provinces of China, cumulative confirmed cases; a day without a row is NaN."""
    table = [r for r in rows("cn_covid_province_daily.csv.gz") if r["date"] >= "2020-01-10"]
    days = [dt.date(2020, 1, 10) + dt.timedelta(n) for n in range(112)]
    names = sorted({r["province"] for r in table})
    cumulative = np.full((len(days), len(names)), np.nan)
    for r in table:
        day = (dt.date.fromisoformat(r["date"]) - days[0]).days
        cumulative[day, names.index(r["province"])] = float(r["confirmed"])
    return Provinces(days, names, cumulative)


@dataclass(frozen=True)
class FluSight:
    """Forecasts of one season: units × 23 quantiles of each model, the truth and the location of each unit."""

    levels: Floats
    ensemble: Floats
    baseline: Floats
    observed: Floats
    location: NDArray[np.str_]


@pytest.fixture(scope="session")
def flusight(shared: Path, rows: Callable[[str], Rows]) -> FluSight:
    """FluSight 2023/24, horizons 0 to 3, where both models and the truth are known."""
    table = pq.read_table(shared / "surveillance" / "flusight_2023_24_baseline_ensemble.parquet").to_pydict()
    truth = {(r["location"], r["date"]): r["value"] for r in rows("flusight_target_hosp_to_202406.csv.gz")}
    levels = np.unique(np.array(table["output_type_id"]))
    place = {level: n for n, level in enumerate(levels.tolist())}
    models = ("FluSight-ensemble", "FluSight-baseline")
    quantiles: dict[tuple[str, str, int], Floats] = {}
    observed: dict[tuple[str, str, int], float] = {}
    for n, horizon in enumerate(table["horizon"]):
        if not 0 <= horizon <= 3:
            continue
        unit = (table["reference_date"][n], table["location"][n], horizon)
        text = truth.get((table["location"][n], table["target_end_date"][n]), "NA")
        observed[unit] = float(text) if text not in ("", "NA") else np.nan
        cells = quantiles.setdefault(unit, np.full((2, len(levels)), np.nan))
        cells[models.index(table["model_id"][n]), place[table["output_type_id"][n]]] = table["value"][n]
    units = [u for u in quantiles if not np.isnan(observed[u]) and not np.isnan(quantiles[u]).any()]
    both = np.array([quantiles[u] for u in units])
    return FluSight(
        levels, both[:, 0], both[:, 1], np.array([observed[u] for u in units]), np.array([u[1] for u in units])
    )
