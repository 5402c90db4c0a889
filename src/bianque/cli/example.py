"""bianque example new FILE"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bianque.model.errors import BadInput

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def example() -> None:
    """Describe a new file."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The file to describe: CSV, plain or gzip.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for emergency.toml; without it, the draft is printed.")
    ] = None,
) -> None:
    """Draft an emergency.toml from a file's header and first rows, for a person to correct."""
    from bianque.services.example import draft

    text = draft(file)
    if out is None:
        typer.echo(text)
        return
    target = out / "emergency.toml"
    if target.exists():
        raise BadInput(f"{target}: exists already", kept="the file as it was", remedy="give another folder")
    out.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    typer.echo(f"draft written to {target}: read it, correct what is marked CHECK, then run")
    typer.echo(f"bianque assess {out} --data {file.parent} --out out/")
