"""The reference part of the documentation, written from the code: `python scripts/reference.py docs/reference`.

Nothing under docs/reference is written by hand. A contract test fails when it differs from what this writes.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from types import ModuleType
from typing import Any

import reference_asvs
import reference_files
import reference_http
from reference_markdown import NOTE, cell, first_sentence, table
from reference_models import emergency_page, situation_page, terms_page
from typer.main import get_command

from bianque.cli import DEFECT, UNREAD, VERBS, app
from bianque.model import errors
from bianque.model.emergency import Terms
from bianque.model.emergency_file import EmergencyFile
from bianque.model.situation import Situation

INDEX = f"""{NOTE}
# Reference

What there is, exactly. Every page here is written from the code by `make docs`, and a test fails when one is out of
date.
"""
COMMAND_LINE = f"""{NOTE}
# Command line

`bianque VERB …`. `bianque --help` and `bianque VERB --help` say the same as this page; `bianque --version` prints the
version. What a verb returns is in [errors and exit codes](errors.md).
"""
ERRORS = f"""{NOTE}
# Errors and exit codes

Every error that is raised on purpose is a `BianqueError`. On the command line it is printed to standard error in up to
three parts: what was wrong and where, `kept:` what was kept, `what to do:` what to change.
"""
PREDICT = f"""{NOTE}
# The functions of bianque.predict

Pure functions on arrays: no files, no clock, no global random state. Time is the first axis; NaN is unknown, never
zero. How they are used is explained in [how a picture is made](../explanation/how-a-picture-is-made.md).
"""
TREAT = f"""{NOTE}
# The functions of bianque.treat

Pure functions: no files, no clock. Positions count from 0, energies are in kcal/mol. What the fold computes, and what
it does not, is explained in [RNA folding](../explanation/rna-folding.md).
"""
RNA = tuple(
    f"rna.{name}"
    for name in (
        "folding",
        "partition",
        "suboptimal",
        "memory",
        "energy",
        "parameters",
        "restraints",
        "sequence",
        "structure",
        "fasta",
        "drawing",
        "picture",
        "drawing_arcs",
        "drawing_circle",
        "drawing_mountain",
    )
)
STAGE = ("series", "growth", "reproduction", "detect", "changepoint", "forecast", "importation", "score")


def pages() -> dict[str, str]:
    """Name → text of every file of the reference."""
    made = {
        "asvs.md": reference_asvs.page(),
        "authority-toml.md": terms_page(Terms.model_json_schema()),
        "command-line.md": command_line_page(),
        "emergency-toml.md": emergency_page(EmergencyFile.model_json_schema()),
        "errors.md": errors_page(),
        "feed-kinds.md": reference_files.feed_kinds_page(),
        "http.md": reference_http.page(),
        "predict.md": stage_page(PREDICT, "predict", STAGE),
        "results.md": reference_files.results_page(),
        "treat.md": stage_page(TREAT, "treat", RNA),
        "situation-json.md": situation_page(situation_schema()),
        "situation.schema.json": json.dumps(situation_schema(), ensure_ascii=False, indent=2) + "\n",
    }
    return {"README.md": index_page(made), **made}


def situation_schema() -> dict[str, Any]:
    """The JSON Schema of situation.json, in the dialect the generator speaks."""
    schema = Situation.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_untitled(schema)}


def _untitled(schema: Any) -> Any:
    """Without the titles pydantic derives from field names, which say nothing new."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _untitled(part) for name, part in value.items()}
        if key in ("properties", "$defs")
        else _untitled(value)
        for key, value in schema.items()
        if key != "title" or schema.get("type") == "object"
    }


def index_page(made: dict[str, str]) -> str:
    titles = {name: text.split("# ", 1)[1].splitlines()[0] for name, text in made.items() if name.endswith(".md")}
    lines = [f"- [{title}]({name})" for name, title in sorted(titles.items())]
    return "\n".join([INDEX, *lines, "- [JSON Schema of situation.json](situation.schema.json)", ""])


