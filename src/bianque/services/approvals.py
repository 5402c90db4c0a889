"""What waits for the decision of whoever asks: figures, emergencies. Nobody decides on what they proposed."""

from __future__ import annotations

from dataclasses import dataclass

from bianque.model.authority import Authority, Role
from bianque.model.emergency import Act, Emergency, State
from bianque.registry.publications import Publication
from bianque.registry.register import Register
from bianque.services import emergencies, released

NEXT_ACT = {State.DRAFTED: Act.DECLARE, State.CLOSED: Act.DISPOSE}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An emergency and the act that it waits for; `signed` are the accounts that signed already."""

    emergency: Emergency
    act: Act
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """What waits. `count` leaves out what the reader proposed or signed: that is another person's to decide."""

    figures: list[Publication]
    emergencies: list[Waiting]
    count: int


def matters(register: Register, authority: Authority) -> Matters:
    """Everything that waits for a person of this role.

    raises  PolicyRefusal  when the emergencies are not for this authority to see
    """
    if authority.role is not Role.COMMAND:
        return Matters([], [], 0)
    figures = [one for one in released.waiting(register) if one.agency == authority.agency]
    waiting = [found for one in emergencies.listed(register, authority) if (found := _waiting(one, authority))]
    open_figures = sum(one.proposed_by != authority.account for one in figures)
    return Matters(figures, waiting, open_figures + sum(authority.account not in one.signed for one in waiting))


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
