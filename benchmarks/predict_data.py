"""Real data and published results under BIANQUE_SHARED, read for the benchmarks of `predict`."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SURVEILLANCE = ROOT / os.environ.get("BIANQUE_SHARED", "../shared") / "data" / "surveillance"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one CSV file, packed or not."""
    path = SURVEILLANCE / name
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def column(name: str, field: str) -> NDArray[np.float64]:
    """One column as days × 1; "NA" and an empty field are NaN."""
    return np.array([[float(row[field]) if row[field] not in ("NA", "") else np.nan] for row in rows(name)])


def provinces() -> tuple[list[dt.date], list[str], NDArray[np.float64]]:
    """Days, provinces and cumulative confirmed cases (days × provinces; NaN where the file has no row)."""
    table = rows("cn_covid_province_daily.csv.gz")
    dates = [dt.date.fromisoformat(row["date"]) for row in table]
    names = sorted({row["province"] for row in table})
    first, last = min(dates), max(dates)
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    cumulative = np.full((len(days), len(names)), np.nan)
    for date, row in zip(dates, table, strict=True):
        cumulative[(date - first).days, names.index(row["province"])] = float(row["confirmed"])
    return days, names, cumulative


def mainland() -> dict[dt.date, float]:
    """Cumulative confirmed cases of mainland China by day."""
    table = rows("cn_national_daily.csv")
    return {dt.date.fromisoformat(r["date"]): float(r["mainland_confirmed"]) for r in table if r["mainland_confirmed"]}


def flusight() -> tuple[
    dict[tuple[str, str, int], dict[str, NDArray[np.float64]]], NDArray[np.float64], dict[tuple[str, str, int], float]
]:
    """FluSight 2023/24: quantiles of both models by (reference date, location, horizon), levels, and the truth."""
    table = pq.read_table(SURVEILLANCE / "flusight_2023_24_baseline_ensemble.parquet").to_pydict()
    truth = {(r["location"], r["date"]): r["value"] for r in rows("flusight_target_hosp_to_202406.csv.gz")}
    levels = np.unique(np.array(table["output_type_id"]))
    place = {level: n for n, level in enumerate(levels.tolist())}
    forecasts: dict[tuple[str, str, int], dict[str, NDArray[np.float64]]] = {}
    observed: dict[tuple[str, str, int], float] = {}
    for reference, location, horizon, end, model, level, value in zip(
        *(
            table[c]
            for c in (
                "reference_date",
                "location",
                "horizon",
                "target_end_date",
                "model_id",
                "output_type_id",
                "value",
            )
        ),
        strict=True,
    ):
        if not 0 <= horizon <= 3:
            continue
        key = (reference, location, horizon)
        quantiles = forecasts.setdefault(key, {}).setdefault(model, np.full(len(levels), np.nan))
        quantiles[place[level]] = value
        text = truth.get((location, end), "")
        observed[key] = float(text) if text not in ("", "NA") else np.nan
    return forecasts, levels, observed
