"""bianque logout"""

from __future__ import annotations

import typer

from bianque.cli import session
from bianque.cli.session import Folder

app = typer.Typer(add_completion=False)


@app.command()
def logout(register: Folder) -> None:
    """End the session and forget its token."""
    from bianque.services.sessions import log_out

    log_out(session.opened(register), session.token(), session.now())
    session.forget()
    typer.echo("logged out")
