"""bianque ingest FILE --lake LAKE"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bianque.cli.days import day_that_came, this_day
from bianque.cli.receipts import print_receipt

app = typer.Typer(add_completion=False)


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="The file to take in.")],
    lake: Annotated[Path, typer.Option(help="Folder of the lake.")],
    feed: Annotated[
        str | None,
        typer.Option(help="Feed of emergency.toml that describes it; without it, the one of this file name."),
    ] = None,
    example: Annotated[
        Path | None, typer.Option(help="Folder of the emergency.toml; without it, the one kept with the lake.")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(help="The day the file was known, YYYY-MM-DD, if not today: corrections count from it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen; change nothing.")] = False,
) -> None:
    """Take one file into a lake."""
    from bianque.services.lakes import ingest_file

    today = this_day()
    came = day_that_came(known_at, "--known-at", today) or today
    receipt = ingest_file(file, lake, feed=feed, today=came, example=example, dry_run=dry_run)
    print_receipt(receipt)
    typer.echo("dry run: nothing was changed" if dry_run else f"receipt {receipt.id}")
