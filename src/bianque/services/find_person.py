"""Who has this phone or ID number?  Those whose records the reader may see, as far as they may be seen."""

from __future__ import annotations

from bianque.model.authority import Action, Authority, Resource
from bianque.registry import people
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.show_person import PersonView, views

SHOWN = ("person.name", "person.phone", "person.region")


def find_person(register: Register, authority: Authority, kind: str, value: str) -> list[PersonView]:
    """The records with an identifier; those the reader may not see are left out, and on record.

    kind    phone or id_number
    raises  BadInput  when there is no index of that kind; PolicyRefusal when the rules say no; ChangedRecord
    """
    emergency = gate.in_emergency(register, authority, Action.FIND_PERSON)
    search = Resource("person", agency=authority.agency, emergency=emergency, fields=(f"person.{kind}",))
    gate.permit(register, authority, Action.FIND_PERSON, search)
    found = gate.headers(register, authority, Action.FIND_PERSON, people.find(register, authority, kind, value), SHOWN)
    return views(register, authority, found, SHOWN, must=False)
