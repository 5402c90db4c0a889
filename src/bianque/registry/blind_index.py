"""Blind index: who has this phone or ID number?  Answered from a keyed hash, without opening a sealed field.

Identifiers are few enough to try them all, so a plain hash of one is the identifier. These hashes are keyed, and with
another key for each agency, emergency and kind: index values of two emergencies cannot be joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bianque.model.errors import BadInput
from bianque.model.identifiers import normal
from bianque.registry.root import Root
from bianque.registry.suites import Suite

KINDS = ("phone", "id_number")
LENGTH = 16  # bytes kept of the hash; RFC 2104, section 5: at least half of it


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """The index of one agency's records in one emergency."""

    suite: Suite
    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, root: Root, suite: Suite, agency: str, emergency: str) -> BlindIndex:
        return cls(suite, {kind: root.derive(f"blind index\0{agency}\0{emergency}\0{kind}") for kind in KINDS})

    def value(self, kind: str, identifier: str) -> bytes | None:
        """What the index holds for an identifier, whichever way it is written; None for an empty one.

        raises  BadInput  when there is no index of that kind
        """
        if kind not in self.keys:
            raise BadInput(f"nobody can be found by {kind}", remedy=f"search by {' or '.join(KINDS)}")
        written = normal(kind, identifier)
        return self.suite.mac(self.keys[kind], written.encode())[:LENGTH] if written else None
