"""The command line: one verb per module, imported when it is called for.

Errors are translated here, once: a BianqueError becomes its message and its exit code; anything else is a defect.
"""

from __future__ import annotations

import importlib
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bianque.cli import session
from bianque.model.errors import BadInput, BianqueError

VERBS = {
    "account": "Who may log in, and what each is granted; one's own access.",
    "assess": "From an example folder's feeds to a situation picture.",
    "audit": "Check the audit, read it, export it as FHIR.",
    "case": "Cases of persons: reported, classified, shown.",
    "dispose": "Destroy what a closed emergency left, by two persons, with a certificate.",
    "doctor": "What is installed, what is missing, what to do about it.",
    "door": "The process that alone can tell a pseudonym from a person.",
    "drill": "The exercise: a synthetic province whose truth is known.",
    "emergency": "Draft, sign and show emergencies: the authority under which anything personal moves.",
    "example": "Draft the description of a new file.",
    "fold": "The structure of an RNA, exact, up to whole viral genomes.",
    "followup": "Follow-ups: who looks after whom, until when.",
    "forms": "Paper forms booked out and back.",
    "glass": "Break-glass: an hour of reading, told to the data-protection officer.",
    "ingest": "Take one file into a lake.",
    "jobs": "Compute the folds that readers of the pages ask for.",
    "lake": "Check a lake, or take a wrong feed out again.",
    "login": "Log in to a register.",
    "logout": "Log out.",
    "outreach": "Reach out to persons: proposed by one, approved by another.",
    "people": "People of the register: taken in, found, shown, corrected, exported, erased.",
    "protect": "Protected persons: put on by one, taken off by two.",
    "register": "A register: make it, check it, back it up, care for its keys.",
    "reidentify": "The way back from a pseudonym to a person: two approvers, an officer's hours.",
    "rights": "A data subject's rights: requests, deadlines, answers.",
    "safeguard": "What is sensitive and why; legal bases, data sheets, purposes, rules.",
    "serve": "The command centre over a lake.",
}
DEFECT = 1
UNREAD = 128 + signal.SIGPIPE  # as any command whose reader goes away, such as `| head -1`


class LazyVerbs(TyperGroup):
    """Knows the names of all verbs and loads the module of the one that is called; a list of them loads none."""

    listing = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the signature is click's
        return sorted(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        if self.listing:
            return TyperCommand(cmd_name, help=VERBS[cmd_name])
        command = get_command(importlib.import_module(f"bianque.cli.{cmd_name}").app)
        command.name = cmd_name
        command.short_help = VERBS[cmd_name]
        return command


app = typer.Typer(cls=LazyVerbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        from bianque import __version__

        typer.echo(f"bianque {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Bianque 扁鹊: feeds in, situation out."""


def _must_be_text(words: Sequence[str]) -> None:
    """raises  BadInput  when a word can neither be kept nor printed; it is not repeated: it may be anybody's name"""
    for place, word in enumerate(words, start=1):
        if "\0" in word or any("\ud800" <= character <= "\udfff" for character in word):
            raise BadInput(
                f"word {place} of the command is no text in UTF-8",
                kept="everything as it is",
                remedy="type it in UTF-8; rename a file whose name is in another encoding",
            )


def main() -> None:
    """Entry point of `bianque`."""
    try:
        _must_be_text(sys.argv[1:])
        app(prog_name="bianque")
    except BianqueError as error:
        typer.echo(f"error: {error.diagnostics()}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        remedy = "check the path, the rights on it, and the space that is left"
        typer.echo(f"error: {error.filename or 'a file'}: {error.strerror}\nwhat to do: {remedy}", err=True)
        sys.exit(BadInput.exit_code)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer would end with 1, which says that this is a defect
            sys.exit(UNREAD)
        if isinstance(end.__context__, typer.Abort):  # the same, of a question that nobody answered
            typer.echo("\nwhat to do: answer what is asked; run this in a terminal", err=True)
            sys.exit(BadInput.exit_code)
        raise
    except Exception as defect:
        traceback.print_exc()
        typer.echo(f"\nThis is a defect in Bianque: {defect}. Please report it with the lines above.", err=True)
        sys.exit(DEFECT)
    finally:
        session.OPENED.close()
