"""Feeds in, files out."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bianque.lake.receipt import Receipt
from bianque.model.errors import BadInput, NothingUsable
from bianque.model.situation import Situation
from bianque.predict.forecast import QUANTILE_LEVELS
from bianque.services.assess import Assessed, assess

from .conftest import EXAMPLES, TODAY, write_province


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    out = tmp_path_factory.mktemp("out")
    return assess(EXAMPLES / "china-2020-bulletins", EXAMPLES, out, out / "lake", as_of=None, today=TODAY)


def test_every_file_is_written_and_can_be_read_back(done: Assessed) -> None:
    situation = Situation.model_validate_json((done.out / "situation.json").read_bytes())
    assert situation == done.situation
    assert situation.schema_version == "1.0"
    receipt = json.loads((done.out / "receipt.json").read_bytes())
    assert receipt["read"] == receipt["accepted"] + receipt["quarantined"] == 23
    assert Receipt.model_validate(receipt["feeds"][0]).known_at.startswith("the file has no vintages")
    assert (done.out / "report.html").read_text("utf-8").startswith("<!doctype html>")
    with (done.out / "signals.csv").open() as file:
        assert {row["method"] for row in csv.DictReader(file)} <= {"ears_c1", "ears_c2", "ears_c3"}
    assert (done.out / "importation.csv").read_text().startswith("feed,rank,destination")


def test_the_forecast_file_has_the_hub_columns_23_quantiles_and_14_days(done: Assessed) -> None:
    table = pq.read_table(done.out / "forecast.parquet")
    assert table.column_names == [
        "model_id", "reference_date", "target", "horizon", "target_end_date", "location",
        "output_type", "output_type_id", "value",
    ]  # fmt: skip
    rows = table.to_pylist()
    assert {row["model_id"] for row in rows} == {"bianque-renewal", "bianque-baseline"}
    assert {row["location"] for row in rows} == {"CN"}
    one = [r for r in rows if r["model_id"] == "bianque-renewal" and r["horizon"] == 3]
    assert [r["output_type_id"] for r in one] == pytest.approx(QUANTILE_LEVELS.tolist())
    assert bool(np.all(np.diff([r["value"] for r in one]) >= 0))
    assert {r["horizon"] for r in rows} == set(range(1, 15))
    assert all(r["target_end_date"] - r["reference_date"] == dt.timedelta(days=r["horizon"]) for r in rows)


def test_no_file_of_signals_gives_a_count_of_a_small_place(tmp_path: Path) -> None:
    """Of any method or day: the small counties of the province have 50,000 and 80,000 residents."""
    write_province(tmp_path / "example")
    done = assess(tmp_path / "example", tmp_path / "example", tmp_path, tmp_path / "lake", as_of=None, today=TODAY)
    with (tmp_path / "signals.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["region"] in ("B", "C")]
    assert {row["method"] for row in rows} == {"ears_c1", "ears_c2", "ears_c3"}
    assert len({row["date"] for row in rows}) > 1
    assert {row[figure] for row in rows for figure in ("observed", "expected", "threshold", "excess")} == {""}
    assert any(signal.observed is not None for signal in done.situation.signals)


def test_one_bad_feed_does_not_cost_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    folder.mkdir()
    toml = (EXAMPLES / "china-2020-bulletins" / "emergency.toml").read_text("utf-8")
    extra = """
[[feed]]
id = "absent"
kind = "visits"
file = "absent.csv"
name = { zh = "缺", en = "absent" }
source = "nobody"
date = { column = "date" }
region = { value = "CN" }
measures = { visits = "visits" }

[[feed]]
id = "headless"
kind = "visits"
file = "headless.csv"
name = { zh = "无表头", en = "headless" }
source = "nobody"
date = { column = "date" }
region = { value = "CN" }
measures = { visits = "visits" }
"""
    (folder / "emergency.toml").write_text(toml + extra, "utf-8")
    (folder / "headless.csv").write_text("a,b\n1,2\n")
    done = assess(folder, folder, tmp_path / "out", tmp_path / "out" / "lake", as_of=None, today=TODAY)
    assert done.situation.whole.total == 44653
    assert ["absent.csv" in why.what for why in done.absent] == [True]
    states = {feed.id: feed for feed in done.situation.feeds}
    assert (states["absent"].receipts, states["absent"].late) == (0, True)
    assert (states["headless"].quarantined, states["headless"].accepted) == (1, 0)


def test_nothing_usable_says_what_to_change(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    folder.mkdir()
    toml = (EXAMPLES / "china-2020-bulletins" / "emergency.toml").read_text("utf-8")
    (folder / "emergency.toml").write_text(toml.replace("bulletins:china-2020", "mine.csv"), "utf-8")
    (folder / "mine.csv").write_text("date,confirmed,deaths\n24/01/2020,5,0\n")
    with pytest.raises(NothingUsable) as error:
        assess(folder, folder, tmp_path / "out", tmp_path / "lake", as_of=None, today=TODAY)
    assert "it fits %d/%m/%Y (line 2)" in error.value.what
    assert "--data" in error.value.remedy
    assert not (tmp_path / "out").exists()


def test_a_day_before_anything_was_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises((BadInput, NothingUsable), match="2020-01-01"):
        assess(
            EXAMPLES / "china-2020-bulletins", EXAMPLES, tmp_path, tmp_path / "lake",
            as_of=dt.date(2020, 1, 1), today=TODAY,
        )  # fmt: skip
