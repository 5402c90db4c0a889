"""What a rule says to an attempt: yes, yes with masks, not alone, or no; which rule, and why in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bianque.model.text import Text


class Outcome(StrEnum):
    ALLOW = "allow"
    ALLOW_MASKED = "allow_masked"
    SECOND_PERSON = "second_person"
    DENY = "deny"


class Mask(StrEnum):
    """How a field leaves that may not leave whole."""

    HIDDEN = "hidden"
    LAST_FOUR = "last_four"  # of a phone or ID number
    FIRST_CHARACTER = "first_character"  # of a name
    AREA = "area"  # of an address: the region alone
    DECADE = "decade"  # of an age


@dataclass(frozen=True, slots=True)
class Decision:
    """`fields` are those that were asked for; `masks` says of each that may not leave whole how it leaves."""

    outcome: Outcome
    rule: str
    why: Text
    masks: Mapping[str, Mask] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()

    @property
    def allowed(self) -> bool:
        return self.outcome in (Outcome.ALLOW, Outcome.ALLOW_MASKED)
