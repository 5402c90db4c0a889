"""Receipts and dates on the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import typer

from bianque.model.dates import iso_day
from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from bianque.lake.receipt import Receipt


def print_receipt(receipt: Receipt) -> None:
    """A receipt in a few lines: the sums first, then what went wrong and where."""
    outside = f" ({receipt.outside} not selected)" if receipt.outside else ""
    typer.echo(
        f"{receipt.feed}: {receipt.file}: read {receipt.read}{outside} = accepted {receipt.accepted}"
        f" + quarantined {receipt.quarantined}; new {receipt.new}, unchanged {receipt.unchanged},"
        f" corrected {receipt.corrected}"
        + (f"; {receipt.falling} falling totals kept and flagged" if receipt.falling else "")
        + (f"; {receipt.missing} empty cells" if receipt.missing else "")
        + ("; the file is cut off" if receipt.truncated else "")
        + (f"; in place of {receipt.replaces}" if receipt.replaces else "")
    )
    for reason in receipt.reasons[:5]:
        typer.echo(f"    line {reason.first_line}, {reason.field}: {reason.reason} ({reason.rows} rows)")
    if len(receipt.reasons) > 5:
        typer.echo(f"    … and {len(receipt.reasons) - 5} more reasons, all in the quarantine file")


def this_day() -> dt.date:
    """The calendar day of whoever types: at seven in the morning in Beijing, UTC is still on the day before."""
    return dt.date.today()  # noqa: DTZ011  no time zone is meant


def day(text: str | None, option: str, today: dt.date) -> dt.date | None:
    """A day given on the command line, which has come: nobody knows yet what will be known then."""
    if text is None:
        return None
    try:
        given = iso_day(text)
    except ValueError as cause:
        raise BadInput(f"{option} {text!r} is no date", remedy="write it as YYYY-MM-DD") from cause
    if given > today:
        raise BadInput(
            f"{option} {given} is in the future: today is {today}",
            kept="nothing was changed",
            remedy=f"give a day up to {today}, or leave {option} out",
        )
    return given
