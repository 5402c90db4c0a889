"""How the door is spoken to: frames of a short JSON head and columns of bytes, each with its length before it.

Nothing on this wire is executed or unpickled; a frame that does not add up ends the conversation.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

from bianque.model.errors import BadInput, BadRegister
from bianque.model.identifiers import LONGEST_ACCOUNT

Head = dict[str, Any]

LENGTHS = struct.Struct(">II")  # of the head, of everything after it
MOST_HEAD = 4 << 20  # bytes: 100,000 targets of one request
BATCH = 20_000  # identifiers in one question: what comes back is on the disk
MOST_ASKED = 2 * BATCH * 4 * LONGEST_ACCOUNT  # bytes after the head: two columns of accounts, UTF-8 of four bytes
MOST_ANSWERED = 256 << 20  # of an answer: eight million aliases
PIECE = 1 << 20  # bytes read at a time: a length that was only said takes no memory
ENDS = b"\0"  # between the values of a column; no identifier has it


class Ended(ConnectionError):
    """The other side has gone."""


def send(to: socket.socket, head: Head, columns: Sequence[bytes] = ()) -> None:
    """One frame."""
    said = json.dumps({**head, "columns": [len(column) for column in columns]}, separators=(",", ":")).encode()
    body = b"".join(columns)
    to.sendall(b"".join((LENGTHS.pack(len(said), len(body)), said, body)))


def receive(of: socket.socket, most: int = MOST_ANSWERED) -> tuple[Head, list[bytes]]:
    """One frame, of so many bytes after its head at most.

    raises  Ended      when the other side has closed
            BadInput   when the frame is too long, its head is none, or its lengths do not add up
    """
    head_length, body_length = LENGTHS.unpack(_exactly(of, LENGTHS.size))
    if head_length > MOST_HEAD or body_length > most:
        raise BadInput(f"a frame of {head_length} and {body_length} bytes is longer than the door takes")
    head, lengths = _head(_exactly(of, head_length))
    if sum(lengths) != body_length:
        raise BadInput("a frame's columns do not add up to its length")
    body, columns, start = _exactly(of, body_length), [], 0
    for length in lengths:
        columns.append(body[start : start + length])
        start += length
    return head, columns


def _head(said: bytes) -> tuple[Head, list[int]]:
    """The head of a frame, and the length of each of its columns."""
    try:
        head = json.loads(said)
        lengths = head.pop("columns")
        if not all(type(length) is int and length >= 0 for length in lengths):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("a frame's head is none that the door knows") from None  # the cause would repeat the head
    return head, lengths


def _exactly(of: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        read = of.recv(min(PIECE, length - len(parts)))
        if not read:
            raise Ended("the door's conversation has ended")
        parts += read
    return bytes(parts)


def column(values: Sequence[str]) -> bytes:
    """Values as one column. An empty value says that a row has none."""
    return ENDS.join([value.encode() for value in values])


def values(of: bytes, count: int) -> list[bytes]:
    """The values of a column.

    raises  BadInput  when there are more or fewer than the head says
    """
    found = of.split(ENDS) if count else []
    if len(found) != count:
        raise BadInput(f"a column holds {len(found)} values where another number was said; none was taken")
    return found


def failure(error: BadInput | BadRegister) -> Head:
    """An error as a head."""
    kind = "register" if isinstance(error, BadRegister) else "input"
    return {"error": kind, "what": error.what, "kept": error.kept, "remedy": error.remedy}


def raise_failure(head: Head) -> None:
    """The error that a head says, if it says one."""
    if kind := head.get("error"):
        cause = BadRegister if kind == "register" else BadInput
        raise cause(head["what"], kept=head["kept"], remedy=head["remedy"])
