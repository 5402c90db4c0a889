"""Feeds of totals and feeds of daily counts become one series."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from bianque.lake.facts import COUNTS
from bianque.model.emergency_file import Feed
from bianque.services import panel

FIRST = dt.date(2020, 1, 20)
X = None  # unknown


def feed(form: str) -> Feed:
    return Feed.model_validate(
        {
            "id": form, "kind": "case_counts", "file": "f.csv", "name": {"zh": "病例", "en": "Cases"},
            "source": "a test", "form": form, "date": {"column": "date"}, "region": {"column": "place"},
            "measures": {"confirmed": "confirmed"},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cumulative", "daily", "total", "new"),
    [
        ([100, 130, X, X], [X, X, 70, 5], [100, 130, 200, 205], [X, 30, 70, 5]),
        ([100, X, X, 150], [X, 20, 10, X], [100, 120, 130, 150], [X, 20, 10, X]),
        ([X, X, 40, 44], [10, 15, X, X], [10, 25, 40, 44], [10, 15, X, 4]),
        ([100, X, X, 110], [X, 5, 40, X], [100, 105, X, 110], [X, 5, 40, X]),
        ([X, X, 20, X], [10, 15, X, 1], [10, X, 20, 21], [10, 15, X, 1]),
        ([100, X, X, X], [X, X, 7, 8], [100, X, X, X], [X, X, 7, 8]),
        ([100, 90, X, X], [X, X, 5, X], [100, 90, 95, X], [X, X, 5, X]),
        ([X, X, X, X], [X, 3, 0, 4], [X, 3, 3, 7], [X, 3, 0, 4]),
    ],
    ids=[
        "the total goes on from the last one reported",
        "a gap between totals is filled",
        "days before the first total are counted up",
        "a count too many for the next total is no total",
        "nor is one before the first",
        "after an unknown day the total is unknown",
        "a fall in the source stays",
        "daily counts alone add up",
    ],
)  # fmt: skip
def test_a_total_never_seems_to_fall_where_one_feed_ends_and_another_goes_on(
    cumulative: list[float | None], daily: list[float | None], total: list[float | None], new: list[float | None]
) -> None:
    days = [FIRST + dt.timedelta(days=n) for n in range(len(total))]
    facts = [
        {
            "feed": form, "kind": "case_counts", "measure": "confirmed", "region": "A", "reference_date": day,
            "known_at": day, "value": value, "cumulative": form == "cumulative", "sequence": 1, "receipt": form,
        }
        for form, values in (("cumulative", cumulative), ("daily", daily))
        for day, value in zip(days, values, strict=True)
        if value is not None
    ]  # fmt: skip
    known = pa.Table.from_pylist(facts, schema=COUNTS)
    grid = panel.Grid(days, ["A"], ["county"])
    made = panel.merged(known, [feed("cumulative"), feed("daily")], "confirmed", grid)
    np.testing.assert_array_equal(made.cumulative[:, 0], np.array(total, dtype=np.float64))
    np.testing.assert_array_equal(made.new[:, 0], np.array(new, dtype=np.float64))
