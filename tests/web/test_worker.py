"""The worker that `bianque serve` starts: there while the server is, and no longer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bianque.model.authority import Role
from bianque.web import worker
from tests.readers import Staff

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found under /proc"),
]


def soon(found: Callable[[], object]) -> bool:
    ends = time.monotonic() + 15
    while not found():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(child) for child in listed if alive(int(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def server(exercise_lake: Path, staff: Staff, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [str(Path(sys.executable).with_name("bianque")), "serve", "--lake", str(exercise_lake)]
    command += ["--register", str(staff.folder)]
    command += ["--jobs", str(tmp_path / "jobs"), "--port", "0"]
    (tmp_path / "huey.py").write_text("raise SystemExit('not the installed module')")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip().rpartition(" ")[2]
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_worker_ends_with_the_server_however_that_ends(
    server: tuple[subprocess.Popen[str], str], how: signal.Signals
) -> None:
    process, _ = server
    assert soon(lambda: children(process.pid))
    (worker,) = children(process.pid)
    process.send_signal(how)
    process.wait(20)
    assert soon(lambda: not alive(worker))


def test_a_worker_that_dies_is_started_again_and_does_what_is_asked(
    server: tuple[subprocess.Popen[str], str], staff: Staff
) -> None:
    process, url = server
    assert soon(lambda: children(process.pid))
    (worker,) = children(process.pid)
    os.kill(worker, signal.SIGKILL)
    assert soon(lambda: set(children(process.pid)) - {worker})
    reader = staff.log_in(Role.LABORATORY)
    with httpx.Client(base_url=url, timeout=20, cookies=reader.cookies) as client:
        path = client.post("/fold", data={"sequence": "GGGGAAAACCCC"} | reader.form).headers["location"]
        assert soon(lambda: client.get(f"{path}.json").json()["status"] == "done")


def test_a_worker_that_cannot_be_started_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = sys.executable

    async def started() -> bool:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
        async with worker.at_work(tmp_path / "jobs"):
            await asyncio.sleep(0.2)
            monkeypatch.setattr(sys, "executable", python)
            return await asyncio.to_thread(soon, (tmp_path / "jobs" / "worker.lock").exists)

    assert asyncio.run(started())
