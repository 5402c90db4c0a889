"""Feeds, receipts, and the rows behind a figure."""

from __future__ import annotations

import csv
import datetime as dt
import io

from bianque.lake.store import Lake
from bianque.model.situation import Situation
from bianque.services import feeds, numerals
from bianque.services.tables import intake, words
from tests.readers import OPERATOR


def test_a_feed_on_time_late_and_never_received_are_told_apart(today: Situation) -> None:
    cases, travel = today.feeds
    late = cases.model_copy(update={"late": True})
    absent = travel.model_copy(update={"late": True, "last_receipt": None, "last_known_at": None})
    states = intake.feeds(today, "en", found=[cases, late, absent]).column("lateness")
    assert [cell.state for cell in states] == ["on_time", "late", "absent"]
    assert [cell.text for cell in states] == ["on time", "late: more than 2 days", "never received"]


def test_a_feed_says_whether_its_dates_of_knowledge_are_its_own(today: Situation) -> None:
    own = today.feeds[0].model_copy(update={"vintages": True})
    delayed = today.feeds[0].model_copy(update={"delay_days": 3})
    known = intake.feeds(today, "en", found=[own, delayed]).column("last_known_at")
    assert [cell.note for cell in known] == ["the file has its own vintages", "day of data + 3 days"]


def test_receipts_add_up_and_lead_to_the_quarantine_only_where_there_is_one(province: Lake) -> None:
    receipts = feeds.receipts(OPERATOR, province)
    table = intake.receipts(receipts, "en")
    for row in csv.DictReader(io.StringIO(table.csv())):
        assert int(row["read"]) == int(row["accepted"]) + int(row["quarantined"])
    assert all(cell.behind is None for cell in table.column("quarantined"))
    lost = receipts[0].model_copy(update={"quarantined": 4})
    (cell,) = intake.receipts([lost], "en").column("quarantined")
    assert cell.behind is not None
    assert cell.behind.path == f"/data/quarantine/{lost.id}.csv"


def test_the_rows_behind_a_figure_hide_the_small_counts_of_small_places(province: Lake, today: Situation) -> None:
    given = feeds.rows(OPERATOR, province, as_of=today.as_of, region="B", measure="confirmed")
    table = intake.facts(given, words.names(today, "en"), today.disclosure_rule, "en")
    assert table.rule == today.disclosure_rule
    values = {row["date"]: row["value"] for row in csv.DictReader(io.StringIO(table.csv()))}
    assert values[(today.dates[0] + dt.timedelta(days=20)).isoformat()] == numerals.HIDDEN


def test_the_rows_of_travel_carry_their_unit(province: Lake, today: Situation) -> None:
    given = feeds.flow_rows(OPERATOR, province, as_of=today.as_of, feed="travel", limit=1)
    (row,) = intake.flows(given, words.names(today, "zh-CN"), "zh-CN").rows
    assert row[1].text == "甲县"
    assert row[3].text.endswith("人次")


def test_a_measure_a_reason_and_a_source_are_words_where_they_have_one(china_24_january: Situation) -> None:
    assert words.measure("confirmed", "zh-CN") == "确诊"
    assert words.measure("wuhan_pneumonia", "en") == "wuhan_pneumonia"
    assert words.source_of("reported_cases", "en").startswith("cases reported in 14 days")
    assert words.source_of("Bulletin 5", "en") == "Bulletin 5"
    assert words.names(china_24_january, "en")["420100"] == "Wuhan"
