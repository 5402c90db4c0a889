"""Paper forms booked out and back: whoever took them answers for each until it is returned or destroyed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput
from bianque.model.paper_forms import FormBatch
from bianque.registry import paper_forms
from bianque.registry.register import Register
from bianque.services import gate

FORMS_MAX = 100_000  # in one batch
NUMBER_MAX = 10**12  # printed on a form


@dataclass(frozen=True, slots=True)
class FormIssue:
    """What is handed out: how many of which form, to whom, typed in on which device, back by when."""

    form: str
    first_number: int
    count: int
    responsible: str
    device: str
    due: dt.date


def issue_forms(register: Register, authority: Authority, issue: FormIssue) -> FormBatch:
    """Book a batch out.

    raises  BadInput  when the number, the person, the device or the day says nothing; PolicyRefusal
    """
    _check(issue, authority.at.date())
    batch = FormBatch(
        id=uuid.uuid4().hex[:12],
        agency=authority.agency,
        emergency=authority.emergency_id,
        organisation=authority.organisation,
        form=issue.form,
        first_number=issue.first_number,
        issued=issue.count,
        responsible=issue.responsible,
        device=issue.device,
        issued_by=authority.account,
        issued_at=authority.at,
        due=issue.due,
    )
    gate.permit(register, authority, Action.BOOK_FORMS, _resource(batch))
    with register.writing(authority) as connection:
        paper_forms.add(connection, batch)
    return batch


def book_back(register: Register, authority: Authority, batch: str, *, returned: int, destroyed: int) -> FormBatch:
    """Book forms of a batch back in, or as destroyed; the batch with what is still out.

    raises  BadInput  when more would come back than are out; PolicyRefusal, also when there is no such batch
    """
    emergency = gate.in_emergency(register, authority, Action.BOOK_FORMS, "forms")
    others = Resource("forms", agency=authority.agency, emergency=emergency)
    with gate.sought(register, authority, Action.BOOK_FORMS, others), register.reading(authority) as connection:
        found = paper_forms.find(connection, authority, batch)
    gate.permit(register, authority, Action.BOOK_FORMS, _resource(found))
    with register.writing(authority) as connection:
        paper_forms.hold(connection, batch)
        now = paper_forms.find(connection, authority, batch)
        now.booked(returned, destroyed)
        paper_forms.book(connection, now, returned, destroyed, authority.account, authority.at)
        return paper_forms.find(connection, authority, batch)


def list_forms(register: Register, authority: Authority) -> list[FormBatch]:
    """Every batch of the emergency, oldest first."""
    resource = Resource("forms", agency=authority.agency, emergency=authority.emergency_id)
    gate.permit(register, authority, Action.BOOK_FORMS, resource)
    with register.reading(authority) as connection:
        return paper_forms.listed(connection, authority)


def _check(issue: FormIssue, today: dt.date) -> None:
    if not 1 <= issue.count <= FORMS_MAX:
        raise BadInput(f"a batch of {issue.count} forms", remedy=f"give a number from 1 to {FORMS_MAX}")
    if not 0 <= issue.first_number <= NUMBER_MAX:
        raise BadInput(f"the first form's number is {issue.first_number}", remedy="give the number printed on it")
    for name, value in (("form", issue.form), ("responsible person", issue.responsible), ("device", issue.device)):
        if not value.strip():
            raise BadInput(f"no {name} is given", kept="no form was booked out", remedy=f"name the {name}")
    if issue.due < today:
        raise BadInput(f"{issue.due} is past", remedy="give the day by which the forms are to be back")


def _resource(batch: FormBatch) -> Resource:
    return Resource("forms", batch.id, agency=batch.agency, emergency=batch.emergency, count=batch.issued)
