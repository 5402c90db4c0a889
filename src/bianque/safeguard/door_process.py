"""The door's process: one for a register, behind a Unix socket in its folder, for processes of the same user alone."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bianque.model.errors import BadInput, BadRegister
from bianque.safeguard import door_key
from bianque.safeguard.door_desk import Desk
from bianque.safeguard.door_socket import LOCK, SOCKET, reachable
from bianque.safeguard.door_store import Directory
from bianque.safeguard.door_wire import MOST_ASKED, Ended, failure, receive, send

LOG = logging.getLogger(__name__)

WAITING = 64  # clients that may queue to be let in
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: Linux, socket(7), SO_PEERCRED


@contextmanager
def listening(folder: Path) -> Iterator[socket.socket]:
    """The door's socket, by whoever holds its lock: one process for a register.

    raises  BadRegister  when another process is the door of this register
    """
    with (folder / LOCK).open("wb") as lock:
        (folder / LOCK).chmod(0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise BadRegister(f"{folder}: another process is the door of this register", kept="it goes on") from cause
        (folder / SOCKET).unlink(missing_ok=True)  # of a door that was killed: the lock says that it is gone
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door, reachable(folder) as address:
            before = os.umask(0o177)  # for the moment between bind and chmod nobody else may come in either
            try:
                door.bind(address)
            finally:
                os.umask(before)
            door.listen(WAITING)
            try:
                yield door
            finally:
                (folder / SOCKET).unlink(missing_ok=True)


def serve(folder: Path, directory: Directory, parent: BinaryIO | None = None) -> Iterator[int]:
    """Be the door of a register: says its process id when it is open, and goes on until `close` or the parent's end.

    parent  a pipe from the process that started this one: its end is ours, once nobody else stands at the door
    raises  BadRegister  when there is a door already, or its key is missing or does not fit
    """
    with listening(folder) as door:
        known = directory.emergencies()
        desk = Desk(door_key.read(folder, create=not known), directory)
        callers = _Callers(door)
        if parent is not None:
            threading.Thread(target=callers.end_with, args=(parent,), daemon=True).start()
        yield os.getpid()
        while True:
            try:
                client, _ = door.accept()
            except OSError:  # shut by the last caller
                return
            if _same_user(client):
                callers.come()
                threading.Thread(target=_attend, args=(client, desk, callers), daemon=True).start()
            else:
                client.close()


class _Callers:
    """How many converse: a door whose opener has ended does not shut in the face of the others."""

    def __init__(self, door: socket.socket) -> None:
        self.door, self.conversing, self.orphaned, self.lock = door, 0, False, threading.Lock()

    def come(self) -> None:
        with self.lock:
            self.conversing += 1

    def leave(self) -> None:
        with self.lock:
            self.conversing -= 1
            self._shut_if_done()

    def end_with(self, parent: BinaryIO) -> None:
        parent.read()
        with self.lock:
            self.orphaned = True
            self._shut_if_done()

    def _shut_if_done(self) -> None:
        if self.orphaned and not self.conversing:
            with contextlib.suppress(OSError):  # shut already
                self.door.shutdown(socket.SHUT_RDWR)


def _attend(client: socket.socket, desk: Desk, callers: _Callers) -> None:
    try:
        _converse(client, desk)
    finally:
        callers.leave()


def _same_user(client: socket.socket) -> bool:
    """The folder's and the socket's rights keep others out already; where the kernel names the peer, it is asked."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _, user, _ = CREDENTIALS.unpack(client.getsockopt(socket.SOL_SOCKET, option, CREDENTIALS.size))
    return bool(user == os.geteuid())


def _no_answer(defect: Exception) -> BadRegister:
    return BadRegister(
        f"the door could not answer: {type(defect).__name__}",
        kept="nothing of the question has happened",
        remedy="see that the store behind it can be written, then ask again",
    )


def _converse(client: socket.socket, desk: Desk) -> None:
    with client, contextlib.suppress(OSError):
        while True:
            try:
                head, columns = receive(client, MOST_ASKED)
            except Ended:
                return
            except BadInput as error:
                send(client, failure(error))
                return  # what follows in the stream cannot be told apart
            try:
                send(client, *desk.answer(head, columns))
            except (BadInput, BadRegister) as error:
                send(client, failure(error))
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
                send(client, failure(BadInput("the question does not have the form that the door knows")))
            except Exception as defect:  # of the store, say: a traceback could repeat what was asked
                LOG.error("a question failed: %s", type(defect).__name__)
                send(client, failure(_no_answer(defect)))
