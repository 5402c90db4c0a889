"""Run tests with kernels built under sanitizers: `python scripts/sanitize.py BUILD address,undefined TEST …`.

The sanitizers' libraries must be there before Python is, and the build's module stands in for the installed one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

START = """
import importlib.machinery, importlib.util, sys
import bianque
spec = importlib.util.spec_from_file_location("bianque._kernels", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["bianque._kernels"] = bianque._kernels = module
spec.loader.exec_module(module)
import pytest
sys.exit(pytest.main(sys.argv[2:]))
"""


LIBRARIES = {"address": "libasan.so", "undefined": "libubsan.so", "thread": "libtsan.so"}


def main(build: str, sanitizers: str, *tests: str) -> int:
    (module,) = Path(build).glob("_kernels*.so")
    libraries = [
        subprocess.run(["c++", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()
        for name in (*(LIBRARIES[one] for one in sanitizers.split(",")), "libstdc++.so")
    ]
    # Python itself, and what it loads, keep memory until they end; and NumPy's own threads are not what is looked at.
    environment = os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0",
        # The deadlock detector gives up on Python's many locks.
        "TSAN_OPTIONS": "halt_on_error=1 detect_deadlocks=0",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, "-c", START, str(module), "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
