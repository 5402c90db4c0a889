"""Follow-ups: a person is given to an officer to look after, whose list it is on until the follow-up closes."""

from __future__ import annotations

import datetime as dt

from bianque.model.authority import Action, Authority
from bianque.model.errors import BadInput
from bianque.registry import accounts, follow_ups
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.show_person import headers_of


def assign_follow_up(register: Register, authority: Authority, person: str, officer: str, until: dt.date) -> str:
    """Assign a person to an officer's follow-up; its id.

    until    last day on which the person is looked after, as planned
    raises   BadInput  when there is no such account, or the officer follows the person up already; PolicyRefusal
    """
    (header,) = headers_of(register, authority, [person], ())
    gate.permit(register, authority, Action.ASSIGN_FOLLOW_UP, header.resource(()), reason=f"to {officer}")
    with register.system() as connection:
        known = accounts.find(connection, officer)
    if known is None or known.agency != authority.agency or known.disabled_at is not None:
        raise BadInput("there is no such account", kept="the follow-ups as they are", remedy="name another officer")
    return follow_ups.accept(register, authority, person, officer, until)
