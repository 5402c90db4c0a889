"""Files encrypted with age (age-encryption.org/v1): written whole or not at all, read in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import IO, Any

import pyrage
from pyrage import x25519

from bianque.model.errors import BadInput
from bianque.registry import private_files


def recipient(text: str) -> x25519.Recipient:
    """The public key `age1…` that a file is encrypted to.

    raises  BadInput  when the text is none
    """
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as cause:
        raise BadInput(
            f"{text!r} is no age recipient: {cause}",
            remedy="give the public key that `age-keygen` printed: it begins with age1",
        ) from cause


def identities(path: Path) -> list[x25519.Identity]:
    """The private keys in an identity file as `age-keygen` writes it: one a line, comments after #.

    raises  BadInput  when it cannot be read, or holds no key; the message never quotes a line of it
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except UnicodeDecodeError as cause:
        raise BadInput(f"{path}: this is no age identity file", remedy="give the file `age-keygen` wrote") from cause
    found = []
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            try:
                found.append(x25519.Identity.from_str(line))
            except pyrage.IdentityError:
                raise BadInput(
                    f"{path}, line {number}: this is no age identity", remedy="give the file `age-keygen` wrote"
                ) from None
    if not found:
        raise BadInput(f"{path}: there is no age identity in it", remedy="give the file `age-keygen` wrote")
    return found


class _Source:
    """What age reads from: chunks as a file. Keeps the error of whoever makes them, which age turns into text."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks, self.waiting = iter(chunks), b""
        self.error: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            while not self.waiting:
                self.waiting = next(self.chunks)
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def close(self) -> None:
        """Let go of what the chunks are made from, although not all of them were taken."""
        if isinstance(self.chunks, Generator):
            self.chunks.close()


class _Sink:
    """What age writes to. Keeps the error of whoever takes the bytes: age swallows that of its last chunk."""

    def __init__(self, take: Callable[[bytes], Any]) -> None:
        self.take = take
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            self.take(bytes(data))
        except BaseException as error:
            self.error = error
            raise
        return len(data)

    def flush(self) -> None:
        """age calls it; what is written is made durable by whoever owns the file."""


def write(path: Path, chunks: Iterable[bytes], recipients: list[x25519.Recipient]) -> None:
    """Encrypt chunks into a file, written whole or not at all; one of that name is replaced in one step.

    raises  OSError  when the disk is full or the folder is gone; whatever `chunks` raises
    """
    with private_files.new(path) as file:
        _encrypt(chunks, file, recipients)


def _encrypt(chunks: Iterable[bytes], file: IO[bytes], recipients: list[x25519.Recipient]) -> None:
    source, sink = _Source(chunks), _Sink(file.write)
    try:
        pyrage.encrypt_io(source, sink, recipients)
    except (pyrage.EncryptError, OSError):
        if error := source.error or sink.error:
            raise error from None
        raise
    finally:
        source.close()
    if sink.error:
        raise sink.error


def read(path: Path, keys: list[x25519.Identity], take: Callable[[bytes], Any]) -> None:
    """Decrypt a file piece by piece. What was taken counts only when this returns: the end is proved last.

    raises  BadInput  when none of the keys opens it, or it is cut off or changed; whatever `take` raises
    """
    sink = _Sink(take)
    with path.open("rb") as file:
        try:
            pyrage.decrypt_io(file, sink, keys)
        except (pyrage.DecryptError, OSError) as cause:
            if sink.error:
                raise sink.error from None
            if "No matching keys" in str(cause):
                raise BadInput(
                    f"{path}: the identity does not open this file",
                    kept="nothing was changed",
                    remedy="give the identity whose recipient the file was made for",
                ) from cause
            raise BadInput(
                f"{path}: the file is cut off, changed, or not encrypted with age",
                kept="nothing was changed",
                remedy="take another copy of it, or an older backup",
            ) from cause
    if sink.error:
        raise sink.error
