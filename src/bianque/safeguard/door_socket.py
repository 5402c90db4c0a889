"""Where the door is found: a socket in the register's folder, however long the folder's path is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET = "door.socket"
LOCK = "door.lock"
MOST = 100  # bytes of an address: sun_path has 108 on Linux, 104 on BSD and macOS


@contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """The address of the socket. A longer path than the system takes is reached through the opened folder (Linux)."""
    plain = str(folder / SOCKET)
    if len(os.fsencode(plain)) <= MOST:
        yield plain
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{SOCKET}"
    finally:
        os.close(opened)
