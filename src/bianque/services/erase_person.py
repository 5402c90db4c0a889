"""Records of people are erased: from the door's directory first, then their keys, what they sealed, and all its traces.

What the door held can be named only as long as the record can be read: whoever is cut off in between leaves a person
that can be erased again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bianque.model.audit import event
from bianque.model.authority import Action, Authority, Resource
from bianque.model.decision import Decision
from bianque.model.identifiers import normal
from bianque.registry import audit, backup, erasure, locks, maintenance, people, releases
from bianque.registry.blind_index import KINDS
from bianque.registry.directory import StoredDirectory
from bianque.registry.erasure import Erasure
from bianque.registry.register import Register
from bianque.services import gate, reasons
from bianque.services.door import at_door
from bianque.services.show_person import headers_of


def erase_people(register: Register, authority: Authority, records: Sequence[str], *, reason: str) -> Erasure:
    """Erase records, and their phones and ID numbers behind the door where no other record holds them.

    Copies on paper or with recipients are out of reach, and the receipt does not speak of them. The newest backup of
    the keys and of the door is written anew, so that no older backup of the data shows them.

    raises  PolicyRefusal  when the rules say no to one of them or to so many at once: nothing is erased then;
            BadInput  when no reason is given, or they are erased here and the folder of the backups is out of reach;
            BadRegister  when the door does not open: nothing is erased then
    """
    said = reasons.given(reason, "the records")
    headers = headers_of(register, authority, records, ())
    resources = [replace(header.resource(()), count=len(set(records))) for header in headers]
    decisions = [gate.permit(register, authority, Action.ERASE_PERSON, one, reason=said) for one in resources]
    identifiers = 0
    if decisions and StoredDirectory(register).has_key(authority.emergency_id):
        identifiers = _erase_behind_the_door(register, authority, records, decisions[0])
    others = people.with_the_same_id_number(register, authority, records)
    erased = erasure.erase(register, authority, records)
    backup.rewrite_key_backup(register, authority.at)
    return replace(erased, identifiers=identifiers, others=others)


def _erase_behind_the_door(register: Register, authority: Authority, records: Sequence[str], under: Decision) -> int:
    """How many identifiers went: theirs, and whatever a source had linked to them.

    What an officer had open of them and the locks on them go first: once the door has forgotten them, nobody could say
    which those were. A phone of theirs that another record holds stays. One that a source linked to them goes, even
    where another record holds it: it is found again, under another pseudonym, when a source next brings it.
    """
    emergency = authority.emergency_id
    leading, alone, shared = _identifiers(register, authority, records)
    maintenance.announce(register, authority)
    with at_door(register.at_rest) as door:
        persons = sorted({one for kind, values in leading.items() for one in door.persons(emergency, kind, values)})
        _forget(register, authority, persons)
        erased = [
            *(door.erase(emergency, kind, held, ("phone", shared), linked=True) for kind, held in leading.items()),
            door.erase(emergency, "phone", alone),
        ]
    identifiers = sum(one.identifiers for one in erased)
    _forget(register, authority, sorted({target for one in erased for target in one.unlocked}))
    resource = Resource("directory", agency=authority.agency, emergency=emergency, count=identifiers)
    counted = event(
        authority, Action.ERASE_PERSON, resource, under, reason=f"{identifiers} identifiers behind the door"
    )
    with register.writing(authority) as connection:
        audit.append(connection, [counted])
    return identifiers


def _identifiers(
    register: Register, authority: Authority, records: Sequence[str]
) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """What leads to the persons, by kind: their ID numbers, or the phone of who has none; other phones that nobody else
    holds; and phones that others hold."""
    read = people.read_each(register, authority, records, [f"person.{kind}" for kind in KINDS]).values()
    held = [{kind: normal(kind, one[f"person.{kind}"]) for kind in KINDS} for one in read]
    others = {
        kind: people.held_besides(register, authority, kind, sorted({one[kind] for one in held} - {""}), records)
        for kind in KINDS
    }
    free = [{kind: "" if one[kind] in others[kind] else one[kind] for kind in KINDS} for one in held]
    numbered = {one["phone"] for one, kept in zip(free, held, strict=True) if kept["id_number"]} - {""}
    leading = {
        "id_number": sorted({one["id_number"] for one in free} - {""}),
        "phone": sorted({one["phone"] for one in free} - {""} - numbered),
    }
    return leading, sorted(numbered), sorted(others["phone"])


def _forget(register: Register, authority: Authority, pseudonyms: Sequence[str]) -> None:
    with register.writing(authority) as connection:
        locks.lift(connection, authority.emergency_id, pseudonyms, authority.account, authority.at)
        releases.erase_opened_of(connection, authority.emergency_id, pseudonyms)
