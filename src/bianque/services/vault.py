"""The vault's own check: what interrupted imports, rotations and erasures left, in every emergency of the agency."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bianque.model.authority import Action, Authority, Resource
from bianque.registry import emergencies, integrity
from bianque.registry.integrity import Leftovers
from bianque.registry.register import Register
from bianque.services import gate, release_ends


@dataclass(frozen=True, slots=True)
class VaultCheck:
    """What was found: leftovers by emergency, and how many releases are over whose opened values were still there."""

    leftovers: dict[str, Leftovers]
    releases: int


def check_vault(register: Register, authority: Authority, *, tidy: bool = False) -> VaultCheck:
    """What was found. It names records and never a person; nobody's data are opened.

    tidy    sweep it: what is unreadable is deleted, keys that seal nothing are destroyed, rotations are ended, and what
            was opened for hours that are over is erased
    raises  PolicyRefusal  when the rules say no
    """
    gate.permit(register, authority, Action.MANAGE_KEYS, Resource("keys", agency=authority.agency))
    with register.system() as connection:
        listed = emergencies.listed(connection, authority.agency)
    over = release_ends.end_everywhere if tidy else release_ends.over
    releases = over(register, authority.at)
    look = integrity.tidy if tidy else integrity.leftovers
    return VaultCheck({one.id: look(register, replace(authority, emergency=one)) for one in listed}, releases)
