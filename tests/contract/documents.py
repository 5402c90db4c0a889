"""The documentation as the contract tests see it: files, fenced blocks, links, and a place to run commands in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, SHARED

FENCE = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN_FILES = "needs=your-own-files"  # after ```sh: runs only where the real data is
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of commands: where it stands, what to run, and what it is said to print."""

    where: str
    script: str
    output: str | None
    own_files: bool

    @property
    def commands(self) -> list[str]:
        return [line for line in self.script.splitlines() if line and not line.startswith((" ", "#"))]


def markdown() -> list[Path]:
    """Every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])


def with_commands() -> list[Path]:
    """The pages whose commands are run."""
    found = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    return found + sorted([*(ROOT / "docs" / "tutorials").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")])


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of commands of a page, in order. In a console block a line after `$ ` is a command."""
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        language, rest, body = match.groups()
        where = f"{page.relative_to(ROOT)}, line {text[: match.start()].count(chr(10)) + 1}"
        own = OWN_FILES in (rest or "")
        if language == "sh":
            yield Block(where, body, None, own)
        elif language == "console":
            lines = body.splitlines()
            commands = [line[2:] for line in lines if line.startswith("$ ")]
            printed = [line for line in lines if not line.startswith("$ ")]
            yield Block(where, "\n".join(commands), "\n".join(printed), own)


def workplace(folder: Path) -> Path:
    """A folder that looks like a fresh copy of the repository to the commands of the documentation."""
    work = folder / "main"
    work.mkdir()
    shutil.copytree(ROOT / "examples", work / "examples")
    if (SHARED / "data").is_dir():
        (folder / "shared").symlink_to(SHARED.resolve(), target_is_directory=True)
    return work


def environment() -> dict[str, str]:
    """The environment of the commands: the installed `bianque` first, its byte code kept as anywhere."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8"}


def run(block: Block, work: Path, env: dict[str, str]) -> str:
    """Run a block in bash; what it printed, standard error with it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.script],
        cwd=work,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    assert done.returncode == 0, f"{block.where}: exit code {done.returncode}\n{block.script}\n{done.stdout}"
    return done.stdout


def says(output: str, printed: str) -> bool:
    """Whether a command printed what a page says it prints; … stands for anything, and space at the end for nothing."""
    first, *others = output.strip().split("…")
    rest = printed.strip()
    if not others:
        return rest == first
    if not rest.startswith(first):
        return False
    rest = rest[len(first) :]
    for part in others[:-1]:
        _, found, rest = rest.partition(part) if part else ("", "…", rest)
        if not found:
            return False
    return rest.endswith(others[-1])
