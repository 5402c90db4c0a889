"""What of releases is over: requests lapse, hours run out, an emergency closes; what was opened is erased then.

It happens with every step of a re-identification, with every request of anybody who works in the emergency, when the
door opens, once a minute while the pages are served, and by `bianque people check --tidy`.
"""

from __future__ import annotations

import datetime as dt

from bianque.model.emergency import Emergency, State
from bianque.model.release import PENDING, Release, ReleaseState
from bianque.registry import emergencies, releases
from bianque.registry.register import Register, Transaction
from bianque.safeguard import release

LIVE = (*PENDING, ReleaseState.RELEASED)


def end(connection: Transaction, emergency: Emergency, at: dt.datetime, *, is_open: bool) -> int:
    """End what is over in one emergency. Returns how many releases ended."""
    ended = _over(connection, emergency, at, is_open=is_open)
    for one in ended:
        releases.save(connection, one, emergency.agency)
        releases.erase_opened(connection, one.id)
    return len(ended)


def end_in(connection: Transaction, emergency: Emergency, at: dt.datetime) -> int:
    """The same of an emergency as it stands in the register."""
    return end(connection, emergency, at, is_open=_goes_on(emergency, at))


def end_everywhere(register: Register, at: dt.datetime) -> int:
    """The same of every emergency of the agency. Nothing is written, and nobody waits, where nothing is over."""
    if not over(register, at):
        return 0
    with register.system() as connection:
        return sum(end_in(connection, one, at) for one in _with_live(connection))


def over(register: Register, at: dt.datetime) -> int:
    """How many releases of the agency are over and have not ended yet."""
    with register.snapshot("register") as connection:
        found = _with_live(connection)
        return sum(len(_over(connection, one, at, is_open=_goes_on(one, at))) for one in found)


def _over(connection: Transaction, emergency: Emergency, at: dt.datetime, *, is_open: bool) -> list[Release]:
    """The releases that are over, as they are from now on."""
    live = releases.listed(connection, emergency.id, LIVE)
    now = [release.standing(one, at, emergency_open=is_open) for one in live]
    return [after for before, after in zip(live, now, strict=True) if after is not before]


def _with_live(connection: Transaction) -> list[Emergency]:
    found = [emergencies.find(connection, one) for one in releases.emergencies_with(connection, LIVE)]
    return [one for one in found if one is not None]


def _goes_on(emergency: Emergency, at: dt.datetime) -> bool:
    """A day before the first is that of a clock that was set back: it ends nothing."""
    return emergency.state is State.DECLARED and at.astimezone(dt.UTC).date() <= emergency.terms.ends
