"""What a piece of work costs: wall seconds, CPU seconds of it and its children, peak memory of a command."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Cost:
    """Seconds of wall clock, CPU seconds; `peak_mb` is known of a command of its own only."""

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float | None = None

    def __str__(self) -> str:
        memory = "" if self.peak_mb is None else f", {self.peak_mb:.0f} MB at its peak"
        return f"{_seconds(self.wall)} wall, {_seconds(self.cpu)} CPU{memory}"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of the lines inside, filled in at their end."""
    cost, wall, cpu = Cost(), time.perf_counter(), _cpu()
    yield cost
    cost.wall, cost.cpu = time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def bianque(*arguments: str | Path) -> Cost:
    """The cost of one run of the command as a user types it.

    raises  SystemExit  with the command's message when it fails
    """
    command = [str(Path(sys.executable).with_name("bianque")), *map(str, arguments)]
    wall = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)  # of this one child: RUSAGE_CHILDREN mixes all that ran before
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{said}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Cost(time.perf_counter() - wall, usage.ru_utime + usage.ru_stime, kilobytes * 1024 / 1e6)


def verdict(limit: str, holds: bool) -> None:
    """The last word of a script: what was asked for, and whether it holds."""
    print(f"limit: {limit}: {'holds' if holds else 'DOES NOT HOLD'}")
