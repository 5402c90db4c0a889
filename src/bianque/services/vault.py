"""The vault's own check: what interrupted imports, rotations and erasures left, in every emergency of the agency."""

from __future__ import annotations

from dataclasses import replace

from bianque.model.authority import Action, Authority, Resource
from bianque.registry import emergencies, integrity
from bianque.registry.integrity import Leftovers
from bianque.registry.register import Register, open_register
from bianque.services import gate

__all__ = ["check_vault", "open_register"]


def check_vault(register: Register, authority: Authority, *, tidy: bool = False) -> dict[str, Leftovers]:
    """What was found, by emergency. It names records and never a person; nobody's data are opened.

    tidy    sweep it: what is unreadable is deleted, keys that seal nothing are destroyed, rotations are ended
    raises  PolicyRefusal  when the rules say no
    """
    gate.permit(register, authority, Action.MANAGE_KEYS, Resource("keys", agency=authority.agency))
    with register.system() as connection:
        listed = emergencies.listed(connection, authority.agency)
    look = integrity.tidy if tidy else integrity.leftovers
    return {one.id: look(register, replace(authority, emergency=one)) for one in listed}
