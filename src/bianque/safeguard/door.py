"""The door, as its clients see it: what goes in is an identifier, what comes out is a pseudonym.

The keys stay in the door's process (`door_process`); nothing that a client imports can read them.
"""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bianque.model.errors import BadRegister
from bianque.model.release import Release
from bianque.safeguard import door_wire, hpke
from bianque.safeguard.door_socket import reachable
from bianque.safeguard.door_wire import BATCH, Head
from bianque.safeguard.pseudonym import BYTES, LENGTH
from bianque.safeguard.release_key import Holder


@dataclass(frozen=True, slots=True)
class Linked:
    """How many persons fewer there are, and how many pairs stay two persons: each has an ID number of its own."""

    fewer: int
    apart: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How many identifiers are gone, and the locked targets that have none left and are locked no more."""

    identifiers: int
    unlocked: list[str]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The pseudonym of each identifier, in their order, and how many persons were not known before."""

    pseudonyms: list[str]
    opened: int


class Door:
    """A conversation with the door of a register. Several threads may share it; a question waits for the one before."""

    def __init__(self, folder: Path) -> None:
        """raises  OSError  when nobody is at the door"""
        self.folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._turn = threading.Lock()
        try:
            with reachable(folder) as address:
                self._socket.connect(address)
            said, (self._transport,) = self._ask({"ask": "hello"})
        except BaseException:
            self._socket.close()
            raise
        self.pid = int(said["pid"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def open_emergency(self, emergency: str, holders: Sequence[Holder], at: dt.datetime) -> list[bytes]:
        """Ceremony: the emergency's keys are drawn behind the door; each holder's sealed copy of a share comes out."""
        head = {
            "ask": "open",
            "emergency": emergency,
            "holders": [(holder.account, holder.organisation) for holder in holders],
            "at": at.isoformat(),
        }
        return self._ask(head, [holder.public_key for holder in holders])[1]

    def enrol(self, emergency: str, kind: str, values: Sequence[str]) -> Enrolled:
        """Pseudonyms for identifiers, numbers opened where none is known: on the disk before they come back.

        values  in their normal form (`model.identifiers.normal`)
        """
        pseudonyms, opened = list[str](), 0
        for start in range(0, len(values), BATCH):
            said, column = self._values("enrol", emergency, kind, values[start : start + BATCH])
            pseudonyms += _texts(column)
            opened += said["opened"]
        return Enrolled(pseudonyms, opened)

    def find(self, emergency: str, kind: str, values: Sequence[str]) -> list[str]:
        """Pseudonyms of identifiers, "" where one is not known; opens no number."""
        found: list[str] = []
        for start in range(0, len(values), BATCH):
            found += _texts(self._values("find", emergency, kind, values[start : start + BATCH])[1])
        nobody = "0" * LENGTH
        return ["" if pseudonym == nobody else pseudonym for pseudonym in found]

    def link(self, emergency: str, one: tuple[str, Sequence[str]], two: tuple[str, Sequence[str]]) -> Linked:
        """Identifiers found to be of the same person, pair by pair: kind and values, as many of one as of the other."""
        fewer = apart = 0
        for start in range(0, len(one[1]), BATCH):
            first, second = (values[start : start + BATCH] for _, values in (one, two))
            head = {"ask": "link", "emergency": emergency, "kinds": (one[0], two[0]), "count": len(first)}
            said, _ = self._ask(head, [door_wire.column(first), door_wire.column(second)])
            fewer, apart = fewer + said["fewer"], apart + said["apart"]
        return Linked(fewer, apart)

    def aliases(self, emergency: str) -> dict[str, str]:
        """Pseudonym given before a link was found → pseudonym that stands for the person now."""
        _, (before, now) = self._ask({"ask": "aliases", "emergency": emergency})
        return dict(zip(_texts(before), _texts(now), strict=True))

    def persons(self, emergency: str, kind: str, values: Sequence[str]) -> list[str]:
        """Every pseudonym that leads to the persons of some identifiers."""
        found: list[str] = self._values("persons", emergency, kind, values)[0]["pseudonyms"]
        return found

    def erase(
        self,
        emergency: str,
        kind: str,
        values: Sequence[str],
        besides: tuple[str, Sequence[str]] = ("", ()),
        *,
        linked: bool = False,
    ) -> Erased:
        """Erase identifiers from the directory. Their bytes stay in the store's files until those are rewritten.

        besides  kind and values that stay, since others hold them too
        linked   whether everything goes that is known to lead to the same persons
        """
        head = {
            "ask": "erase",
            "emergency": emergency,
            "kinds": (kind, besides[0]),
            "counts": (len(values), len(besides[1])),
            "linked": linked,
        }
        said, _ = self._ask(head, [door_wire.column(values), door_wire.column(besides[1])])
        return Erased(said["erased"], said["unlocked"])

    def count(self, emergency: str) -> int:
        """How many identifiers the directory of an emergency holds."""
        return int(self._ask({"ask": "count", "emergency": emergency})[0]["identifiers"])

    def dispose(self, emergency: str) -> bool:
        """The emergency's key is destroyed and its directory erased; whether it ever had a key.

        Asked again, it does what is left to do.
        """
        return bool(self._ask({"ask": "dispose", "emergency": emergency})[0]["key"])

    def lock(self, emergency: str, targets: Sequence[str], rule: str) -> None:
        """Targets that a recorded risk rule has locked."""
        self._ask({"ask": "lock", "emergency": emergency, "targets": list(targets), "rule": rule})

    def unlock(self, emergency: str, targets: Sequence[str]) -> None:
        """Targets that are none any more."""
        self._ask({"ask": "unlock", "emergency": emergency, "targets": list(targets)})

    def hand_share(
        self, share: bytes, emergency: str, organisation: str, request: str, digest: bytes, until: dt.datetime
    ) -> None:
        """An organisation's share for exactly one request, sealed to the door's process."""
        head = {
            "ask": "share",
            "emergency": emergency,
            "organisation": organisation,
            "release": request,
            "until": until.isoformat(),
        }
        self._ask(head, [digest, hpke.seal(self._transport, share, digest)])

    def handed(self, request: str, at: dt.datetime) -> int:
        """How many organisations have handed in their share for a request, of those whose time is not over."""
        return int(self._ask({"ask": "handed", "release": request, "at": at.isoformat()})[0]["shares"])

    def release(self, release: Release, at: dt.datetime) -> list[bytes]:
        """For each target its identifiers, sealed to the officer who asked.

        raises  BadInput  when a target is not locked, or not two organisations have given their share for exactly this
        """
        head = {"ask": "release", "emergency": release.emergency, "release": release.record(), "at": at.isoformat()}
        return self._ask(head, [release.officer_key])[1]

    def reissue(self, emergency: str, holder: Holder, request: str, digest: bytes, at: dt.datetime) -> bytes:
        """An organisation's share for a new holder, once two other organisations have given theirs for it."""
        head = {
            "ask": "reissue",
            "emergency": emergency,
            "account": holder.account,
            "organisation": holder.organisation,
            "release": request,
            "at": at.isoformat(),
        }
        return self._ask(head, [digest, holder.public_key])[1][0]

    def forget(self, request: str, at: dt.datetime) -> None:
        """The shares that were given for a request, and all whose time is over."""
        self._ask({"ask": "forget", "release": request, "at": at.isoformat()})

    def _values(self, ask: str, emergency: str, kind: str, values: Sequence[str]) -> tuple[Head, bytes]:
        head = {"ask": ask, "emergency": emergency, "kind": kind, "count": len(values)}
        said, columns = self._ask(head, [door_wire.column(values)])
        return said, b"".join(columns)

    def _ask(self, head: Head, columns: Sequence[bytes] = ()) -> tuple[Head, list[bytes]]:
        with self._turn:
            try:
                door_wire.send(self._socket, head, columns)
                said, answered = door_wire.receive(self._socket)
            except ConnectionError as cause:
                raise BadRegister(
                    f"{self.folder}: the door's process has ended",
                    kept="everything that it had acknowledged",
                    remedy="do it again: the door is opened anew",
                ) from cause
        door_wire.raise_failure(said)
        return said, answered


def _texts(raw: bytes) -> list[str]:
    text = raw.hex()
    return [text[start : start + LENGTH] for start in range(0, len(raw) // BYTES * LENGTH, LENGTH)]
