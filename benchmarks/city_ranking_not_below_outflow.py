"""Which cities had 50 cases on 5 February, judged from data up to 24 January?  Our ranking and four single predictors.

All from the 296-city panel of Jia et al. 2020. Prints AUC and precision at 50, with and without Hubei, with a 95 %
bootstrap interval over cities.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import tempfile
from pathlib import Path

import numpy as np
from cost import measured, verdict
from real_data import EXAMPLE, SURVEILLANCE, needed

from bianque.model.emergency_file import read_emergency
from bianque.predict import importation
from bianque.predict.score import auc, bootstrap_interval, precision_at
from bianque.services import lakes, operator, picture

PANEL = "cn_city_panel_outflow_search_to_20200205.csv.gz"
KNOWN, OUTCOME, MANY_CASES, PLACES = "2020-01-24", "2020-02-05", 50, 50
OURS = "Bianque: expected infected arrivals"


def panel(day: str) -> list[dict[str, str]]:
    with gzip.open(SURVEILLANCE / PANEL, "rt", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["date"] == day]


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


def product_score(outflow: np.ndarray) -> np.ndarray:
    """The default ranking: expected infected arrivals from Wuhan, with the prevalence the example declares."""
    (declared,) = read_emergency(EXAMPLE).situation.prevalence
    infected = np.array([[declared.infected], [declared.lower], [declared.upper]]) / declared.population
    expected: np.ndarray = importation.expected_arrivals(outflow[None, :], *infected).expected[0]
    return expected


def through_the_command(cities: dict[str, int]) -> tuple[int, float]:
    """Ranked cities of the picture of 24 January, and the AUC of their order; cities without outflow come last."""
    with tempfile.TemporaryDirectory() as folder:
        lakes.ingest_example(EXAMPLE, SURVEILLANCE, Path(folder) / "lake", dt.date(2026, 1, 1))
        situation = picture.read(operator.now(), lakes.open_lake(Path(folder) / "lake"), dt.date.fromisoformat(KNOWN))
    ranked = [r for r in situation.importation if r.feed == "wuhan-outflow-cities" and r.destination in cities]
    rank = {row.destination: row.rank for row in ranked}
    return len(ranked), auc([-rank.get(code, len(cities) + 1) for code in cities], list(cities.values()))


def main() -> None:
    needed()
    before, after = panel(KNOWN), panel(OUTCOME)
    assert [r["city_cn"] for r in before] == [r["city_cn"] for r in after]
    many = column(after, "confirmed") >= MANY_CASES
    outside_hubei = np.array([row["province_en"] != "Hubei" for row in before])
    outflow = column(before, "wuhan_outflow")
    scores = {
        OURS: product_score(outflow),
        "outflow": outflow,
        "population": column(before, "population"),
        "search `wuhan_pneumonia`": column(before, "wuhan_pneumonia_search"),
        "cases so far": column(before, "confirmed"),
    }
    areas: dict[tuple[str, str], float] = {}
    for label, part in (("all", np.ones_like(many)), ("without Hubei", outside_hubei)):
        print(f"{label}: {int(part.sum())} cities, {int(many[part].sum())} with at least {MANY_CASES} cases")
        for name, score in scores.items():
            s, t = score[part], many[part]
            areas[label, name] = auc(s, t)
            low, high = bootstrap_interval(auc, s, t, rng=np.random.default_rng(0))
            plow, phigh = bootstrap_interval(
                lambda a, b: precision_at(a, b, PLACES), s, t, rng=np.random.default_rng(0)
            )
            print(
                f"  {name:36s} AUC {areas[label, name]:.3f} ({low:.3f}-{high:.3f})"
                f"  precision at {PLACES} {precision_at(s, t, PLACES):.2f} ({plow:.2f}-{phigh:.2f})"
            )
    with measured() as cost:
        ranked, area = through_the_command({r["city_code"]: int(m) for r, m in zip(before, many, strict=True)})
    print(f"through the picture as of {KNOWN}: {ranked} cities ranked, AUC {area:.3f}; ingest and picture {cost}")
    verdict(
        "AUC of the default ranking not below outflow's, all cities and without Hubei",
        all(areas[label, OURS] >= areas[label, "outflow"] for label in ("all", "without Hubei")),
    )


if __name__ == "__main__":
    main()
