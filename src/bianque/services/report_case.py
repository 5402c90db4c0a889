"""A case of a person: what a hospital or a tracer says of the disease, with its dates."""

from __future__ import annotations

import datetime as dt

from bianque.model.authority import Action, Authority
from bianque.registry import cases
from bianque.registry.cases import Status
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.show_person import headers_of

FIELDS = ("case.status", "case.onset", "case.reported")


def report_case(
    register: Register, authority: Authority, person: str, status: Status, *, onset: dt.date | None = None
) -> str:
    """Report a case, today; its id.

    onset    None where it is unknown
    raises   BadInput  when the onset is after today; PolicyRefusal when the rules say no
    """
    (header,) = headers_of(register, authority, [person], FIELDS)
    gate.permit(register, authority, Action.CORRECT_PERSON, header.resource(FIELDS))
    return cases.report(register, authority, person, status, reported=authority.at.date(), onset=onset)
