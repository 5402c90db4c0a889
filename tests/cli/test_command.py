"""The command as a whole: help, verbs, exit codes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bianque import __version__, cli
from bianque.cli import VERBS

from .conftest import Run

BIN = Path(sys.executable).with_name("bianque")


def test_help_names_every_verb_with_a_line_on_what_it_does(bianque: Run) -> None:
    said = bianque("--help")
    assert said.code == 0
    for verb, line in VERBS.items():
        assert verb in said.out
        assert line[:40] in said.out


@pytest.mark.parametrize(
    "words",
    [
        "assess",
        "doctor",
        "drill make",
        "example new",
        "fold",
        "ingest",
        "lake check",
        "lake undo",
        "lake receipts",
        "serve",
    ],
)
def test_every_verb_explains_itself(words: str, bianque: Run) -> None:
    said = bianque(f"{words} --help")
    assert said.code == 0
    assert f"bianque {words}" in said.out


def test_the_version_is_the_package_s(bianque: Run) -> None:
    assert bianque("--version").out == f"bianque {__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("asess x", "No such command 'asess'"),
        ("assess", "Missing argument"),
        ("assess x --as-off 2020-01-24", "No such option"),
        ("lake forget", "No such command 'forget'"),
        ("serve --lake x --port 99999", "--port"),
        ("drill make --seed seven --out x", "--seed"),
    ],
)
def test_a_typing_mistake_is_bad_usage_and_names_the_word(words: str, says: str, bianque: Run) -> None:
    said = bianque(words)
    assert (said.code, said.out) == (2, "")
    assert says in " ".join(said.err.split())


def test_a_defect_is_exit_code_1_and_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("a sum over nothing")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    assert "This is a defect in Bianque: a sum over nothing. Please report it" in capsys.readouterr().err


@pytest.mark.slow
def test_help_comes_at_once_and_loads_no_engine() -> None:
    """Half a second of CPU: what a person waits for help without noticing."""
    loaded = (
        "import sys; sys.argv = ['bianque', '--help']\nfrom bianque.cli import main\ntry: main()\nexcept SystemExit: "
    )
    code = loaded + "print([m for m in ('ibis', 'duckdb', 'pyarrow', 'scipy', 'fastapi') if m in sys.modules])"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert said.splitlines()[-1] == "[]"
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("word", ["doctor", "--help"])
def test_the_installed_command_ends_quietly_when_its_reader_does(word: str) -> None:
    """bianque … | head -1, where nobody reads on by the time the command writes: this is no defect."""
    read, write = os.pipe()
    os.close(read)
    said = subprocess.run([BIN, word], stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (said.returncode, said.stderr) == (128 + signal.SIGPIPE, "")
