"""The store behind the door, in rows: implements `bianque.safeguard.door_store.Directory`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, func, insert, select, update

from bianque.model.directory import Entry, PendingShare, SealedEmergency, SealedIdentifier
from bianque.registry import destructions
from bianque.registry.bulk import insert_all
from bianque.registry.maintenance import scrub_store
from bianque.registry.register import Register
from bianque.registry.tables.door import (
    directory,
    directory_alias,
    directory_batch,
    door_emergency,
    door_organisation,
    locked_target,
    pending_share,
)

PIECE = 50_000  # rows read at a time
ASKED = 500  # values in one IN (…): SQLite and PostgreSQL take some thousand


@dataclass(frozen=True, slots=True)
class StoredDirectory:
    """The directory in the store behind the door. Only the door's process writes there."""

    register: Register

    def emergencies(self) -> list[str]:
        with self.register.door_reading() as connection:
            return list(connection.scalars(select(door_emergency.c.emergency)))

    def emergency(self, emergency: str) -> SealedEmergency | None:
        with self.register.door_reading() as connection:
            row = connection.execute(select(door_emergency).where(door_emergency.c.emergency == emergency)).first()
            indices = connection.execute(
                select(door_organisation.c.organisation, door_organisation.c.share_index).where(
                    door_organisation.c.emergency == emergency
                )
            )
            if row is None:
                return None
            shares = {row.organisation: row.share_index for row in indices}
        return SealedEmergency(emergency, row.wrapped_key, row.release_key, row.next_number, shares)

    def open_emergency(self, sealed: SealedEmergency, at: dt.datetime) -> None:
        row = {
            "emergency": sealed.id,
            "wrapped_key": sealed.wrapped_key,
            "release_key": sealed.release_key,
            "next_number": sealed.next_number,
            "opened": at.isoformat(),
        }
        organisations = [
            {"emergency": sealed.id, "organisation": organisation, "share_index": index}
            for organisation, index in sealed.indices.items()
        ]
        with self.register.door_writing() as connection:
            connection.execute(insert(door_emergency), row)
            connection.execute(insert(door_organisation), organisations)

    def entries(self, emergency: str) -> Iterator[tuple[bytes, npt.NDArray[np.int64]]]:
        wanted = (
            select(directory.c.blind_index, directory.c.number)
            .where(directory.c.emergency == emergency)
            .order_by(directory.c.blind_index)
            .limit(PIECE)
        )
        last = b""
        while True:
            with self.register.door_reading() as connection:
                rows = connection.execute(wanted.where(directory.c.blind_index > last)).all()
            if not rows:
                return
            last = rows[-1].blind_index
            yield b"".join(row[0] for row in rows), np.array([row[1] for row in rows], np.int64)

    def aliases(self, emergency: str) -> list[tuple[int, int]]:
        wanted = select(directory_alias.c.number, directory_alias.c.same_as)
        with self.register.door_reading() as connection:
            rows = connection.execute(wanted.where(directory_alias.c.emergency == emergency))
            return [(number, same_as) for number, same_as in rows]

    def add(
        self,
        emergency: str,
        batch: tuple[str, bytes],
        entries: Sequence[Entry],
        aliases: Sequence[tuple[int, int]],
        next_number: int,
    ) -> None:
        name, sealed_key = batch
        rows = [
            {
                "emergency": emergency,
                "blind_index": entry.blind_index,
                "kind": entry.kind,
                "number": entry.number,
                "batch": name,
                "position": position,
                "value": entry.sealed,
            }
            for position, entry in enumerate(entries)
        ]
        same = [{"emergency": emergency, "number": number, "same_as": same_as} for number, same_as in aliases]
        with self.register.door_writing() as connection:
            if rows:
                key = {"id": name, "emergency": emergency, "sealed_key": sealed_key}
                connection.execute(insert(directory_batch), key)
                insert_all(connection, directory, rows)
            if same:
                connection.execute(insert(directory_alias), same)
            connection.execute(
                update(door_emergency).where(door_emergency.c.emergency == emergency).values(next_number=next_number)
            )

    def sealed(self, emergency: str, numbers: Iterable[int], kinds: Sequence[str]) -> list[SealedIdentifier]:
        wanted = (
            select(directory, directory_batch.c.sealed_key)
            .join(directory_batch, directory_batch.c.id == directory.c.batch)
            .where(directory.c.emergency == emergency, directory.c.kind.in_(kinds))
        )
        asked = list(numbers)
        with self.register.door_reading() as connection:
            return [
                SealedIdentifier(
                    row.number, row.kind, row.blind_index, row.batch, row.sealed_key, row.position, row.value
                )
                for start in range(0, len(asked), ASKED)
                for row in connection.execute(wanted.where(directory.c.number.in_(asked[start : start + ASKED])))
            ]

    def erase(self, emergency: str, blind_indices: Sequence[bytes]) -> int:
        gone = 0
        with self.register.door_writing() as connection:
            for start in range(0, len(blind_indices), ASKED):
                some = directory.c.blind_index.in_(blind_indices[start : start + ASKED])
                gone += connection.execute(delete(directory).where(directory.c.emergency == emergency, some)).rowcount
            if gone:
                destructions.record(connection, "door")
        return gone

    def count(self, emergency: str) -> int:
        with self.register.door_reading() as connection:
            return _count(connection, emergency)

    def dispose(self, emergency: str) -> int:
        with self.register.door_writing() as connection:
            count = _count(connection, emergency)
            for table in (directory, directory_batch, directory_alias, locked_target, pending_share):
                connection.execute(delete(table).where(table.c.emergency == emergency))
            connection.execute(
                update(door_emergency).where(door_emergency.c.emergency == emergency).values(wrapped_key=b"")
            )
            destructions.record(connection, "door")
        scrub_store(self.register.door)
        return count

    def lock(self, emergency: str, pseudonyms: Sequence[str], rule: str) -> None:
        rows = [{"emergency": emergency, "pseudonym": pseudonym, "rule": rule} for pseudonym in pseudonyms]
        with self.register.door_writing() as connection:
            _unlock(connection, emergency, pseudonyms)
            connection.execute(insert(locked_target), rows)

    def unlock(self, emergency: str, pseudonyms: Sequence[str]) -> None:
        with self.register.door_writing() as connection:
            _unlock(connection, emergency, pseudonyms)

    def locked(self, emergency: str, pseudonyms: Sequence[str]) -> set[str]:
        found: set[str] = set()
        wanted = select(locked_target.c.pseudonym).where(locked_target.c.emergency == emergency)
        with self.register.door_reading() as connection:
            for start in range(0, len(pseudonyms), ASKED):
                some = locked_target.c.pseudonym.in_(pseudonyms[start : start + ASKED])
                found.update(connection.scalars(wanted.where(some)))
        return found

    def keep_share(self, share: PendingShare) -> None:
        row = {
            "release": share.release,
            "organisation": share.organisation,
            "emergency": share.emergency,
            "digest": share.digest,
            "sealed": share.sealed,
            "until": share.until.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        }
        with self.register.door_writing() as connection:
            connection.execute(
                delete(pending_share).where(
                    pending_share.c.release == share.release, pending_share.c.organisation == share.organisation
                )
            )
            connection.execute(insert(pending_share), row)

    def shares(self, release: str) -> list[PendingShare]:
        with self.register.door_reading() as connection:
            rows = connection.execute(select(pending_share).where(pending_share.c.release == release))
            return [
                PendingShare(
                    release,
                    row.organisation,
                    row.emergency,
                    row.digest,
                    row.sealed,
                    dt.datetime.fromisoformat(row.until),
                )
                for row in rows
            ]

    def forget(self, release: str, now: dt.datetime) -> None:
        over = pending_share.c.until <= now.astimezone(dt.UTC).isoformat(timespec="milliseconds")
        with self.register.door_writing() as connection:
            connection.execute(delete(pending_share).where((pending_share.c.release == release) | over))


def _count(connection: Connection, emergency: str) -> int:
    held = select(func.count()).select_from(directory).where(directory.c.emergency == emergency)
    return connection.scalar(held) or 0


def _unlock(connection: Connection, emergency: str, pseudonyms: Sequence[str]) -> None:
    for start in range(0, len(pseudonyms), ASKED):
        some = locked_target.c.pseudonym.in_(pseudonyms[start : start + ASKED])
        connection.execute(delete(locked_target).where(locked_target.c.emergency == emergency, some))
