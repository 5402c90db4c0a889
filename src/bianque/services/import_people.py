"""A file of people into the register: a collection, or a transfer from an organisation that held them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bianque.model.authority import Action, Authority, Purpose, Resource
from bianque.model.emergency import DataSource
from bianque.model.regions import RegionSystem, china
from bianque.registry import collections, lists, organisations
from bianque.registry.collections import Receipt, Source
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.people_file import Checks, PeopleFile, checked, read_people


@dataclass(frozen=True, slots=True)
class Transfer:
    """Whose data a file holds, on which device it was collected or came, and whether it was collected for this."""

    organisation: str
    device: str
    anew: bool = False


def import_people(
    register: Register, authority: Authority, path: Path, transfer: Transfer, *, regions: RegionSystem | None = None
) -> Receipt:
    """Take a file in: read = accepted + quarantined. Given again after it was cut off, it goes on where it was.

    regions  the system its regions are named in; without it GB/T 2260
    raises   BadInput  when the file cannot be used, or was taken in before; PolicyRefusal when the rules say no
    """
    file = read_people(path)
    sources = _allowed(authority, transfer.organisation)
    allowed = frozenset(field.removeprefix("person.") for source in sources for field in source.fields)
    taken = tuple(field for field in file.fields if field in allowed)
    asked = taken if sources else file.fields  # all of them: so that the refusal is of what was tried
    gate.permit(register, authority, Action.IMPORT_PEOPLE, _resource(register, authority, transfer, file, asked))

    source = Source(
        transfer.organisation,
        transfer.device,
        tuple(purpose for purpose in Purpose if all(purpose in source.purposes for source in sources)),
        authority.basis or "",
        taken,
        file.digest,
        refused_values=_values_outside(file, allowed),
    )
    into = collections.begin(register, authority, source)
    against = Checks(
        fields=frozenset(taken),
        regions=regions or china(),
        jurisdiction=frozenset(authority.emergency.terms.regions if authority.emergency else ()),
        lists=frozenset(one.id for one in lists.lists(register, authority)),
        today=authority.at.date(),
    )
    return collections.import_people(register, authority, into, checked(file, against, after=into.read))


def _allowed(authority: Authority, organisation: str) -> list[DataSource]:
    """What the emergency allows to be taken from an organisation for this purpose on this basis."""
    listed = authority.emergency.terms.sources if authority.emergency else ()
    its = [one for one in listed if one.organisation == organisation]
    return [one for one in its if one.basis == authority.basis and authority.purpose in one.purposes]


def _resource(
    register: Register, authority: Authority, transfer: Transfer, file: PeopleFile, taken: tuple[str, ...]
) -> Resource:
    with register.system() as connection:
        holder = organisations.find(connection, transfer.organisation)
    return Resource(
        "people",
        agency=authority.agency,
        emergency=authority.emergency_id,
        fields=tuple(f"person.{field}" for field in taken),
        count=len(file.rows),
        source=transfer.organisation,
        source_kind=holder.kind if holder else None,
        anew=transfer.anew,
    )


def _values_outside(file: PeopleFile, allowed: frozenset[str]) -> int:
    """Values in columns that the source may not give, or that no person has."""
    taken = {place for name, place in file.columns.items() if name in allowed}
    return sum(1 for row in file.rows for place, cell in enumerate(row) if place not in taken and cell.strip())
