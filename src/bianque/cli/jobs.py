"""bianque jobs FOLDER"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def jobs(
    folder: Annotated[Path, typer.Argument(help="Folder of the jobs: that of `bianque serve --jobs`.")],
    until_input_ends: Annotated[
        bool, typer.Option("--until-input-ends", help="Stop when standard input ends, and so with whoever started it.")
    ] = False,
) -> None:
    """Compute what readers of the page /fold ask for, until it is told to stop; `bianque serve` starts this itself."""
    from bianque.services.fold_worker import run

    run(folder, until_input_ends=until_input_ends)
