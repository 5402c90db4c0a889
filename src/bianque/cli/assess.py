"""bianque assess FOLDER --data DIR --as-of DATE --out OUT"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bianque.cli.days import day_that_came, this_day
from bianque.cli.receipts import print_receipt

app = typer.Typer(add_completion=False)


@app.command()
def assess(
    folder: Annotated[Path, typer.Argument(help="Folder that holds an emergency.toml.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the files the feeds name; without it, the example folder.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out"),
    as_of: Annotated[
        str | None, typer.Option(help="Use nothing that was not known on this day, YYYY-MM-DD; without it, the newest.")
    ] = None,
    lake: Annotated[Path | None, typer.Option(help="Folder of the lake; without it, OUT/lake.")] = None,
) -> None:
    """From an example folder's feeds to a situation picture."""
    from bianque.services.assess import assess as run

    today = this_day()
    wanted = day_that_came(as_of, "--as-of", today)
    done = run(folder, data or folder, out, lake or out / "lake", as_of=wanted, today=today)
    for receipt in done.receipts:
        print_receipt(receipt)
    for absent in done.absent:
        typer.echo(f"absent: {absent.diagnostics()}", err=True)
    situation = done.situation
    typer.echo(f"\n{situation.name.en}, as of {situation.as_of}")
    typer.echo(situation.headline.en)
    typer.echo(situation.headline.zh)
    if situation.whole.total is not None:
        deaths = "unknown" if situation.whole.deaths_total is None else f"{situation.whole.deaths_total:,.0f}"
        typer.echo(f"{situation.whole.name.en}: {situation.whole.total:,.0f} confirmed, {deaths} deaths")
    for check in situation.published:
        if check.adds_up is False or check.agrees is False:
            typer.echo(f"check: {check.name.en} of {check.date} does not agree with the bulletin", err=True)
    typer.echo(
        f"\nwritten to {done.out}: situation.json forecast.parquet signals.csv importation.csv receipt.json report.html"
    )
    typer.echo(f"look at it: bianque serve --lake {done.lake} --register REGISTER")
    typer.echo("REGISTER knows who may log in: `bianque register create`, or `bianque drill register` for an exercise")
