"""Records of people are erased: their keys first, then what they sealed, then its traces in the register's files."""

from __future__ import annotations

from collections.abc import Sequence

from bianque.model.authority import Action, Authority
from bianque.registry import erasure
from bianque.registry.erasure import Erasure
from bianque.registry.register import Register
from bianque.services import gate
from bianque.services.show_person import headers_of


def erase_people(register: Register, authority: Authority, records: Sequence[str], *, reason: str) -> Erasure:
    """Erase records; copies on paper or with recipients are out of reach, and the receipt does not speak of them.

    raises  PolicyRefusal  when the rules say no to one of them: nothing is erased then
    """
    headers = headers_of(register, authority, records, ())
    for header in headers:
        gate.permit(register, authority, Action.ERASE_PERSON, header.resource(()), reason=reason)
    return erasure.erase(register, authority, records)
