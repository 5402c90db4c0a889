"""The door's codes over rows of its store: whoever can write there but has no key can make up or change none."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from bianque.model.directory import Alias, Batch, LockedTarget
from bianque.model.errors import BadRegister

LENGTH = 16  # bytes kept of HMAC-SHA-256; RFC 2104, section 5: at least half of it


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one emergency. What was coded for another, or for another use, does not fit."""

    emergency: str
    key: bytes = field(repr=False)

    def batch(self, name: str, kind: str, first_number: int, sealed_key: bytes) -> Batch:
        """A batch of identifiers with its code."""
        return Batch(
            name, kind, first_number, sealed_key, self._code("batch", name, kind, first_number, sealed_key.hex())
        )

    def alias(self, number: int, same_as: int) -> Alias:
        """A link of two numbers with its code."""
        return Alias(number, same_as, self._code("alias", number, same_as))

    def lock(self, pseudonym: str, rule: str) -> LockedTarget:
        """The lock of a target by a rule, with its code."""
        return LockedTarget(pseudonym, rule, self._code("lock", pseudonym, rule))

    def batches(self, found: Sequence[Batch]) -> Sequence[Batch]:
        """Batches as the store has them, once each is seen to be the door's.

        raises  BadRegister  when one is not
        """
        for one in found:
            made = self.batch(one.id, one.kind, one.first_number, one.sealed_key)
            self._must_fit(one.code, made.code, "batch of identifiers")
        return found

    def pairs(self, found: Sequence[Alias]) -> list[tuple[int, int]]:
        """Aliases as the store has them, once each is seen to be the door's.

        raises  BadRegister  when one is not
        """
        for one in found:
            self._must_fit(one.code, self.alias(one.number, one.same_as).code, "link of two numbers")
        return [(one.number, one.same_as) for one in found]

    def locks(self, found: Sequence[LockedTarget]) -> set[str]:
        """The pseudonyms of locks as the store has them, once each is seen to be the door's.

        raises  BadRegister  when one is not
        """
        for one in found:
            self._must_fit(one.code, self.lock(one.pseudonym, one.rule).code, "lock of a target")
        return {one.pseudonym for one in found}

    def _code(self, *bound: str | int) -> bytes:
        message = json.dumps([self.emergency, *bound]).encode()
        return hmac.digest(self.key, message, hashlib.sha256)[:LENGTH]

    def _must_fit(self, found: bytes, made: bytes, what: str) -> None:
        if not hmac.compare_digest(found, made):
            raise BadRegister(
                f"a {what} in the store behind the door is not the door's: {self.emergency}",
                kept="the store as it is; nothing was opened",
                remedy="somebody wrote it there or changed it: look into the audit, and restore the newest backup",
            )
