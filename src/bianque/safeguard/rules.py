"""The rules, read from policies/*.cedar and put to Cedar: which of them match these facts?

Nothing outside this module knows Cedar. Policies, entities and schema are parsed once; Cedar's own validation of the
rules against policies/bianque.cedarschema runs when they are read, so that a typing mistake is no silent deny.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cedarpy

from bianque.model.decision import Mask
from bianque.model.text import Text
from bianque.safeguard.facts import Facts

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy file, with its sentence; a rule on fields has those it is on and how they are shown."""

    id: str
    why: Text | None = None
    fields: tuple[str, ...] = ()
    shown: Mask | None = None


class RuleSet:
    """The rules of some policy files, in the order in which they stand there."""

    def __init__(self, names: Sequence[str], parts: Sequence[str]) -> None:
        text = "\n".join(_read(f"{name}.cedar") for name in names)
        validated = cedarpy.validate_policies(text, _read("bianque.cedarschema"))
        if not validated:
            raise ValueError(f"{', '.join(names)}: {'; '.join(str(error) for error in validated.errors)}")
        self._parts = tuple(parts)
        self._policies = cedarpy.PolicySet.from_str(text)
        self._entities = cedarpy.Entities.from_json_str("[]", _read("bianque.cedarschema"))
        self.rules: tuple[Rule, ...] = tuple(_rules(text))

    def ask(self, facts: Facts) -> tuple[bool, list[Rule]]:
        """Whether Cedar allows it, and the rules that decided, in order; none decided: no rule speaks of it."""
        request = {
            "principal": {"type": "Role", "id": facts.role},
            "action": {"type": "Action", "id": facts.action},
            "resource": {"type": "Kind", "id": facts.resource},
            "context": facts.context(self._parts),
        }
        answer = cedarpy.is_authorized(request, self._policies, self._entities)
        if answer.diagnostics.errors:
            raise ValueError(f"{facts.action}: {'; '.join(answer.diagnostics.errors)}")
        numbers = sorted(int(reason.removeprefix("policy")) for reason in answer.diagnostics.reasons)
        return answer.allowed, [self.rules[number] for number in numbers]


@cache
def rule_set(*names: str, parts: tuple[str, ...] = ()) -> RuleSet:
    """The rules of some policy files, parsed once.

    parts   the parts of the context these rules speak of, where not all: a request costs by its length
    """
    return RuleSet(names, parts)


def _read(name: str) -> str:
    return files("bianque.safeguard").joinpath("policies", name).read_text("utf-8")


def _rules(text: str) -> Iterator[Rule]:
    for policy in cedarpy.policies_to_pst(text).static_policies.values():
        said = policy.annotations
        yield Rule(
            id=said["id"],
            why=Text(zh=said["zh"], en=said["en"]) if "en" in said else None,
            fields=tuple(said.get("fields", "").split()),
            shown=None if said.get("shown", WHOLE) == WHOLE else Mask(said["shown"]),
        )
