"""A record of a person, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource
from bianque.model.decision import Outcome
from bianque.model.errors import NeedsSecondPerson, PolicyRefusal
from bianque.registry import people
from bianque.registry.people import FIELDS, PLAIN, PersonHeader
from bianque.registry.register import Register
from bianque.safeguard.view import View, view
from bianque.services import gate

ALL = (*FIELDS, *PLAIN)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A record's id, its region, and the view of the fields that were asked for."""

    id: str
    region: str
    view: View


def show_person(register: Register, authority: Authority, record: str, fields: Sequence[str] = ALL) -> PersonView:
    """The fields of one record under the decision on them.

    raises  PolicyRefusal  when the rules say no, which they also do of a record that is not there
    """
    (shown,) = views(register, authority, headers_of(register, authority, [record], fields), fields, must=True)
    return shown


def stand_in(authority: Authority, fields: Sequence[str] = ()) -> Resource:
    """A record in the regions one works in, assigned to nobody: decided on in place of one that is not there."""
    of_emergency = authority.emergency.terms.regions if authority.emergency else ()
    within = (*of_emergency, *(region for grant in authority.grants for region in grant.regions))
    return Resource(
        "person", "", authority.agency, authority.emergency_id, within=within, fields=tuple(fields), named=True
    )


def headers_of(
    register: Register, authority: Authority, records: Sequence[str], fields: Sequence[str]
) -> list[PersonHeader]:
    """The headers of records, each of which must be there; one that is not is an attempt on record, too.

    raises  PolicyRefusal  for a record that is not there: nobody learns from the answer which ones are; and when no
            emergency is chosen; ChangedRecord
    """
    gate.in_emergency(register, authority, Action.READ_PERSON)
    found = {header.id: header for header in gate.headers(register, authority, Action.READ_PERSON, records, fields)}
    for record in records:
        if record not in found:
            with gate.sought(register, authority, Action.READ_PERSON, stand_in(authority, fields)):
                raise people.unknown(record)
    return [found[record] for record in records]


def views(
    register: Register, authority: Authority, headers: Sequence[PersonHeader], fields: Sequence[str], *, must: bool
) -> list[PersonView]:
    """A view of each record, decided one by one.

    must    whether a refusal is an error; otherwise what is refused is left out
    """
    decisions = gate.permit_each(
        register, authority, Action.READ_PERSON, [header.resource(fields) for header in headers]
    )
    for decision in decisions:
        if must and not decision.allowed:
            raise (NeedsSecondPerson if decision.outcome is Outcome.SECOND_PERSON else PolicyRefusal)(decision)
    allowed = [(header, decision) for header, decision in zip(headers, decisions, strict=True) if decision.allowed]
    values = people.read_each(register, authority, [header.id for header, _ in allowed], fields)
    return [
        PersonView(header.id, header.region, view(decision, values[header.id], area=header.region))
        for header, decision in allowed
    ]
