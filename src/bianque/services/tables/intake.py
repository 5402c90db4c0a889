"""What came in: feeds, receipts, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bianque.lake.receipt import Receipt
from bianque.model import catalogue
from bianque.model.situation import FeedState, Situation
from bianque.model.text import Text
from bianque.services import numerals
from bianque.services.tables import words
from bianque.services.tables.table import Behind, Cell, Column, Table


def feeds(situation: Situation, language: str, *, found: Iterable[FeedState] | None = None) -> Table:
    """What each feed gave, when last, and whether it is late."""
    columns = [
        Column("feed"),
        Column("kind"),
        Column("last_reference_date", definition="dates"),
        Column("last_known_at", definition="dates"),
        Column("lateness", definition="late"),
        Column("read", "number", "receipt"),
        Column("accepted", "number", "receipt"),
        Column("quarantined", "number", "receipt"),
        Column("corrections", "number", "receipt"),
        Column("last_receipt", definition="receipt"),
        Column("source"),
    ]
    rows = []
    for feed in situation.feeds if found is None else found:
        receipt = Behind(f"/data#receipt-{feed.last_receipt}") if feed.last_receipt else None
        state = "absent" if feed.last_receipt is None else "late" if feed.late else "on_time"
        rows.append(
            [
                Cell(
                    feed.id,
                    feed.name.in_language(language),
                    note=feed.id,
                    behind=Behind("/rows", {"feed": feed.id}),
                    anchor=f"feed-{feed.id}",
                ),
                Cell(feed.kind, catalogue.text(f"kind_{feed.kind}", language)),
                Cell(feed.last_reference_date, numerals.day(feed.last_reference_date, language)),
                Cell(
                    feed.last_known_at,
                    numerals.day(feed.last_known_at, language),
                    note=catalogue.text("vintages_own", language)
                    if feed.vintages
                    else catalogue.text("vintages_delay", language, days=feed.delay_days),
                ),
                Cell(feed.late, catalogue.text(f"feed_{state}", language, days=feed.late_after_days), state=state),
                Cell(feed.read, numerals.number(feed.read), behind=receipt),
                Cell(feed.accepted, numerals.number(feed.accepted), behind=receipt),
                Cell(feed.quarantined, numerals.number(feed.quarantined), behind=receipt),
                Cell(feed.corrections, numerals.number(feed.corrections), behind=receipt),
                Cell(feed.last_receipt, feed.last_receipt or numerals.UNKNOWN, behind=receipt),
                Cell(feed.source, feed.source, note=feed.terms),
            ]
        )
    return Table("feeds", catalogue.text("table_feeds", language), columns, rows)


def receipts(given: Iterable[Receipt], language: str) -> Table:
    """Every file taken in: what was read, kept, and not kept."""
    columns = [
        Column("receipt"),
        Column("feed"),
        Column("file"),
        Column("ingested_on"),
        Column("read", "number", "receipt"),
        Column("accepted", "number", "receipt"),
        Column("quarantined", "number", "receipt"),
        Column("new_rows", "number", "receipt"),
        Column("corrected", "number", "receipt"),
        Column("falling", "number", "receipt"),
        Column("encoding"),
        Column("reasons"),
        Column("sha256"),
    ]
    rows = []
    for receipt in given:
        quarantine = Behind(f"/data/quarantine/{receipt.id}.csv") if receipt.quarantined else None
        reasons = ("；" if language == "zh-CN" else "; ").join(
            f"{r.field}: {r.reason} ({r.rows})" for r in receipt.reasons
        )
        rows.append(
            [
                Cell(receipt.id, receipt.id, anchor=f"receipt-{receipt.id}"),
                Cell(receipt.feed, receipt.feed, behind=Behind(f"/data#feed-{receipt.feed}")),
                Cell(receipt.file, receipt.file),
                Cell(receipt.ingested_on, numerals.day(receipt.ingested_on, language)),
                Cell(receipt.read, numerals.number(receipt.read)),
                Cell(receipt.accepted, numerals.number(receipt.accepted)),
                Cell(receipt.quarantined, numerals.number(receipt.quarantined), behind=quarantine),
                Cell(receipt.new, numerals.number(receipt.new)),
                Cell(receipt.corrected, numerals.number(receipt.corrected)),
                Cell(receipt.falling, numerals.number(receipt.falling)),
                Cell(receipt.encoding, receipt.encoding),
                Cell(reasons, reasons or numerals.UNKNOWN),
                Cell(receipt.sha256, receipt.sha256[:12]),
            ]
        )
    return Table("receipts", catalogue.text("table_receipts", language), columns, rows)


def facts(given: Iterable[dict[str, Any]], names: dict[str, str], rule: Text, language: str) -> Table:
    """The rows behind a figure, newest version of each as of the day asked for."""
    columns = [
        Column("date", definition="dates"),
        Column("region"),
        Column("code"),
        Column("measure"),
        Column("value", "number"),
        Column("counted"),
        Column("known_at", definition="dates"),
        Column("feed"),
        Column("receipt", definition="receipt"),
    ]
    rows = []
    for fact in given:
        code = fact["region"]
        value = fact["value"]
        rows.append(
            [
                Cell(fact["reference_date"], numerals.day(fact["reference_date"], language)),
                Cell(
                    fact["region"], names.get(fact["region"], fact["region"]), behind=words.region_page(fact["region"])
                ),
                Cell(code, code),
                Cell(fact["measure"], words.measure(fact["measure"], language)),
                Cell(None, numerals.HIDDEN, hidden=True)
                if fact["hidden"]
                else Cell(value, numerals.number(value, "count" if float(value).is_integer() else "decimal")),
                Cell(
                    "cumulative" if fact["cumulative"] else "daily",
                    catalogue.text("counted_cumulative" if fact["cumulative"] else "counted_daily", language),
                ),
                Cell(fact["known_at"], numerals.day(fact["known_at"], language)),
                Cell(fact["feed"], fact["feed"], behind=Behind(f"/data#feed-{fact['feed']}")),
                Cell(fact["receipt"], fact["receipt"], behind=Behind(f"/data#receipt-{fact['receipt']}")),
            ]
        )
    return Table("rows", catalogue.text("table_rows", language), columns, rows, rule)


def flows(given: Iterable[dict[str, Any]], names: dict[str, str], language: str) -> Table:
    """The rows behind an expected number of arrivals: who travelled where."""
    columns = [
        Column("date", definition="dates"),
        Column("origin"),
        Column("destination"),
        Column("volume", "number", "importation"),
        Column("days_covered", "number"),
        Column("known_at", definition="dates"),
        Column("feed"),
        Column("receipt", definition="receipt"),
    ]
    rows = [
        [
            Cell(flow["reference_date"], numerals.day(flow["reference_date"], language)),
            Cell(flow["origin"], names.get(flow["origin"], flow["origin"]), note=flow["origin"]),
            Cell(flow["destination"], names.get(flow["destination"], flow["destination"]), note=flow["destination"]),
            Cell(
                flow["value"],
                f"{numerals.number(flow['value'], 'decimal')} {catalogue.text('unit_' + flow['unit'], language)}",
            ),
            Cell(flow["days"], numerals.number(flow["days"])),
            Cell(flow["known_at"], numerals.day(flow["known_at"], language)),
            Cell(flow["feed"], flow["feed"], behind=Behind(f"/data#feed-{flow['feed']}")),
            Cell(flow["receipt"], flow["receipt"], behind=Behind(f"/data#receipt-{flow['receipt']}")),
        ]
        for flow in given
    ]
    return Table("flows", catalogue.text("table_flows", language), columns, rows)
