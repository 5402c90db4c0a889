"""A process that works until it is killed, at some moment of its work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from tests.conftest import ROOT


def killed(*arguments: str, within: float, moments: random.Random) -> list[str]:
    """The lines that Python with these arguments had written when it was killed.

    within   seconds at most from its first line, which says that it has begun
    moments  what the moment is drawn from
    """
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(moments.uniform(0, within))
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().splitlines()
    return [line for line in said if line]
