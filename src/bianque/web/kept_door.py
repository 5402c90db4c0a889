"""A door that stays open once it was needed: what one approver gave it waits in its memory for the second."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

from bianque.services.door import at_door


class KeptDoor:
    """The door of a register, open from the first time it is asked for until the application ends."""

    def __init__(self, register: Path) -> None:
        self._register, self._lock, self._open = register, threading.Lock(), ExitStack()
        self._kept = False

    def keep(self) -> None:
        """Keep the door open from now on.

        raises  BadRegister  when it does not open
        """
        with self._lock:
            if not self._kept:
                self._open.enter_context(at_door(self._register))
                self._kept = True

    def close(self) -> None:
        with self._lock:
            self._open.close()
