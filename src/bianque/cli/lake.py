"""bianque lake check | undo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bianque.model.errors import BadLake

app = typer.Typer(no_args_is_help=True, add_completion=False)
Folder = Annotated[Path, typer.Option("--lake", help="Folder of the lake.")]


@app.command()
def check(
    lake: Folder, tidy: Annotated[bool, typer.Option(help="Delete what killed ingests left behind.")] = False
) -> None:
    """Whether the lake is whole: receipts, facts and quarantine agree."""
    from bianque.services import lakes

    found = lakes.check(lakes.open_lake(lake), tidy=tidy)
    for stray in found.strays:
        typer.echo(f"stray of an ingest that did not finish: {stray} (harmless; --tidy deletes it)")
    typer.echo(f"{found.receipts} receipts, {found.facts} facts, {len(found.problems)} problems")
    if found.problems:
        raise BadLake(
            "\n  ".join([f"{lake}: the lake is damaged", *found.problems]),
            remedy=f"take out each receipt named with `bianque lake undo RECEIPT --lake {lake}`,"
            " then take its file in again, unless a problem names another way",
        )


@app.command()
def undo(receipt: Annotated[str, typer.Argument(help="Receipt to take out again.")], lake: Folder) -> None:
    """Take a wrong feed out again; its receipt is kept under `undone`."""
    from bianque.services import lakes

    gone = lakes.undo(lakes.open_lake(lake), receipt)
    what = f"{gone.facts} facts of {gone.file}" if gone else "a damaged receipt"
    typer.echo(f"undone: {receipt} ({what})")


@app.command()
def receipts(lake: Folder) -> None:
    """The receipts of the lake, newest first."""
    from bianque.cli.receipts import print_receipt
    from bianque.services import feeds, lakes, operator

    for receipt in feeds.receipts(operator.now(), lakes.open_lake(lake)):
        typer.echo(f"{receipt.id}  (ingested {receipt.ingested_on})")
        print_receipt(receipt)
