"""bianque fold FILE"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.model.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from bianque.services.folding import FoldRequest
    from bianque.treat.rna import Loop

app = typer.Typer(add_completion=False)


@app.command()
def fold(
    file: Annotated[str, typer.Argument(help="FASTA file of DNA or RNA, plain or gzip; - reads standard input.")],
    span: Annotated[int, typer.Option(min=0, help="Largest distance of paired nucleotides; 0: any.")] = 0,
    beam: Annotated[
        int,
        typer.Option(min=0, help="Beam search, a heuristic: what is kept at each nucleotide; 100 is common; 0: exact."),
    ] = 0,
    temperature: Annotated[float, typer.Option(help="Degrees Celsius.")] = 37.0,
    dangles: Annotated[
        int, typer.Option(help="2: unpaired neighbours of a stem count in multiloops and outside; 0: they do not.")
    ] = 2,
    constraint: Annotated[
        str | None, typer.Option(help="File of symbols . | x < > ( ), one a nucleotide: what must and must not pair.")
    ] = None,
    shape: Annotated[str | None, typer.Option(help="File of positions and SHAPE reactivities.")] = None,
    parameters: Annotated[Path | None, typer.Option(help="Parameter file, if not Turner 2004.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Cores to work on.")] = 2,
    evaluate: Annotated[
        bool, typer.Option("--eval", help="Do not fold: the energy, loop by loop, of the structures in the file.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for one file a record and format.")] = None,
    formats: Annotated[str, typer.Option("--format", help="With --out: any of dbn, ct, bpseq, json.")] = "dbn",
) -> None:
    """The structure of least free energy of RNA: exact, up to whole viral genomes; beyond, with --beam, a heuristic."""
    from bianque.services import folding

    request = folding.FoldRequest(
        span=span,
        beam=beam,
        temperature=temperature,
        dangles=dangles,
        parameters=folding.read_parameters(parameters) if parameters else None,
        constraints=folding.read_constraints(constraint) if constraint else None,
        shape=folding.read_shape(shape) if shape else None,
        threads=threads,
    )
    failed = _evaluate(file, request) if evaluate else _fold(file, request, out, formats.split(","))
    if failed:
        raise typer.Exit(BadInput.exit_code)


def _fold(file: str, request: FoldRequest, out: Path | None, formats: list[str]) -> int:
    from bianque.services import folding
    from bianque.services.structure_files import FORMATS, write_structure

    if unknown := set(formats) - set(FORMATS):
        raise BadInput(f"--format {', '.join(sorted(unknown))} is not known", remedy=f"use any of {', '.join(FORMATS)}")
    if out:
        out.mkdir(parents=True, exist_ok=True)
    failed, taken = 0, set[str]()
    for outcome in folding.fold_file(file, request, _bar()):
        if outcome.error or not outcome.fold:
            failed += 1
            typer.echo(f"error: {outcome.error.diagnostics() if outcome.error else ''}", err=True)
            continue
        made, name = outcome.fold, outcome.record.name
        share = 2 * len(made.pairs) / len(made.sequence)
        typer.echo(
            f"{name}: {len(made.sequence)} nt, {made.energy:.2f} kcal/mol"
            + (f" (probing {made.probing:+.2f})" if made.probing else "")
            + f", {share:.0%} paired; {made.method}; {outcome.seconds:.2f} s",
            err=out is None,
        )
        if out is None:
            typer.echo(FORMATS["dbn"](name, made), nl=False)
            continue
        write_structure(out, name, made, formats, taken)
    return failed


def _bar() -> Callable[[float], bool] | None:
    """A progress bar on a terminal; elsewhere only what lets Ctrl-C through."""
    shown = sys.stderr.isatty()

    def report(share: float) -> bool:
        if shown:
            filled = int(40 * share)
            end = "\r" if share < 1 else "\n"
            sys.stderr.write(f"[{'#' * filled}{'.' * (40 - filled)}] {share:4.0%}{end}")
            sys.stderr.flush()
        return True

    return report


def _evaluate(file: str, request: FoldRequest) -> int:
    from bianque.services import folding

    failed = 0
    for record, energy, loops, error in folding.evaluate_file(file, request):
        if error:
            failed += 1
            typer.echo(f"error: {error.diagnostics()}", err=True)
            continue
        typer.echo(f"{record.name}: {energy:.2f} kcal/mol")
        for loop in loops:
            typer.echo(f"    {_line(loop, record.sequence)}")
    return failed


def _line(loop: Loop, sequence: str) -> str:
    def pair(ends: tuple[int, int]) -> str:
        return f"({ends[0] + 1},{ends[1] + 1}) {sequence[ends[0]]}{sequence[ends[1]]}"

    where = "; ".join(pair(ends) for ends in (loop.closing, loop.inner) if ends)
    return f"{loop.kind:<9} {where:<28} {loop.energy:8.2f}"
