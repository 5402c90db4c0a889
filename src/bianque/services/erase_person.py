"""Records of people are erased: their keys first, then what they sealed, then its traces in the register's files."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model.authority import Action, Authority
from bianque.registry import backup, erasure
from bianque.registry.erasure import Erasure
from bianque.registry.register import Register
from bianque.services import gate, reasons
from bianque.services.show_person import headers_of


def erase_people(register: Register, authority: Authority, records: Sequence[str], *, reason: str) -> Erasure:
    """Erase records; copies on paper or with recipients are out of reach, and the receipt does not speak of them.

    The newest backup of the keys is written anew, so that no older backup of the data shows them.

    raises  PolicyRefusal  when the rules say no to one of them: nothing is erased then; BadInput when no
            reason is given, or they are erased here and the folder of the backups is out of reach
    """
    said = reasons.given(reason, "the records")
    headers = headers_of(register, authority, records, ())
    for header in headers:
        gate.permit(register, authority, Action.ERASE_PERSON, header.resource(()), reason=said)
    erased = erasure.erase(register, authority, records)
    backup.rewrite_key_backup(register, authority.at)
    return erased
