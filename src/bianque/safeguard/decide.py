"""Decisions: may this authority do this, to this resource, for this recipient?  Deny by default.

The rules are Cedar text under policies/, for an auditor to read: duties (who may do what at all), conditions (what must
hold; they forbid), second_person (what is not done alone) and fields (how each field is shown to whom).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from bianque.model import catalogue
from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.decision import Decision, Mask, Outcome
from bianque.model.text import Text
from bianque.safeguard.facts import Facts, facts
from bianque.safeguard.rules import Rule, rule_set

REMEMBERED = 65_536  # decisions; one takes about 2 kB
SHOWS_FIELDS = frozenset(
    {Action.FIND_PERSON, Action.READ_PERSON, Action.EXPORT_PEOPLE, Action.READ_RELEASE, Action.ANSWER_RIGHTS_REQUEST}
)
NO_DUTY = "duty"
STRICTNESS = (None, Mask.DECADE, Mask.AREA, Mask.LAST_FOUR, Mask.FIRST_CHARACTER, Mask.HIDDEN)  # None: whole


def decide(authority: Authority, action: Action, resource: Resource, recipient: Recipient | None = None) -> Decision:
    """The verdict of the rules, with the id of the rule that gave it and its sentence.

    Of several rules that forbid, the first in the file is told; NO_DUTY when the role has no such duty at all.
    """
    return _decided(facts(authority, action, resource, recipient))


@cache
def sentences() -> Mapping[str, Text]:
    """The sentence of each rule by its id, to explain a decision that is on record."""
    rules = (*rule_set("duties", "conditions").rules, *rule_set("second_person", parts=("on",)).rules)
    return MappingProxyType({rule.id: _sentence(rule) for rule in rules})


@lru_cache(maxsize=REMEMBERED)
def _decided(asked: Facts) -> Decision:
    allowed, rules = rule_set("duties", "conditions").ask(asked)
    if not allowed:
        if rules and rule_set("duties").ask(asked)[0]:
            return Decision(Outcome.DENY, rules[0].id, _sentence(rules[0]))
        return Decision(Outcome.DENY, NO_DUTY, no_duty(asked.role, asked.action))
    alone, second = rule_set("second_person", parts=("on",)).ask(asked)
    if alone:
        return Decision(Outcome.SECOND_PERSON, second[0].id, _sentence(second[0]))
    masks = _masks(asked) if asked.action in SHOWS_FIELDS else {}
    outcome = Outcome.ALLOW_MASKED if masks else Outcome.ALLOW
    return Decision(outcome, rules[0].id, _sentence(rules[0]), MappingProxyType(masks), asked.on.fields)


def no_duty(role: str, action: str) -> Text:
    """That a role has no such duty: said by no rule, but by the lack of one."""

    def said(language: str) -> str:
        who = catalogue.text(f"decision_role_{role}", language)
        what = catalogue.text(f"decision_action_{action}", language)
        return catalogue.text("decision_no_duty", language, role=who, action=what)

    return Text(zh=said("zh-CN"), en=said("en"))


def _sentence(rule: Rule) -> Text:
    assert rule.why is not None  # every rule of duties, conditions and second_person has one: a test reads them all
    return rule.why


def _masks(asked: Facts) -> dict[str, Mask]:
    """How each field asked for is shown that is not shown whole: hidden unless a rule shows it, the strictest wins."""
    _, rules = rule_set("fields", parts=("on", "to")).ask(asked)
    masks: dict[str, Mask] = {}
    for field in sorted(asked.on.fields):
        names = {field, f"{field.partition('.')[0]}.*", *(("raised",) if field in asked.on.raised else ())}
        shown = [rule.shown for rule in rules if not names.isdisjoint(rule.fields)]
        strictest = max(shown, key=STRICTNESS.index) if shown else Mask.HIDDEN
        if strictest is not None:
            masks[field] = strictest
    return masks
