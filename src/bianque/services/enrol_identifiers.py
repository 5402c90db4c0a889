"""Identifiers of a source at the door: each known one finds its person, each new one opens a person number."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model.authority import Action, Authority, Resource
from bianque.registry import organisations
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import gate

KINDS = ("phone", "id_number")


def enrol_identifiers(
    register: Register, door: Door, authority: Authority, organisation: str, pairs: Sequence[tuple[str, str]]
) -> list[str]:
    """The pseudonyms of persons of whom a source knows phone and ID number, in order; both lead to one person.

    organisation  whose data they are: a source of the emergency
    pairs         phone and ID number of each person
    raises        PolicyRefusal  when the emergency does not let these be taken from the source
    """
    with register.system() as connection:
        holder = organisations.find(connection, organisation)
    resource = Resource(
        "people",
        agency=authority.agency,
        emergency=gate.in_emergency(register, authority, Action.IMPORT_PEOPLE, "people"),
        fields=tuple(f"person.{kind}" for kind in KINDS),
        count=len(pairs),
        source=organisation,
        source_kind=holder.kind if holder else None,
    )
    gate.permit(register, authority, Action.IMPORT_PEOPLE, resource, reason="identifiers at the door")
    phones, numbers = ([pair[place] for pair in pairs] for place in range(2))
    pseudonyms = door.enrol(resource.emergency, "phone", phones).pseudonyms
    door.enrol(resource.emergency, "id_number", numbers)
    door.link(resource.emergency, ("phone", phones), ("id_number", numbers))
    return pseudonyms
