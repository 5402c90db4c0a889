"""A record is put right: the old values are replaced and nowhere kept."""

from __future__ import annotations

from collections.abc import Mapping

from bianque.model import catalogue
from bianque.model.authority import Action, Authority
from bianque.model.errors import BadInput
from bianque.registry import people
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.people_file import BadCell, checked_value
from bianque.services.show_person import headers_of


def correct_person(register: Register, authority: Authority, record: str, values: Mapping[str, str]) -> int:
    """Replace fields of one record. Returns its new version.

    values  by `person.field`; '' takes a value out
    raises  BadInput  when a value is not what its field says; PolicyRefusal when the rules say no
    """
    (header,) = headers_of(register, authority, [record], list(values))
    gate.permit(register, authority, Action.CORRECT_PERSON, header.resource(list(values)))
    try:
        corrected = {field: checked_value(field.removeprefix("person."), text) for field, text in values.items()}
    except BadCell as bad:
        raise BadInput(
            f"{bad.field} cannot be corrected to this: {catalogue.text(f'people_reason_{bad.reason}', 'en')}",
            kept="the record as it was",
            remedy="give the value as it stands in the document, or an empty one to take it out",
        ) from None
    return people.correct(register, authority, record, corrected)
