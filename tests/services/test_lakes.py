"""A lake keeps the description that its facts were taken in with."""

from __future__ import annotations

from pathlib import Path

import pytest

from bianque.lake.store import Lake
from bianque.model.errors import BadInput
from bianque.services import lakes

from .conftest import TODAY


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('file = "cases.csv"', 'file = "others.csv"'),
        ('column = "county"', 'column = "district"'),
        ('column = "date"', 'column = "date", format = "%d/%m/%Y"'),
    ],
    ids=["no feed for the file", "no such column", "no row that can be read"],
)
def test_an_ingest_that_fails_leaves_the_lake_its_description(good: str, bad: str, own: Lake, example: Path) -> None:
    toml = example / "emergency.toml"
    toml.write_text(toml.read_text("utf-8").replace(good, bad).replace("A small province", "Another"), "utf-8")
    with pytest.raises(BadInput):
        lakes.ingest_file(example / "cases.csv", own.path, feed=None, today=TODAY, example=example)
    assert own.emergency().situation.name.en == "A small province"


def test_an_example_none_of_whose_rows_can_be_used_leaves_the_lake_its_description(own: Lake, example: Path) -> None:
    toml = example / "emergency.toml"
    toml.write_text(toml.read_text("utf-8").replace("A small province", "Another"), "utf-8")
    for name in ("cases.csv", "travel.csv"):
        (example / name).write_text("nothing,of,use\n", "utf-8")
    lakes.ingest_example(example, example, own.path, TODAY)
    assert own.emergency().situation.name.en == "A small province"


def test_the_description_a_file_was_taken_in_with_is_that_of_the_lake_from_then_on(own: Lake, example: Path) -> None:
    toml = example / "emergency.toml"
    toml.write_text(toml.read_text("utf-8").replace("A small province", "Another"), "utf-8")
    lakes.ingest_file(example / "cases.csv", own.path, feed=None, today=TODAY, example=example, dry_run=True)
    assert own.emergency().situation.name.en == "A small province"
    lakes.ingest_file(example / "cases.csv", own.path, feed=None, today=TODAY, example=example)
    assert own.emergency().situation.name.en == "Another"
