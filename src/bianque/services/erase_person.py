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
    """How many identifiers went: theirs, and what sources had linked to their ID numbers.

    A phone of theirs that another record holds stays, and so does the link to whom it was given.
    """
    emergency = authority.emergency_id
    read = people.read_each(register, authority, records, [f"person.{kind}" for kind in KINDS]).values()
    maintenance.announce(register, authority)
    going, besides = dict[str, list[str]](), dict[str, set[str]]()
    for kind in KINDS:
        held = sorted({normal(kind, one[f"person.{kind}"]) for one in read} - {""})
        besides[kind] = people.held_besides(register, authority, kind, held, records)
        going[kind] = [value for value in held if value not in besides[kind]]
    with at_door(register.at_rest) as door:
        erased = [
            door.erase(emergency, "id_number", going["id_number"], ("phone", sorted(besides["phone"]))),
            door.erase(emergency, "phone", going["phone"]),
        ]
    identifiers = sum(one.identifiers for one in erased)
    unlocked = sorted({target for one in erased for target in one.unlocked})
    resource = Resource("directory", agency=authority.agency, emergency=emergency, count=identifiers)
    counted = event(
        authority, Action.ERASE_PERSON, resource, under, reason=f"{identifiers} identifiers behind the door"
    )
    with register.writing(authority) as connection:
        locks.lift(connection, emergency, unlocked, authority.account, authority.at)
        releases.erase_opened_of(connection, emergency, unlocked)
        audit.append(connection, [counted])
    return identifiers
