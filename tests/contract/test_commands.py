"""The commands of the READMEs, the tutorial and the how-to guides are run as they stand there."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED

from .documents import TIMEOUT_SECONDS, Block, blocks, environment, run, says, with_commands, workplace

WORKERS = 2  # most of a command's time is starting Python; the pages do not share files


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[Path, Future[None]]]:
    """Every page that was asked for being run, in a folder of its own."""
    asked = [page for page in with_commands() if any(f"[{page.name}]" in item.name for item in request.session.items)]
    env = environment()
    with ThreadPoolExecutor(WORKERS) as pool:
        yield {page: pool.submit(run_page, page, tmp_path_factory.mktemp("page"), env) for page in asked}


@pytest.mark.slow
@pytest.mark.parametrize("page", with_commands(), ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_the_page_says(page: Path, runs: dict[Path, Future[None]]) -> None:
    runs[page].result()


def run_page(page: Path, folder: Path, env: dict[str, str]) -> None:
    found = list(blocks(page))
    assert found, f"{page.name} has no command"
    if page.name == "README.zh-CN.md" and found_in(page) == found_in(ROOT / "README.md"):
        return  # the same commands as in README.md, which are run there
    work = workplace(folder)
    for block in found:
        if block.commands[0].startswith("make "):
            assert_targets(block)
        elif block.commands[0].startswith("bianque serve"):
            assert_serves(block, work, env)
        elif not block.own_files or (SHARED / "data").is_dir():
            printed = run(block, work, env)
            if block.output is not None:
                assert says(block.output, printed), f"{block.where} says\n{block.output}\nbut it printed\n{printed}"


def found_in(page: Path) -> list[tuple[str, str | None]]:
    return [(block.script, block.output) for block in blocks(page)]


def assert_targets(block: Block) -> None:
    """Every target is one of the Makefile."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for command in block.commands:
        make, target, *_ = shlex.split(command, comments=True)
        assert make == "make", f"{block.where}: `{command}` stands in a block of make commands"
        assert target in targets, f"{block.where}: the Makefile has no target {target}"


def assert_serves(block: Block, work: Path, env: dict[str, str]) -> None:
    """`bianque serve` starts, answers and can be stopped."""
    assert len(block.commands) == 1, f"{block.where}: serve does not come back, so it stands alone"
    port = free_port()
    command = shlex.split(block.commands[0], comments=True)
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=work, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            page = answer(f"http://127.0.0.1:{port}/?lang=en", server)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGTERM)
    assert '<html lang="en"' in page, f"{block.where}: {page[:300]}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, server: subprocess.Popen[str]) -> str:
    """The first answer of a server that is starting."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, (
            f"the server ended with {server.returncode}: {server.stdout and server.stdout.read()}"
        )
        try:
            with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
                return str(response.read().decode("utf-8"))
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")
