"""`bianque drill`: make an exercise."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Annotated

import typer

from bianque.cli.days import day, this_day
from bianque.model.authority import Role
from bianque.model.errors import BadInput

app = typer.Typer(
    help="Exercises: a synthetic province whose truth is known.", no_args_is_help=True, add_completion=False
)

# What each role finds where its day begins.
BEGINS = {
    Role.ADMINISTRATOR: "/access: own access; accounts and keys are kept on the command line",
    Role.COMMAND: "/approvals: a re-identification and calls that wait",
    Role.EPIDEMIOLOGIST: "/situation: the picture; no identity",
    Role.TRACER: "/people: find a person by phone or ID number",
    Role.COMMUNITY_WORKER: "/people: twelve persons to follow up",
    Role.HOSPITAL: "/people: its patients",
    Role.LABORATORY: "/people: nobody, since no source gives people for its purpose",
    Role.DPO: "/desk: who read what, what was refused, what waits",
}


@app.callback()
def drill() -> None:
    """Exercises: a synthetic province whose truth is known."""


@app.command()
def make(
    seed: Annotated[int, typer.Option(help="The same seed makes the same exercise, byte for byte.")],
    out: Annotated[Path, typer.Option(help="Folder to write: new, empty, or an exercise to replace.")],
    days: Annotated[int, typer.Option(max=36_500, help="21 to 365; a longer one begins with a shorter one.")] = 60,
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "2021-01-01",
) -> None:
    """Make an exercise: feeds as an example folder for `bianque assess`, and the truth beside them."""
    from bianque.drill import draw_exercise, write_exercise

    began = time.perf_counter()
    exercise = draw_exercise(seed=seed, days=days, start=_first_day(start, days))
    write_exercise(exercise, out)
    cases = int(exercise.feeds.confirmed[-1].sum())
    typer.echo(
        f"{len(exercise.province.regions)} counties, {days} days, {cases:,} confirmed cases → {out} "
        f"({time.perf_counter() - began:.1f} s)"
    )
    typer.echo(f"next: bianque assess {out} --out out/")


@app.command()
def people(
    seed: Annotated[int, typer.Option(help="The exercise's seed: people live in its counties.")],
    out: Annotated[Path, typer.Option(help="Folder to write: new, empty, or an exercise to replace.")],
    count: Annotated[int, typer.Option(help="Persons. A larger population begins with the smaller one.")] = 10_000,
    start: Annotated[
        str, typer.Option(help="First day of the exercise's emergency, YYYY-MM-DD; without it today, in UTC.")
    ] = "",
) -> None:
    """Make the people of an exercise, to import into a register, and the terms of its emergency."""
    from bianque.drill import write_population

    began = time.perf_counter()
    first = day(start, "--start") if start else dt.datetime.now(dt.UTC).date()
    write_population(out, seed=seed, count=count, start=first)
    typer.echo(f"{count:,} synthetic people → {out} ({time.perf_counter() - began:.1f} s)")


def _first_day(text: str, days: int) -> dt.date:
    """The first day, of an exercise that is over by today: an assessment takes no row from the future."""
    first = day(text, "--start")
    today = this_day()
    latest = today - dt.timedelta(days=days)
    if first > latest:
        raise BadInput(
            f"--start {text}: the reports of {days} days would reach beyond today, {today}",
            remedy=f"start by {latest}, or ask for fewer --days",
        )
    return first


@app.command()
def register(
    out: Annotated[Path, typer.Option(help="Folder of the new register.")],
    lake: Annotated[Path | None, typer.Option(help="Lake of the exercise, whose newest figures are released.")] = None,
    count: Annotated[
        int, typer.Option("--people", min=300, help="Synthetic people; fewer would leave a list empty.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="The exercise's seed: people live in its counties.")] = 7,
) -> None:
    """Make the register of an exercise, three weeks into its emergency, and tell each role's log-in once."""
    from bianque.services import lakes
    from bianque.services.exercise_register import exercise_register

    began = time.perf_counter()

    def say(step: str) -> None:
        typer.echo(f"{time.perf_counter() - began:5.1f} s  {step}")

    made = exercise_register(
        out, lakes.open_lake(lake) if lake else None, dt.datetime.now(dt.UTC), people=count, seed=seed, say=say
    )
    typer.echo("\nwhat was tried and refused, each on record:")
    for one in made.refused:
        typer.echo(f"  {one.login}: {one.tried}: refused, rule {one.rule}: {one.why.en}")
    typer.echo(f"\n{'login':<18} {'password':<24} {'second factor':<34} begins at")
    for told in made.told:
        typer.echo(f"{told.login:<18} {told.password:<24} {told.secret:<34} {BEGINS[told.role]}")
    typer.echo(f"somebody to look for, who does not exist: phone {made.phone}")
    typer.echo(f"a register → {out}; these log-ins are told once, and are for an exercise: nobody in it is real")
    typer.echo(
        "the code of a second factor: an authenticator application with the secret, or `bianque drill code SECRET`"
    )


@app.command()
def code(secret: Annotated[str, typer.Argument(help="Secret of a second factor of the exercise.")]) -> None:
    """The six digits that an authenticator would show now, for whoever tries the exercise without one."""
    from bianque.safeguard import second_factor

    try:
        typer.echo(second_factor.code(secret, dt.datetime.now(dt.UTC)))
    except ValueError as cause:
        remedy = "copy it from what `bianque drill register` printed"
        raise BadInput("this is no secret of a second factor", remedy=remedy) from cause
