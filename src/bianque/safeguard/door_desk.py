"""What the door answers: every question that may be put to it, one after the other.

It checks by itself, whatever the asking process believes: that targets are locked, that two organisations gave their
shares for exactly this request, that their time is not over.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bianque.model.directory import PendingShare, SealedEmergency
from bianque.model.errors import BadInput, BadRegister
from bianque.model.release import Release
from bianque.safeguard import hpke, release_key
from bianque.safeguard.door_key import LENGTH, DoorKey
from bianque.safeguard.door_room import Room
from bianque.safeguard.door_store import Directory
from bianque.safeguard.door_wire import Head, values
from bianque.safeguard.release_key import Holder

Answer = tuple[Head, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Transport:
    """The door's ephemeral pair: shares are handed over sealed to it, and it goes with the process."""

    private: bytes
    public: bytes


class Desk:
    """The questions, under one lock: a number is given once, whoever asks at the same time."""

    def __init__(self, key: DoorKey, directory: Directory) -> None:
        self._key, self._directory, self._rooms = key, directory, dict[str, Room]()
        private = hpke.new_private()
        self._transport = Transport(private, hpke.public_of(private))
        self._lock = threading.Lock()
        self._questions: Mapping[str, Callable[[Head, Sequence[bytes]], Answer]] = {
            "hello": self._hello,
            "open": self._open,
            "enrol": self._enrol,
            "find": self._find,
            "link": self._link,
            "aliases": self._aliases,
            "persons": self._persons,
            "erase": self._erase,
            "count": self._count,
            "dispose": self._dispose,
            "lock": self._lock_targets,
            "unlock": self._unlock_targets,
            "share": self._share,
            "handed": self._handed,
            "release": self._release,
            "reissue": self._reissue,
            "forget": self._forget,
        }

    def answer(self, head: Head, columns: Sequence[bytes]) -> Answer:
        """The answer to one question.

        raises  BadInput, BadRegister  whatever was wrong; nothing of the question has happened then
        """
        question = self._questions.get(str(head.get("ask")))
        if question is None:
            raise BadInput("the door knows no such question", remedy="use the door and its clients of one version")
        with self._lock:
            return question(head, columns)

    def _hello(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del head, columns
        return {"pid": os.getpid()}, [self._transport.public]

    def _open(self, head: Head, columns: Sequence[bytes]) -> Answer:
        """Ceremony: the emergency's key and its release key are drawn; the private half leaves in sealed shares."""
        emergency = head["emergency"]
        if self._directory.emergency(emergency):
            raise BadInput(f"{emergency} has its keys already", kept="the keys as they are")
        holders = [
            Holder(account, organisation, public)
            for (account, organisation), public in zip(head["holders"], columns, strict=True)
        ]
        drawn = release_key.draw(emergency, holders)
        wrapped = self._key.wrap(os.urandom(LENGTH), key_use(emergency, drawn.public))
        sealed = SealedEmergency(emergency, wrapped, drawn.public, 1, drawn.indices)
        self._directory.open_emergency(sealed, _hour(head["at"]))
        return {}, [drawn.copies[holder.account] for holder in holders]

    def _enrol(self, head: Head, columns: Sequence[bytes]) -> Answer:
        pseudonyms, opened = self._room(head).enrol(head["kind"], values(columns[0], head["count"]))
        return {"opened": opened}, [pseudonyms]

    def _find(self, head: Head, columns: Sequence[bytes]) -> Answer:
        return {}, [self._room(head).find(head["kind"], values(columns[0], head["count"]))]

    def _link(self, head: Head, columns: Sequence[bytes]) -> Answer:
        one, two = (values(column, head["count"]) for column in columns)
        fewer, apart = self._room(head).link((head["kinds"][0], one), (head["kinds"][1], two))
        return {"fewer": fewer, "apart": apart}, []

    def _aliases(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        return {}, self._room(head).alias_pairs()

    def _persons(self, head: Head, columns: Sequence[bytes]) -> Answer:
        return {"pseudonyms": self._room(head).persons(head["kind"], values(columns[0], head["count"]))}, []

    def _erase(self, head: Head, columns: Sequence[bytes]) -> Answer:
        going, staying = (values(column, count) for column, count in zip(columns, head["counts"], strict=True))
        erased, unlocked = self._room(head).erase(
            head["kinds"][0], going, (head["kinds"][1], staying), linked=head["linked"]
        )
        return {"erased": erased, "unlocked": unlocked}, []

    def _count(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        return {"identifiers": self._directory.count(head["emergency"])}, []

    def _dispose(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        self._rooms.pop(head["emergency"], None)
        drawn = self._directory.emergency(head["emergency"]) is not None
        self._directory.dispose(head["emergency"])
        return {"key": drawn}, []

    def _lock_targets(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        self._directory.lock(head["emergency"], self._room(head).locks(head["targets"], head["rule"]))
        return {}, []

    def _unlock_targets(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        self._directory.unlock(head["emergency"], head["targets"])
        return {}, []

    def _share(self, head: Head, columns: Sequence[bytes]) -> Answer:
        """A share for one request, sealed to this process: kept under the door's key until the second is there."""
        sealed = self._sealed(head["emergency"])
        if head["organisation"] not in sealed.indices:
            raise BadInput(f"{head['organisation']} holds no share of {sealed.id}")
        digest = columns[0]
        share = hpke.open_sealed(self._transport.private, columns[1], digest)
        kept = PendingShare(head["release"], head["organisation"], sealed.id, digest, b"", _hour(head["until"]))
        self._directory.keep_share(replace(kept, sealed=self._key.wrap(share, _share_use(kept))))
        return {}, []

    def _handed(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        now = _hour(head["at"])
        return {"shares": len([one for one in self._directory.shares(head["release"]) if one.until > now])}, []

    def _release(self, head: Head, columns: Sequence[bytes]) -> Answer:
        """Exactly the named fields of exactly the locked targets that two organisations agreed to."""
        release, room = Release.from_record(head["release"], columns[0]), self._room(head)
        if head["emergency"] != release.emergency:
            raise BadInput("the request is of another emergency")
        locked = room.locked(release.targets)
        if unlocked := [target for target in release.targets if target not in locked]:
            raise BadInput(
                f"{len(unlocked)} of {len(release.targets)} targets are not locked: {unlocked[0]}",
                kept="nothing was opened",
                remedy="lock a target by a recorded risk rule before its identity is asked for",
            )
        private = self._together(release.id, release.emergency, release.digest(), _hour(head["at"]))
        opened = room.open_targets(private, release.targets, release.fields)
        return {}, [
            release_key.seal_opened(found, release.officer_key, release.id, position)
            for position, found in enumerate(opened)
        ]

    def _reissue(self, head: Head, columns: Sequence[bytes]) -> Answer:
        """The share of an organisation that has no holder left, from the shares of two others, for a new holder."""
        digest, public = columns
        holder = Holder(head["account"], head["organisation"], public)
        sealed = self._sealed(head["emergency"])
        index = sealed.indices.get(holder.organisation)
        if index is None:
            raise BadInput(f"{holder.organisation} holds no share of {sealed.id}")
        given = self._given(head["release"], sealed, digest, _hour(head["at"]))
        share = release_key.share_of(given, sealed.release_key, index)
        copy = release_key.seal_copy(share, sealed.id, holder)
        return {}, [copy]

    def _forget(self, head: Head, columns: Sequence[bytes]) -> Answer:
        del columns
        self._directory.forget(head["release"], _hour(head["at"]))
        return {}, []

    def _together(self, release: str, emergency: str, digest: bytes, now: dt.datetime) -> bytes:
        sealed = self._sealed(emergency)
        return release_key.together(self._given(release, sealed, digest, now), sealed.release_key)

    def _given(self, release: str, sealed: SealedEmergency, digest: bytes, now: dt.datetime) -> dict[int, bytes]:
        """The shares that were given for exactly this and whose time is not over: index → share."""
        given = {
            sealed.indices[kept.organisation]: self._key.unwrap(kept.sealed, _share_use(kept))
            for kept in self._directory.shares(release)
            if kept.digest == digest and kept.emergency == sealed.id and kept.until > now
        }
        if len(given) < 2:
            raise BadInput(
                f"{len(given)} of 2 organisations have given their share for {release}",
                kept="nothing was opened",
                remedy="a person of each organisation approves exactly this request, in its time",
            )
        return given

    def _sealed(self, emergency: str) -> SealedEmergency:
        sealed = self._directory.emergency(emergency)
        if sealed is None or not sealed.wrapped_key:
            what = "has no keys yet" if sealed is None else "has been disposed of: its key is destroyed"
            raise BadRegister(
                f"emergency {emergency} {what}",
                remedy="" if sealed else "hold its ceremony: `bianque reidentify ceremony`",
            )
        return sealed

    def _room(self, head: Head) -> Room:
        emergency = head["emergency"]
        if emergency not in self._rooms:
            sealed = self._sealed(emergency)
            key = self._key.unwrap(sealed.wrapped_key, key_use(emergency, sealed.release_key))
            self._rooms[emergency] = Room(sealed, key, self._directory)
        return self._rooms[emergency]


def _hour(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def key_use(emergency: str, release_key: bytes) -> str:
    """With the release key: put in place of another's, it would have all that comes sealed to whoever put it there."""
    return json.dumps(["emergency", emergency, release_key.hex()])


def _share_use(kept: PendingShare) -> str:
    """Everything the approval was for: another request, or a later hour, in the store does not make it one for that."""
    until = kept.until.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return json.dumps(["share", kept.release, kept.organisation, kept.emergency, kept.digest.hex(), until])
