"""Lists people stand in, and what follows about them from standing there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from bianque.model.authority import Authority
from bianque.model.dates import instant
from bianque.model.errors import BadInput
from bianque.model.text import Text
from bianque.registry.people import emergency_of, marks_of
from bianque.registry.register import Register
from bianque.registry.tables.people import person_list


@dataclass(frozen=True, slots=True)
class PersonList:
    """`implies` are facts that follow from membership: `health` for those returned from where the disease is."""

    id: str
    name: Text
    organisation: str
    implies: frozenset[str] = frozenset()


def add(register: Register, authority: Authority, new: PersonList) -> None:
    """A new list of the authority's emergency.

    raises  BadInput  when one with its id exists
    """
    row = {
        "id": new.id,
        "agency": authority.agency,
        "emergency": emergency_of(authority),
        "name_zh": new.name.zh,
        "name_en": new.name.en,
        "organisation": new.organisation,
        "implies": " ".join(sorted(new.implies)),
        "created_at": instant(authority.at),
    }
    with register.writing(authority) as connection:
        if connection.execute(select(person_list.c.id).where(person_list.c.id == new.id)).first():
            raise BadInput(f"there is a list {new.id} already", kept="the list as it is", remedy="choose another id")
        connection.execute(insert(person_list), [marks_of(register, connection, authority).marked(person_list, row)])


def lists(register: Register, authority: Authority) -> list[PersonList]:
    """The lists of the authority's emergency, oldest first.

    raises  BadRegister  when one is not as it was written
    """
    mine = (person_list.c.agency == authority.agency, person_list.c.emergency == emergency_of(authority))
    with register.reading(authority) as connection:
        listed = select(person_list).where(*mine).order_by(person_list.c.created_at)
        rows = connection.execute(listed).mappings().all()
        marks = marks_of(register, connection, authority)
    for row in rows:
        marks.must_hold(person_list, row)
    return [
        PersonList(
            row["id"],
            Text(zh=row["name_zh"], en=row["name_en"]),
            row["organisation"],
            frozenset(row["implies"].split()),
        )
        for row in rows
    ]
