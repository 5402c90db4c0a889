"""Real data and published results under BIANQUE_SHARED."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT / os.environ.get("BIANQUE_SHARED", "../shared") / "data"
SURVEILLANCE = SHARED / "surveillance"
EXAMPLE = ROOT / "examples" / "china-2020"


def needed() -> None:
    """End the script, saying so, where the real data is absent."""
    if not SURVEILLANCE.is_dir():
        print("absent: no real data here; set BIANQUE_SHARED to the folder that holds data/")
        raise SystemExit(0)


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


@dataclass(frozen=True, slots=True)
class FluSight:
    """Forecasts of one season: units × 23 quantiles by model, the truth and the location of each unit."""

    levels: NDArray[np.float64]
    models: dict[str, NDArray[np.float64]]
    observed: NDArray[np.float64]
    location: NDArray[np.str_]


def flusight() -> FluSight:
    """FluSight 2023/24, horizons 0 to 3, where both models and the truth are known."""
    table = pq.read_table(SURVEILLANCE / "flusight_2023_24_baseline_ensemble.parquet").to_pydict()
    truth = {(r["location"], r["date"]): r["value"] for r in rows("flusight_target_hosp_to_202406.csv.gz")}
    levels = np.unique(np.array(table["output_type_id"]))
    place = {level: n for n, level in enumerate(levels.tolist())}
    names = sorted(set(table["model_id"]))
    quantiles: dict[tuple[str, str, int], NDArray[np.float64]] = {}
    observed: dict[tuple[str, str, int], float] = {}
    for n, horizon in enumerate(table["horizon"]):
        if not 0 <= horizon <= 3:
            continue
        unit = (table["reference_date"][n], table["location"][n], horizon)
        text = truth.get((table["location"][n], table["target_end_date"][n]), "NA")
        observed[unit] = float(text) if text not in ("", "NA") else np.nan
        cells = quantiles.setdefault(unit, np.full((len(names), len(levels)), np.nan))
        cells[names.index(table["model_id"][n]), place[table["output_type_id"][n]]] = table["value"][n]
    units = [u for u in quantiles if not np.isnan(observed[u]) and not np.isnan(quantiles[u]).any()]
    both = np.array([quantiles[u] for u in units])
    return FluSight(
        levels=levels,
        models={name: both[:, n] for n, name in enumerate(names)},
        observed=np.array([observed[u] for u in units]),
        location=np.array([u[1] for u in units]),
    )
