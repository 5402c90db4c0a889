"""bianque safeguard explain | bases | sheets | purposes | principles"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bianque.model.authority import PURPOSE_OF_USE, Purpose
from bianque.model.errors import BadInput
from bianque.model.organisation import HolderKind

if TYPE_CHECKING:
    import datetime as dt

    from bianque.model.emergency import Emergency
    from bianque.model.text import Text

NOT_ADVICE = "Configuration, not legal advice."
app = typer.Typer(no_args_is_help=True, add_completion=False)
Chinese = Annotated[bool, typer.Option("--zh", help="In Chinese.")]


@app.command()
def explain(
    table: Annotated[str, typer.Argument(help="A table of the register or the lake, such as person.")],
    emergency: Annotated[
        str,
        typer.Option(
            "--emergency", help="TOML file of an emergency's terms, taken as open; or the id of one of the register."
        ),
    ] = "",
    register: Annotated[
        Path | None,
        typer.Option("--register", envvar="BIANQUE_REGISTER", help="Folder of the register, for the id of one of its."),
    ] = None,
    region: Annotated[str, typer.Option("--region", help="Code of the persons' region.")] = "",
    controller: Annotated[HolderKind | None, typer.Option("--controller", help="Kind of body that holds it.")] = None,
    purpose: Annotated[Purpose | None, typer.Option("--purpose", help="What it is used for.")] = None,
    context: Annotated[
        list[str] | None, typer.Option("--context", help="What else is known, such as health, under_14, worship.")
    ] = None,
    zh: Chinese = False,
) -> None:
    """Each field of a table: its class, what the context makes of it, and the rule that raised it."""
    from bianque.model.fields import registered
    from bianque.safeguard.classify import raisings
    from bianque.services.explain import explained

    under, at = _emergency(emergency, register) if emergency else (None, None)
    found = explained(table, under, at=at, region=region, controller=controller, purpose=purpose, known=context or ())
    width = max(map(len, found))
    for name, now in found.items():
        field = registered()[name]
        special = " art9" if now.art_9 else ""
        typer.echo(f"{name:{width}}  {field.category:17} {field.gb!s:9} -> {now.gb}{special}")
        for rule in now.rules:
            typer.echo(f"{'':{width}}  raised by {rule}: {_said(raisings()[rule].why, zh)}")


@app.command()
def bases(zh: Chinese = False) -> None:
    """Every legal basis: article, what it permits, which purposes it carries, where its text stands."""
    from bianque.safeguard.bases import bases as listed

    for key, basis in listed().items():
        typer.echo(f"{key}  ({basis.rank} law, version of {basis.version})")
        typer.echo(f"  {_said(basis.law, zh)}, art. {basis.article}")
        typer.echo(f"  {_said(basis.permits, zh)}")
        typer.echo(f"  carries: {', '.join(basis.carries)}")
        typer.echo(f"  text: {basis.published}")
    typer.echo(NOT_ADVICE)


@app.command()
def sheets(
    kind: Annotated[HolderKind | None, typer.Argument(help="A kind of holder; without one, all.")] = None,
    zh: Chinese = False,
) -> None:
    """The data sheets: what each kind of holder may provide or collect, for which purpose, on which basis, how long."""
    from bianque.safeguard.sheets import sheets as listed

    for sheet in [listed()[kind]] if kind else listed().values():
        typer.echo(f"{sheet.kind}: {_said(sheet.name, zh)}  (version of {sheet.version})")
        typer.echo(f"  {'collects anew' if sheet.anew else 'changes the purpose of what it holds'}")
        for text in (sheet.holds, sheet.limits, sheet.follows):
            typer.echo(f"  {_said(text, zh)}")
        typer.echo(f"  fields: {', '.join(sheet.fields)}")
        typer.echo(f"  purposes: {', '.join(sheet.purposes)}")
        typer.echo(f"  bases: {', '.join(sheet.bases)}")
        typer.echo(f"  kept: {sheet.days} days after the close")
        typer.echo(f"  source: {sheet.source}")
    typer.echo(NOT_ADVICE)


@app.command()
def purposes() -> None:
    """The closed list of purposes, with the code of HL7 PurposeOfUse where one fits."""
    for purpose in Purpose:
        typer.echo(f"{purpose:22} {PURPOSE_OF_USE[purpose] or '(no code fits)'}")


@app.command()
def principles(zh: Chinese = False) -> None:
    """The seven principles of GDPR art. 5, and what keeps each of them."""
    from bianque.safeguard.principles import principles as listed

    for principle in listed().values():
        typer.echo(f"{principle.article}  {_said(principle.name, zh)}")
        typer.echo(f"  {_said(principle.kept, zh)}")
        typer.echo(f"  {', '.join(principle.by)}")


@app.command()
def rules(
    rule: Annotated[str, typer.Argument(help="Id of a rule; without one, all.")] = "", zh: Chinese = False
) -> None:
    """The sentence of a rule that a decision names."""
    from bianque.services import gate

    told = gate.rules()
    if rule and rule not in told:
        raise BadInput(f"there is no rule {rule}", remedy="`bianque safeguard rules` lists them")
    for key, why in told.items():
        if rule in ("", key):
            typer.echo(f"{key}: {_said(why, zh)}")


def _emergency(named: str, register: Path | None) -> tuple[Emergency, dt.datetime | None]:
    """An emergency by its file, or by its id in a register, and the moment for which it is open or not."""
    from bianque.services.explain import emergency_in_file, emergency_in_register

    if Path(named).is_file():
        return emergency_in_file(Path(named)), None
    if register is None:
        raise BadInput(
            f"there is no file {named}, and no register in which an emergency could have this id",
            remedy="give a file of terms, or the register with --register FOLDER",
        )

    from bianque.cli import session

    opened = session.opened(register)
    authority = session.authority(opened)
    return emergency_in_register(opened, authority, named), authority.at


def _said(text: Text, zh: bool) -> str:
    return text.zh if zh else text.en
