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
    from bianque.treat.rna import Ensemble, Fold, Loop

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
    suboptimal: Annotated[
        float | None,
        typer.Option("--subopt", help="All structures within this many kcal/mol of the least energy, the best first."),
    ] = None,
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="Probability of each base pair, and of each nucleotide to be unpaired; centroid."),
    ] = False,
    mea: Annotated[bool, typer.Option("--mea", help="The structure of maximum expected accuracy.")] = False,
    accessibility: Annotated[
        int, typer.Option(min=0, max=64, help="Probability of each stretch of so many nucleotides to be unpaired.")
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for one file a record and format.")] = None,
    formats: Annotated[str, typer.Option("--format", help="With --out: any of dbn, ct, bpseq, json, svg.")] = "dbn",
) -> None:
    """The structure of least free energy of RNA: exact, up to whole viral genomes; beyond, with --beam, a heuristic."""
    from bianque.services import folding
    from bianque.services.structure_files import FORMATS

    if unknown := set(formats.split(",")) - set(FORMATS):
        raise BadInput(f"--format {', '.join(sorted(unknown))} is not known", remedy=f"use any of {', '.join(FORMATS)}")
    tables = _tables(pairs, mea, accessibility)
    modes = {
        "--eval": evaluate,
        "--subopt": suboptimal is not None,
        "--beam": beam > 0,
        "--pairs, --mea and --accessibility": bool(tables),
    }
    if len(asked := [name for name, wanted in modes.items() if wanted]) > 1:
        raise BadInput(f"{' and '.join(asked)} exclude each other", remedy="give one of them, or ask twice")
    if evaluate and (out or constraint or shape or formats != "dbn"):
        raise BadInput("--eval folds and writes nothing", remedy="leave --out, --format, --constraint and --shape out")
    if formats != "dbn" and (out is None or suboptimal is not None):
        remedy = "leave --format out: --subopt writes NAME.subopt.dbn" if out else "give --out DIR, where files go"
        raise BadInput(f"--format {formats} has nothing to write", remedy=remedy)
    request = folding.FoldRequest(
        span=span,
        beam=beam,
        temperature=temperature,
        dangles=dangles,
        parameters=folding.read_parameters(parameters) if parameters else None,
        constraints=folding.read_constraints(constraint) if constraint else None,
        shape=folding.read_shape(shape) if shape else None,
        threads=threads,
        suboptimal=suboptimal,
        ensemble=bool(tables),
        stretch=accessibility,
    )
    failed = _evaluate(file, request) if evaluate else _fold(file, request, out, formats.split(","), tables)
    if failed:
        raise typer.Exit(BadInput.exit_code)


def _tables(pairs: bool, mea: bool, accessibility: int) -> list[str]:
    """The tables of an ensemble that were asked for, by the end of their file's name."""
    asked = {"mea.dbn": mea, "centroid.dbn": pairs, "pairs.tsv": pairs, "unpaired.tsv": pairs}
    asked["accessibility.tsv"] = accessibility > 0
    return [table for table, wanted in asked.items() if wanted]


def _fold(file: str, request: FoldRequest, out: Path | None, formats: list[str], tables: list[str]) -> int:
    from bianque.services import folding, structure_files
    from bianque.services.ensemble_files import TABLES
    from bianque.services.structure_files import suboptimals_text, write_structure, write_suboptimals

    if out:
        out.mkdir(parents=True, exist_ok=True)
    failed, taken = 0, set[str]()
    for outcome in folding.fold_file(file, request, _bar()):
        if outcome.error or not outcome.fold:
            failed += 1
            typer.echo(f"error: {outcome.error.diagnostics() if outcome.error else ''}", err=True)
            continue
        made, name, ensemble = outcome.fold, outcome.record.name, outcome.ensemble
        typer.echo(_summary(name, made, ensemble, outcome.seconds), err=out is None)
        if out is None:
            dbn = structure_files.text("dbn", name, made)
            typer.echo(suboptimals_text(name, outcome.suboptimals) if outcome.suboptimals else dbn, nl=False)
            for table in tables:
                typer.echo(TABLES[table](name, ensemble) if ensemble else "", nl=False)
        elif outcome.suboptimals:
            write_suboptimals(out, name, outcome.suboptimals, taken)
        else:
            write_structure(out, name, made, formats, taken, ensemble=ensemble, tables=tables)
    return failed


def _summary(name: str, fold: Fold, ensemble: Ensemble | None, seconds: float) -> str:
    from bianque.services import numerals

    share = 2 * len(fold.pairs) / len(fold.sequence)
    said = f"{name}: {len(fold.sequence)} nt, {fold.energy:.2f} kcal/mol"
    said += f" (probing {fold.probing:+.2f})" if fold.probing else ""
    said += f", {share:.0%} paired; {fold.method}"
    if ensemble:
        part = numerals.share(ensemble.log_share(fold.energy + fold.probing))
        said += f"; ensemble {round(ensemble.energy, 2) + 0.0:.2f} kcal/mol, this structure {part} of it"
    return f"{said}; {seconds:.2f} s"


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
