"""Rows of a file that could not be taken: looked at by who may see them whole, and dropped when they are put right."""

from __future__ import annotations

from bianque.model.authority import Action, Authority, Resource
from bianque.model.decision import Outcome
from bianque.model.errors import PolicyRefusal
from bianque.registry import backup, collections
from bianque.registry.collections import BadRow
from bianque.registry.people import FIELDS, PLAIN
from bianque.registry.register import Register
from bianque.services import gate


def quarantined_rows(register: Register, authority: Authority, receipt: str) -> list[BadRow]:
    """The rows of a receipt, opened: a bad row cannot be masked field by field, so it is seen whole or not at all.

    raises  PolicyRefusal  when the rules say no, or would mask a field
    """
    decision = gate.permit(register, authority, Action.READ_PERSON, _resource(authority, receipt))
    if decision.outcome is not Outcome.ALLOW:
        raise PolicyRefusal(decision, remedy="somebody who may see every field whole looks at bad rows")
    return collections.quarantined(register, authority, receipt)


def drop_quarantine(register: Register, authority: Authority, receipt: str) -> int:
    """Destroy the key of a receipt's bad rows and delete them; the counts of the receipt stay. Returns how many went.

    The newest backup of the keys is written anew, so that no older backup of the data shows the rows.

    raises  PolicyRefusal  when the rules say no; BadInput when the folder of the backups is out of reach
    """
    gate.permit(register, authority, Action.READ_PERSON, _resource(authority, receipt))
    gone = collections.drop_quarantine(register, authority, receipt)
    backup.rewrite_key_backup(register, authority.at)
    return gone


def _resource(authority: Authority, receipt: str) -> Resource:
    """Bad rows may be of anybody in the emergency's jurisdiction."""
    emergency = authority.emergency
    return Resource(
        "collection",
        receipt,
        agency=authority.agency,
        emergency=emergency.id if emergency else "",
        within=emergency.terms.regions if emergency else (),
        fields=(*FIELDS, *PLAIN),
        named=True,
    )
