"""One day has one name."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.model.dates import iso_day


def test_a_day_is_written_year_month_day() -> None:
    assert iso_day("2020-02-29") == dt.date(2020, 2, 29)


@pytest.mark.parametrize(
    "text",
    ["2021-1-5", "20210105", "2021-W01-2", "2021-01-05T00:00", " 2021-01-05", "２０２１-01-05", "2021-02-30", ""],
)
def test_a_day_written_in_another_way_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the caller says what was given and how to write it
        iso_day(text)
