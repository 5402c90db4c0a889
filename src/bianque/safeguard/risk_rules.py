"""Risk rules: the only grounds on which a pseudonym is locked as a target.  Data, so that an auditor can read them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bianque.model.errors import BadInput
from bianque.model.text import Strict, Text


class RiskRule(Strict):
    """When a rule holds, and what must be named as evidence."""

    id: str
    holds: Text
    evidence: str


@cache
def rules() -> dict[str, RiskRule]:
    """Every rule, by its id."""
    said = tomllib.loads(files("bianque.safeguard").joinpath("risk_rules.toml").read_text("utf-8"))
    return {
        name: RiskRule(id=name, holds=Text(zh=rule["zh"], en=rule["en"]), evidence=rule["evidence"])
        for name, rule in said.items()
    }


def rule(name: str) -> RiskRule:
    """One rule.

    raises  BadInput  when there is none of this name
    """
    if name not in rules():
        raise BadInput(f"there is no risk rule {name}", kept="no lock", remedy=f"use one of {', '.join(rules())}")
    return rules()[name]
