"""Files that only their owner may read: written whole or not at all, and gone when they are to be gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PART = ".part"  # how the name of a file ends that is still being written
BLOCK = 1 << 20  # bytes overwritten at a time


@contextmanager
def new(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into. It has its name, in place of one that had it, once all of it is on the disk.

    Whatever goes wrong, no part of it is left; a process that is killed leaves NAME.part, which the next one replaces.
    """
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    settle(path.parent)


def overwrite(path: Path) -> None:
    """Overwrite a file with zeros, on the disk, then take away its name.

    Where the file system writes elsewhere (copy on write, flash) the old blocks may live on; what was encrypted stays
    encrypted there.
    """
    with path.open("r+b") as file:
        zero(file)
    path.unlink()
    settle(path.parent)


def zero(file: IO[bytes]) -> None:
    """Overwrite an open file with zeros, on the disk."""
    left = os.fstat(file.fileno()).st_size
    while left > 0:
        left -= file.write(bytes(min(left, BLOCK)))
    file.flush()
    os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """Make durable what was named, renamed or removed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
