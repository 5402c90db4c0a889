"""The rows behind a figure, and the receipts behind the rows."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from bianque.lake.store import Lake
from bianque.model.errors import BadInput
from bianque.services import feeds, lakes
from tests.readers import OPERATOR

from .conftest import DAILY, FIRST, TODAY

LAST = dt.date(2025, 3, 30)


def test_the_rows_behind_a_total_add_up_to_it(province: Lake) -> None:
    rows = feeds.rows(OPERATOR, province, as_of=LAST, region="A", measure="confirmed")
    assert len(rows) == 30
    assert sum(row["value"] for row in rows) == sum(DAILY["A"])


def test_only_what_was_known_on_the_day_is_listed(province: Lake) -> None:
    rows = feeds.rows(OPERATOR, province, as_of=FIRST + dt.timedelta(days=4), region="A", measure="confirmed")
    assert len(rows) == 5


def test_a_small_count_of_a_small_place_is_hidden_and_zero_is_shown(province: Lake) -> None:
    rows = feeds.rows(OPERATOR, province, as_of=LAST, region="B", measure="confirmed")
    hidden = {row["reference_date"] for row in rows if row["hidden"]}
    assert {FIRST + dt.timedelta(days=20), FIRST + dt.timedelta(days=27)} <= hidden
    assert all(row["value"] is None for row in rows if row["hidden"])
    assert any(row["value"] == 0 for row in rows)


def test_the_rows_of_travel_say_from_where_to_where(province: Lake) -> None:
    rows = feeds.flow_rows(OPERATOR, province, as_of=LAST, feed="travel", limit=5)
    assert len(rows) == 5
    assert {row["origin"] for row in rows} == {"A"}


def test_receipts_come_newest_first_and_lead_to_what_was_not_kept(own: Lake, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("date,county,confirmed,deaths\n2025-03-31,A,100,0\n2025-03-31,Nowhere,5,0\n")
    lakes.ingest_file(file, own.path, feed="cases", today=TODAY)
    newest = feeds.receipts(OPERATOR, own)[0]
    assert (newest.read, newest.accepted, newest.quarantined) == (2, 1, 1)
    (header, row) = feeds.quarantine(OPERATOR, own, newest.id).decode().splitlines()
    assert header == "file,line,field,reason"
    assert row.startswith("cases.csv,3,county,unknown region 'Nowhere'")
    assert "2025-03-31" not in row, "the text of a row that counts persons stays in the lake"


def test_the_quarantine_of_a_very_long_row_can_be_downloaded(own: Lake, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(f"date,county,confirmed,deaths\n2025-03-31,A,100,0\n2025-03-31,{'x' * 200_000},5,0\n")
    receipt = lakes.ingest_file(file, own.path, feed="cases", today=TODAY)
    csv.field_size_limit(131_072)  # as in the process that serves and did not read the file
    rows = feeds.quarantine(OPERATOR, own, receipt.id).decode().splitlines()
    assert rows[1].startswith("cases.csv,3,county,unknown region 'xxx")


def test_a_row_that_a_spreadsheet_would_run_as_a_formula_is_downloaded_as_text(own: Lake, tmp_path: Path) -> None:
    file = tmp_path / "travel.csv"
    file.write_text("date,from,to,trips\n2025-03-30,A,B,7\n=1+1,A,B,5\n")
    lakes.ingest_file(file, own.path, feed="travel", today=TODAY)
    (_, row) = csv.reader(io.StringIO(feeds.quarantine(OPERATOR, own, feeds.receipts(OPERATOR, own)[0].id).decode()))
    assert row[-1] == "'=1+1,A,B,5"


def test_a_file_taken_in_again_counts_once(own: Lake, tmp_path: Path) -> None:
    """The day of its last row was in the future the first time."""
    file = tmp_path / "late.csv"
    file.write_text(f"date,county,confirmed,deaths\n2025-03-31,A,100,0\n{TODAY + dt.timedelta(days=1)},A,5,0\n")
    for today in (TODAY, TODAY + dt.timedelta(days=1)):
        lakes.ingest_file(file, own.path, feed="cases", today=today)
    of_file = [receipt for receipt in feeds.receipts(OPERATOR, own) if receipt.file == "late.csv"]
    assert [(r.read, r.accepted, r.quarantined) for r in of_file] == [(2, 2, 0)]
    assert sum(r.file == "late.csv" for r in own.receipts()) == 2


def test_the_quarantine_of_a_receipt_that_does_not_exist_is_refused(province: Lake) -> None:
    with pytest.raises(BadInput):
        feeds.quarantine(OPERATOR, province, "no-such-receipt")