def command_line_page() -> str:
    parts = [COMMAND_LINE]
    group: Any = get_command(app)
    for verb in sorted(VERBS):
        for name, one in _commands(verb, group.get_command(None, verb)):
            parts += _command(name, one)
    return "\n".join(parts)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command, or those below it, with all the words that call it."""
    below = getattr(command, "commands", None)
    if not below:
        yield name, command
    for word in sorted(below or {}):
        yield from _commands(f"{name} {word}", below[word])


def _command(name: str, command: Any) -> list[str]:
    shown = [p for p in command.params if p.name not in ("install_completion", "show_completion", "help")]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    usage = " ".join([f"bianque {name}", *(p.name.upper() for p in arguments)])
    needed = [f"{p.opts[0]} {p.name.upper()}" for p in shown if p.required and p not in arguments]
    rows = [
        [
            f"`{p.name.upper()}`" if p in arguments else " / ".join(f"`{o}`" for o in (*p.opts, *p.secondary_opts)),
            _type(p),
            _default(p),
            p.help or "",
        ]
        for p in shown
    ]
    lines = [f"## bianque {name}", "", command.help or "", "", "```text", " ".join([usage, *needed]), "```", ""]
    return [*lines, *table(["", "type", "default", "meaning"], rows), ""] if rows else lines


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    if parameter.default in (None, ""):
        return ""
    return "off" if parameter.default is False else f"`{parameter.default}`"


def _type(parameter: Any) -> str:
    descriptor = parameter.type_descriptor
    names = {
        Path: "path",
        list[str]: "text, may be given again",
        list[Path]: "path, may be given again",
        str: "text",
        int: "whole number",
        float: "number",
        bool: "flag",
    }
    if isinstance(descriptor.annotation, EnumType):
        return ", ".join(f"`{value}`" for value in descriptor.annotation)
    kind, least, most = names[descriptor.annotation], parameter.min, parameter.max
    if least is None and most is None:
        return kind
    if least is None or most is None:
        return f"{kind}, at most {most}" if least is None else f"{kind}, at least {least}"
    return f"{kind}, {least} to {most}"


def errors_page() -> str:
    tree = (errors.__doc__ or "").split("\n\n", 1)[1].rstrip()
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.BianqueError)]
    rows = [[f"`{c.__name__}`", str(c.exit_code), cell(first_sentence(c.__doc__))] for c in classes]
    codes = {
        0: "done",
        errors.BianqueError.exit_code: "bad input, a file that is not there, or a command line that cannot be read",
        errors.PolicyRefusal.exit_code: "refused by policy",
        DEFECT: "a defect in Bianque: the traceback is printed; please report it",
        UNREAD: "the reader of the output went away before the end, as `| head -1` does",
    }
    return "\n".join(
        [
            ERRORS,
            *table(["exit code", "meaning"], [[str(code), text] for code, text in sorted(codes.items())]),
            "",
            "```text",
            tree,
            "```",
            "",
            *table(["error", "exit code", "raised when"], rows),
            "",
        ]
    )


def stage_page(heading: str, stage: str, modules: tuple[str, ...]) -> str:
    parts = [heading]
    for name in modules:
        module = importlib.import_module(f"bianque.{stage}.{name}")
        parts += [f"## bianque.{stage}.{name}", "", " ".join((module.__doc__ or "").split()), ""]
        for item in _public(module):
            text = "\n\n".join([_signature(item), inspect.getdoc(item) or ""])
            parts += [f"### {item.__name__}", "", "```text", text, "```", ""]
    return "\n".join(parts)


def _public(module: ModuleType) -> list[Any]:
    """Public functions and dataclasses in the order of the module."""
    own = [
        v for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", "") == module.__name__
    ]
    return [v for v in own if inspect.isfunction(v) or inspect.isclass(v)]


def _signature(item: Any) -> str:
    """A function with its types, or the fields of a class."""
    if inspect.isclass(item):
        members: dict[str, Any] = getattr(item, "__members__", {})
        if dataclasses.is_dataclass(item):
            fields = [f"    {field.name}: {field.type}" for field in dataclasses.fields(item)]
        else:
            fields = [f"    {name} = {member.value!r}" for name, member in members.items()]
        return "\n".join([f"class {item.__name__}", *fields])
    signature = inspect.signature(item)
    parts: list[str] = []
    starred = False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            starred = True
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        default = "" if parameter.default is inspect.Parameter.empty else f" = {parameter.default!r}"
        star = "*" if parameter.kind is inspect.Parameter.VAR_POSITIONAL else ""
        parts.append(f"{star}{parameter.name}: {parameter.annotation}{default}")
    one_line = f"{item.__name__}({', '.join(parts)}) -> {signature.return_annotation}"
    if len(one_line) <= 100:
        return one_line
    return "\n".join([f"{item.__name__}(", *(f"    {part}," for part in parts), f") -> {signature.return_annotation}"])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for stale in {path.name for path in folder.iterdir()} - set(made):
        (folder / stale).unlink()
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
