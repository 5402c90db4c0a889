"""Requests for a re-identification and what became of them. Every function works inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update

from bianque.model.authority import Purpose
from bianque.model.release import Release, ReleaseState, Verdict
from bianque.registry.bulk import AT_ONCE
from bianque.registry.tables.releases import opened_target, release_request, release_target, release_verdict


def add(connection: Connection, new: Release, agency: str) -> None:
    """A new request."""
    owner = {"agency": agency, "emergency": new.emergency}
    connection.execute(
        insert(release_request).values(
            **owner,
            id=new.id,
            requester=new.requester,
            organisation=new.organisation,
            purpose=new.purpose,
            reason=new.reason,
            fields=json.dumps(new.fields),
            asked_at=new.asked,
            hours=new.hours,
            officer_key=new.officer_key,
            state=new.state,
        )
    )
    targets = [
        {**owner, "release": new.id, "place": place, "pseudonym": pseudonym}
        for place, pseudonym in enumerate(new.targets)
    ]
    connection.execute(insert(release_target), targets)


def find(connection: Connection, id_: str) -> Release | None:
    row = connection.execute(select(release_request).where(release_request.c.id == id_)).first()
    return _release(connection, row) if row else None


def listed(connection: Connection, emergency: str, states: Iterable[ReleaseState] = ReleaseState) -> list[Release]:
    """The requests of an emergency that are in one of the states, newest first."""
    rows = connection.execute(
        select(release_request)
        .where(release_request.c.emergency == emergency, release_request.c.state.in_([*states]))
        .order_by(release_request.c.asked_at.desc(), release_request.c.id)
    )
    return [_release(connection, row) for row in rows.all()]


def emergencies_with(connection: Connection, states: Iterable[ReleaseState]) -> list[str]:
    """The emergencies that have requests in one of the states."""
    asked = select(release_request.c.emergency).where(release_request.c.state.in_([*states])).distinct()
    return sorted(connection.scalars(asked))


def save(connection: Connection, after: Release, agency: str) -> None:
    """A request as it stands now; verdicts are added, never changed."""
    connection.execute(
        update(release_request)
        .where(release_request.c.id == after.id)
        .values(state=after.state, released_at=after.released)
    )
    known = connection.execute(select(release_verdict.c.number).where(release_verdict.c.release == after.id)).all()
    for number, verdict in enumerate(after.verdicts[len(known) :], start=len(known)):
        connection.execute(
            insert(release_verdict).values(
                release=after.id,
                number=number,
                agency=agency,
                emergency=after.emergency,
                account=verdict.account,
                organisation=verdict.organisation,
                approves=verdict.approves,
                reason=verdict.reason,
                said_at=verdict.at,
            )
        )


def keep_opened(connection: Connection, release: Release, agency: str, sealed: Sequence[bytes]) -> None:
    """What was opened of each target, sealed to the officer."""
    owner = {"release": release.id, "agency": agency, "emergency": release.emergency}
    rows = [{**owner, "place": place, "sealed": one} for place, one in enumerate(sealed)]
    connection.execute(insert(opened_target), rows)


def opened(connection: Connection, id_: str) -> dict[int, bytes]:
    """What was opened and is still there: place in the request → sealed."""
    rows = connection.execute(
        select(opened_target.c.place, opened_target.c.sealed).where(opened_target.c.release == id_)
    )
    return {row.place: row.sealed for row in rows}


def erase_opened(connection: Connection, id_: str) -> None:
    connection.execute(delete(opened_target).where(opened_target.c.release == id_))


def erase_opened_of(connection: Connection, emergency: str, pseudonyms: Sequence[str]) -> None:
    """What was opened of some targets, in whichever request: they were erased while an officer's hours lasted."""
    for start in range(0, len(pseudonyms), AT_ONCE):
        some = release_target.c.pseudonym.in_(pseudonyms[start : start + AT_ONCE])
        places = select(release_target.c.release, release_target.c.place).where(
            release_target.c.emergency == emergency, some
        )
        here = tuple_(opened_target.c.release, opened_target.c.place).in_(places)
        connection.execute(delete(opened_target).where(opened_target.c.emergency == emergency, here))


def _release(connection: Connection, row: Row[Any]) -> Release:
    targets = connection.scalars(
        select(release_target.c.pseudonym).where(release_target.c.release == row.id).order_by(release_target.c.place)
    )
    verdicts = connection.execute(
        select(release_verdict).where(release_verdict.c.release == row.id).order_by(release_verdict.c.number)
    )
    return Release(
        id=row.id,
        emergency=row.emergency,
        requester=row.requester,
        organisation=row.organisation,
        purpose=Purpose(row.purpose),
        reason=row.reason,
        fields=tuple(json.loads(row.fields)),
        targets=tuple(targets),
        asked=row.asked_at,
        hours=row.hours,
        officer_key=row.officer_key,
        state=ReleaseState(row.state),
        verdicts=tuple(Verdict(v.account, v.organisation, v.approves, v.said_at, v.reason) for v in verdicts),
        released=row.released_at,
    )
