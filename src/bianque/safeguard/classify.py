"""Sensitivity depends on context: what is a field here, and which rule made it so?

effective = registered class, raised by every rule of raising.toml whose conditions are known. Raising is the join of a
lattice: more evidence can only raise, in any order, and twice is once. Another context is computed afresh.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from pydantic import Field as Setting

from bianque.model.authority import Purpose
from bianque.model.emergency import Emergency
from bianque.model.errors import BadInput
from bianque.model.fields import Category, Class, registered
from bianque.model.organisation import HolderKind
from bianque.model.text import Strict, Text

WORSHIP_VISITS = 5  # a week, to one place of worship: from then on the location tells the religion
COMMERCIAL = (HolderKind.TELECOM, HolderKind.INTERNET)
CARE_AND_CONTROL = frozenset(
    {
        Purpose.CONTACT_TRACING,
        Purpose.ISOLATION_FOLLOW_UP,
        Purpose.CLINICAL_CARE,
        Purpose.LABORATORY_TESTING,
        Purpose.DATA_SUBJECT_RIGHTS,
    }
)


class Raising(Strict):
    """One rule that raises."""

    when: frozenset[str] = Setting(default=frozenset(), description="evidence that must be known, all of it")
    beside: frozenset[Category] = Setting(default=frozenset(), description="a field of these in the same table")
    raises: frozenset[Category] = Setting(min_length=1, description="categories of fields that become sensitive")
    art_9: bool = Setting(default=False, description="they become a special category of GDPR art. 9(1)")
    infers: str = Setting(default="", description="what can be inferred: health, religion, movement")
    zh: str = Setting(description="why, in Chinese")
    en: str = Setting(description="why, in English")
    source: str = Setting(description="where this stands")

    @property
    def why(self) -> Text:
        return Text(zh=self.zh, en=self.en)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What a field is in a context, and the rules that raised it, in the order of raising.toml."""

    gb: Class
    art_9: bool
    rules: tuple[str, ...] = ()

    def __or__(self, other: Sensitivity) -> Sensitivity:
        """The maximum of two: what is derived from both inherits it."""
        either = set(self.rules) | set(other.rules)
        rules = tuple(rule for rule in raisings() if rule in either)
        return Sensitivity(max(self.gb, other.gb), self.art_9 or other.art_9, rules)


NOTHING = Sensitivity(Class.NONE, False)


@cache
def raisings() -> Mapping[str, Raising]:
    """Every rule that raises, by id."""
    read = tomllib.loads(files("bianque.safeguard").joinpath("raising.toml").read_text("utf-8"))
    return MappingProxyType({key: Raising.model_validate(rule) for key, rule in read.items()})


@cache
def evidence() -> frozenset[str]:
    """Every word a context may have."""
    return frozenset(word for rule in raisings().values() for word in rule.when)


def effective(fields: Iterable[str], context: Iterable[str]) -> dict[str, Sensitivity]:
    """The sensitivity of each field in a context.

    fields   `table.field`, those that are used together
    context  words of `evidence()`: what is known of the list, the joins, the person, the controller, the purpose
    raises   BadInput  for a field that is not registered, or a word that no rule knows
    """
    asked, known = tuple(dict.fromkeys(fields)), frozenset(context)
    if unknown := [name for name in asked if name not in registered()]:
        raise BadInput(f"not registered: {', '.join(unknown)}", remedy="register it in src/bianque/model/fields")
    if strange := known - evidence():
        raise BadInput(
            f"no rule knows the context {', '.join(sorted(strange))}", remedy=f"one of {', '.join(sorted(evidence()))}"
        )
    beside = frozenset(registered()[name].category for name in asked)
    return {name: _raised(name, known, beside) for name in asked}


def derived(sources: Iterable[Sensitivity]) -> Sensitivity:
    """The sensitivity of what is computed from several fields: the maximum of theirs."""
    result = NOTHING
    for source in sources:
        result |= source
    return result


def worship(visits_a_week: int) -> frozenset[str]:
    """The evidence in how often a person visits one place of worship."""
    return frozenset({"worship"}) if visits_a_week >= WORSHIP_VISITS else frozenset()


def context_of(
    emergency: Emergency | None,
    *,
    is_open: bool,
    within: Iterable[str] = (),
    controller: HolderKind | None = None,
    purpose: Purpose | None = None,
    known: Iterable[str] = (),
) -> frozenset[str]:
    """The words of a context.

    is_open     whether the emergency is declared and runs on the day in question
    within      the region of the person and every region that contains it
    controller  kind of the body that holds the data
    known       what else is known: words of the list, the joins, the person; words no rule knows are left out, since
                a list may also say what raises nothing
    """
    words = set(known) & evidence()
    if emergency is not None:
        words |= {"emergency"} if is_open else set()
        words |= {"climate_of_fear"} if emergency.terms.climate_of_fear else set()
        words |= {"in_jurisdiction"} if set(within) & set(emergency.terms.regions) else set()
    if controller in COMMERCIAL:
        words.add("commercial_controller")
    if purpose is not None and purpose not in CARE_AND_CONTROL:
        words.add("purpose_beyond_care")
    return frozenset(words)


@lru_cache(maxsize=16_384)
def _raised(name: str, known: frozenset[str], beside: frozenset[Category]) -> Sensitivity:
    field = registered()[name]
    result = Sensitivity(field.gb, field.art_9)
    if field.gb is Class.NONE:
        return result  # of no person: nothing to raise
    for key, rule in raisings().items():
        if rule.when <= known and (not rule.beside or rule.beside & beside) and field.category in rule.raises:
            result |= Sensitivity(Class.SENSITIVE, rule.art_9, (key,))
    return result
