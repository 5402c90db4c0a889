"""What waits for the decision of whoever asks. Nobody decides on what they proposed: that is left out of the count."""

from __future__ import annotations

from dataclasses import dataclass

from bianque.model.authority import Authority, Role
from bianque.model.emergency import Act, Emergency, State
from bianque.model.outreach import Outreach
from bianque.model.release import PENDING, Release
from bianque.registry import outreach as lists
from bianque.registry.publications import Publication
from bianque.registry.register import Register
from bianque.services import emergencies, reidentify, released

NEXT_ACT = {State.DRAFTED: Act.DECLARE, State.CLOSED: Act.DISPOSE}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An emergency and the act that it waits for; `signed` are the accounts that signed already."""

    emergency: Emergency
    act: Act
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """What waits. `count` leaves out what is another person's to decide."""

    figures: list[Publication]
    emergencies: list[Waiting]
    outreach: list[tuple[Outreach, int]]  # each with the persons on its list
    releases: list[Release]
    count: int


def matters(register: Register, authority: Authority) -> Matters:
    """Everything that waits for this person; outreach and re-identification are those of the chosen emergency.

    raises  PolicyRefusal  when the emergencies are not for this authority to see
    """
    commands = authority.role is Role.COMMAND
    figures = [one for one in released.waiting(register) if commands and one.agency == authority.agency]
    open_ones = emergencies.listed(register, authority) if commands else []
    waiting = [found for one in open_ones if (found := _waiting(one, authority))]
    outreach = _outreach(register, authority) if commands and authority.emergency else []
    releases = _releases(register, authority) if authority.emergency else []
    mine = authority.account
    count = (
        sum(one.proposed_by != mine for one in figures)
        + sum(mine not in one.signed for one in waiting)
        + sum(one.proposed_by != mine for one, _ in outreach)
        + len(releases)
    )
    return Matters(figures, waiting, outreach, releases, count)


def _outreach(register: Register, authority: Authority) -> list[tuple[Outreach, int]]:
    with register.reading(authority) as connection:
        open_ones = [one for one in lists.listed(connection, authority) if one.verdict is None]
        return [(one, sum(lists.tally(connection, one.id).values())) for one in open_ones]


def _releases(register: Register, authority: Authority) -> list[Release]:
    """Requests that this person may still be one of the two for."""
    found = reidentify.listed(register, authority)
    return [one for one in found if one.state in PENDING and not _spoke(one, authority)]


def _spoke(one: Release, authority: Authority) -> bool:
    return authority.account in (one.requester, *(verdict.account for verdict in one.verdicts))


def _waiting(emergency: Emergency, authority: Authority) -> Waiting | None:
    """A draft waits to be declared, a closed one for its disposal; an act that one person signed, for the second."""
    begun = [act for act in Act if act is not Act.EXTEND and emergency.waiting(act, None)]
    act = begun[0] if begun else NEXT_ACT.get(emergency.state)
    if act is None:
        return None
    by = emergency.terms.disposal_by if act is Act.DISPOSE else emergency.terms.command_body
    if by != authority.organisation:
        return None
    return Waiting(emergency, act, tuple(one.account for one in emergency.waiting(act, None)))
