"""Receipts and dates on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

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
