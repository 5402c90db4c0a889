"""The door of a register: found where one is open, opened where none is, and being it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bianque.model.errors import BadRegister
from bianque.registry import register as registers
from bianque.registry.directory import StoredDirectory
from bianque.safeguard import door_process
from bianque.safeguard.door import Door
from bianque.services import release_ends

PATIENCE_SECONDS = 20.0  # for a door to open: it reads its key, and nothing of the directory yet
PAUSE_SECONDS = 0.02
ENDS_WITHIN_SECONDS = 2.0


@contextmanager
def at_door(folder: Path) -> Iterator[Door]:
    """A conversation with the door of the register in a folder. Where none is open, one is, for as long as the block.

    raises  BadRegister  when the door does not open: the reason is what its process said
    """
    child: subprocess.Popen[bytes] | None = None
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                door = Door(folder)
                break
            except (FileNotFoundError, ConnectionError, BadRegister):
                if child is None:
                    child = _open(folder)
                elif child.poll() is not None and (said := _said(child)):
                    if "another process is the door" not in said:
                        raise BadRegister(f"the door did not open: {said}") from None
                    child = None  # another client was faster; its door opens in a moment, or has closed again
                if time.monotonic() > until:
                    raise BadRegister(
                        f"{folder}: the door did not open in {PATIENCE_SECONDS:.0f} seconds",
                        remedy=f"run `bianque door {folder}` and see what it says",
                    ) from None
                time.sleep(PAUSE_SECONDS)
        with door:
            yield door
    finally:
        if child is not None:
            _close(child)


def be_door(folder: Path, at: dt.datetime, parent: BinaryIO | None = None) -> Iterator[int]:
    """Be the door of the register in a folder: says its process id once it is open, then goes on until it is ended.

    What was opened for hours that are over is erased first: nobody may have come by since.

    parent  a pipe whose end ends the door
    raises  BadRegister  when there is no register, its door is open already, or door.key is missing or does not fit
    """
    register = registers.open_register(folder)
    try:
        release_ends.end_everywhere(register, at)
        yield from door_process.serve(folder, StoredDirectory(register), parent)
    finally:
        register.close()


def _open(folder: Path) -> subprocess.Popen[bytes]:
    """A door that ends with this process: the pipe to it ends, however we end."""
    command = [sys.executable, "-c", "from bianque.cli import main; main()", "door", str(folder), "--attended"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _said(child: subprocess.Popen[bytes]) -> str:
    assert child.stderr is not None
    return child.stderr.read().decode(errors="replace").strip().removeprefix("error: ")


def _close(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    assert child.stderr is not None
    child.stdin.close()
    try:
        child.wait(ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:  # others stand at it: it ends when they leave, and we do not wait for them
        threading.Thread(target=child.wait, daemon=True).start()
    child.stderr.close()
