"""`bianque` as a person types it: words in, exit code and text out."""

from __future__ import annotations

import datetime as dt
import io
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bianque.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BULLETINS = EXAMPLES / "china-2020-bulletins"


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def bianque(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command line. A word is split like in a shell; a path is one argument; `typed` answers what is asked."""

    def run(*words: str | Path, typed: str = "") -> Ran:
        arguments = [a for word in words for a in ([str(word)] if isinstance(word, Path) else shlex.split(word))]
        monkeypatch.setattr(sys, "argv", ["bianque", *arguments])
        if typed:
            monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err, said.err
        return Ran(code if isinstance(code, int) else 0 if code is None else 1, said.out, said.err)

    return run


@pytest.fixture
def out(bianque: Run, tmp_path: Path) -> Path:
    """The results of the example that ships with its facts, with its lake."""
    folder = tmp_path / "out"
    assert bianque("assess", BULLETINS, "--out", folder).code == 0
    return folder


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """An example folder of one's own, with a copy of the national curve as a file beside it."""
    folder = tmp_path / "mine"
    folder.mkdir()
    toml = (BULLETINS / "emergency.toml").read_text("utf-8").replace('"bulletins:china-2020"', '"curve.csv"')
    (folder / "emergency.toml").write_text(toml, "utf-8")
    days = [dt.date(2020, 1, 20) + dt.timedelta(days=n) for n in range(23)]
    rows = [f"{day},{300 * 2 ** (n / 3):.0f},{6 + n}" for n, day in enumerate(days)]
    (folder / "curve.csv").write_text("\n".join(["date,confirmed,deaths", *rows, ""]), "utf-8")
    return folder


Typed = Callable[[str], str]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """The address of a database as a person types it: its password goes where libpq looks for it."""

    def as_typed(address: str) -> str:
        password = str(make_url(address).password)
        monkeypatch.setenv("PGPASSWORD", password)
        return address.replace(f":{password}@", "@")

    return as_typed
