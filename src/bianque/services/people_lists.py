"""The lists that people of a file may stand in, and the receipts of the files."""

from __future__ import annotations

from bianque.model.authority import Action, Authority, Resource
from bianque.model.text import Text
from bianque.registry import collections, lists, organisations
from bianque.registry.collections import Receipt
from bianque.registry.lists import PersonList
from bianque.registry.register import Register
from bianque.services import gate


def add_list(register: Register, authority: Authority, new: PersonList) -> None:
    """A new list of an organisation that is a source of the emergency.

    raises  BadInput  when one with its id exists; PolicyRefusal when the rules say no
    """
    with register.system() as connection:
        holder = organisations.find(connection, new.organisation)
    source = Resource(
        "people",
        agency=authority.agency,
        emergency=authority.emergency_id,
        source=new.organisation,
        source_kind=holder.kind if holder else None,
    )
    gate.permit(register, authority, Action.IMPORT_PEOPLE, source)
    lists.add(register, authority, new)


def listed(register: Register, authority: Authority) -> list[PersonList]:
    """The lists of the emergency: their names and what follows from them, nobody who stands in them."""
    gate.permit(register, authority, Action.READ_SITUATION, Resource("list", agency=authority.agency))
    return lists.lists(register, authority)


def names(register: Register, authority: Authority) -> dict[str, Text]:
    """What each list of the emergency is called, for whoever sees the id of one on a record.

    raises  PolicyRefusal  when the rules say no
    """
    gate.require(authority, Action.READ_SITUATION, Resource("list", agency=authority.agency))
    return {one.id: one.name for one in lists.lists(register, authority)}


def receipts(register: Register, authority: Authority) -> list[Receipt]:
    """The receipts of everything that was taken in for the emergency, newest first."""
    gate.permit(register, authority, Action.READ_SITUATION, Resource("collection", agency=authority.agency))
    return [collections.receipt(register, authority, of) for of in collections.collections(register, authority)]
