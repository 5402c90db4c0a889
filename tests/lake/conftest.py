"""A small lake and the description of a small feed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bianque.lake.store import Lake
from bianque.model.emergency_file import Feed
from bianque.model.regions import Region, RegionSystem

TODAY = dt.date(2020, 3, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


@pytest.fixture(scope="session")
def regions() -> RegionSystem:
    places = [
        Region("A1", "甲县", "Alpha", "county"),
        Region("B2", "乙县", "Beta", "county"),
        Region("P", "某省", "P", "province"),
    ]
    same_name = [Region("C1", "同名县", "Same", "county"), Region("C2", "同名市", "Same", "county")]
    return RegionSystem({r.code: r for r in [*places, *same_name]}, "test regions")


def cases(**changes: object) -> Feed:
    """A feed of cumulative cases: date, place, confirmed, dead."""
    described: dict[str, object] = {
        "id": "cases",
        "kind": "case_counts",
        "file": "cases.csv",
        "name": {"zh": "病例", "en": "Cases"},
        "source": "a test",
        "form": "cumulative",
        "date": {"column": "date"},
        "region": {"column": "place"},
        "measures": {"confirmed": "confirmed", "deaths": "dead"},
    }
    return Feed.model_validate({**described, **changes})
