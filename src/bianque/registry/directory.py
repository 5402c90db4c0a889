"""The store behind the door, in rows: implements `bianque.safeguard.door_store.Directory`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, func, insert, select, update

from bianque.model.directory import (
    Alias,
    Batch,
    Entry,
    LockedTarget,
    PendingShare,
    SealedEmergency,
    SealedIdentifier,
)
from bianque.registry import erased_identifiers
from bianque.registry.bulk import AT_ONCE, insert_all
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

    def has_key(self, emergency: str) -> bool:
        """Whether an emergency's keys were drawn and are not destroyed: without them nothing is behind the door."""
        held = door_emergency.c.emergency == emergency, door_emergency.c.wrapped_key != b""
        with self.register.door_reading() as connection:
            return connection.execute(select(door_emergency.c.emergency).where(*held)).first() is not None

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

    def batches(self, emergency: str) -> list[Batch]:
        columns = (directory_batch.c[name] for name in ("id", "kind", "first_number", "sealed_key", "code"))
        wanted = select(*columns).where(directory_batch.c.emergency == emergency)
        with self.register.door_reading() as connection:
            return [Batch(*row) for row in connection.execute(wanted.order_by(directory_batch.c.first_number))]

    def aliases(self, emergency: str) -> list[Alias]:
        wanted = select(directory_alias.c.number, directory_alias.c.same_as, directory_alias.c.code)
        with self.register.door_reading() as connection:
            rows = connection.execute(wanted.where(directory_alias.c.emergency == emergency))
            return [Alias(*row) for row in rows]

    def add(self, emergency: str, batch: Batch, entries: Sequence[Entry], next_number: int) -> None:
        rows = [
            {
                "emergency": emergency,
                "blind_index": entry.blind_index,
                "kind": batch.kind,
                "number": entry.number,
                "batch": batch.id,
                "position": position,
                "value": entry.sealed,
            }
            for position, entry in enumerate(entries)
        ]
        with self.register.door_writing() as connection:
            connection.execute(insert(directory_batch), {"emergency": emergency, **asdict(batch)})
            insert_all(connection, directory, rows)
            connection.execute(
                update(door_emergency).where(door_emergency.c.emergency == emergency).values(next_number=next_number)
            )

    def link(self, emergency: str, aliases: Sequence[Alias]) -> None:
        with self.register.door_writing() as connection:
            insert_all(connection, directory_alias, [{"emergency": emergency, **asdict(one)} for one in aliases])

    def sealed(self, emergency: str, numbers: Iterable[int], kinds: Sequence[str]) -> list[SealedIdentifier]:
        wanted = select(directory).where(directory.c.emergency == emergency, directory.c.kind.in_(kinds))
        asked = list(numbers)
        with self.register.door_reading() as connection:
            return [
                SealedIdentifier(row.number, row.kind, row.blind_index, row.batch, row.position, row.value)
                for start in range(0, len(asked), AT_ONCE)
                for row in connection.execute(wanted.where(directory.c.number.in_(asked[start : start + AT_ONCE])))
            ]

    def present(self, emergency: str, numbers: Iterable[int]) -> set[int]:
        asked, found = list(numbers), set[int]()
        wanted = select(directory.c.number).where(directory.c.emergency == emergency)
        with self.register.door_reading() as connection:
            for start in range(0, len(asked), AT_ONCE):
                found.update(connection.scalars(wanted.where(directory.c.number.in_(asked[start : start + AT_ONCE]))))
        return found

    def erase(self, emergency: str, entries: Sequence[tuple[str, int]], pseudonyms: Sequence[str]) -> None:
        erased_identifiers.remember(self.register, emergency, entries)
        with self.register.door_writing() as connection:
            erased_identifiers.erase(connection, emergency, entries)
            _unlock(connection, emergency, pseudonyms)

    def count(self, emergency: str) -> int:
        held = select(func.count()).select_from(directory).where(directory.c.emergency == emergency)
        with self.register.door_reading() as connection:
            return connection.scalar(held) or 0

    def dispose(self, emergency: str) -> None:
        if self.has_key(emergency):
            erased_identifiers.remember_disposal(self.register, emergency)
        with self.register.door_writing() as connection:
            erased_identifiers.destroy(connection, emergency)
        scrub_store(self.register.door)

    def lock(self, emergency: str, targets: Sequence[LockedTarget]) -> None:
        rows = [{"emergency": emergency, **asdict(target)} for target in targets]
        with self.register.door_writing() as connection:
            _unlock(connection, emergency, [target.pseudonym for target in targets])
            connection.execute(insert(locked_target), rows)

    def unlock(self, emergency: str, pseudonyms: Sequence[str]) -> None:
        with self.register.door_writing() as connection:
            _unlock(connection, emergency, pseudonyms)

    def locked(self, emergency: str, pseudonyms: Sequence[str]) -> list[LockedTarget]:
        found: list[LockedTarget] = []
        columns = locked_target.c.pseudonym, locked_target.c.rule, locked_target.c.code
        wanted = select(*columns).where(locked_target.c.emergency == emergency)
        with self.register.door_reading() as connection:
            for start in range(0, len(pseudonyms), AT_ONCE):
                some = locked_target.c.pseudonym.in_(pseudonyms[start : start + AT_ONCE])
                found += [LockedTarget(*row) for row in connection.execute(wanted.where(some))]
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


def _unlock(connection: Connection, emergency: str, pseudonyms: Sequence[str]) -> None:
    for start in range(0, len(pseudonyms), AT_ONCE):
        some = locked_target.c.pseudonym.in_(pseudonyms[start : start + AT_ONCE])
        connection.execute(delete(locked_target).where(locked_target.c.emergency == emergency, some))
