"""Identifiers of a source at the door: each known one finds its person, each new one opens a person number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bianque.model.authority import Action, Authority, Resource
from bianque.registry import organisations
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import gate

KINDS = ("phone", "id_number")


@dataclass(frozen=True, slots=True)
class PairsEnrolled:
    """The pseudonym of each person, and how many phones were not linked: another ID number had them before."""

    pseudonyms: list[str]
    unlinked: int


def enrol_identifiers(
    register: Register, door: Door, authority: Authority, organisation: str, pairs: Sequence[tuple[str, str]]
) -> PairsEnrolled:
    """The pseudonyms of persons of whom a source knows phone and ID number, in order; both lead to one person.

    Two ID numbers are two persons, whatever phone they share: it leads to the one it was first given with.

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
    door.enrol(resource.emergency, "phone", phones)
    door.enrol(resource.emergency, "id_number", numbers)
    linked = door.link(resource.emergency, ("phone", phones), ("id_number", numbers))
    return PairsEnrolled(door.find(resource.emergency, "id_number", numbers), linked.apart)
