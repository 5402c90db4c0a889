"""Decisions: may this authority do this, to this resource, for this recipient?  Deny by default."""

from __future__ import annotations

from bianque.model.authority import Action, Authority, Recipient, Resource
from bianque.model.decision import Decision, Outcome
from bianque.model.text import Text


def decide(authority: Authority, action: Action, resource: Resource, recipient: Recipient | None = None) -> Decision:
    """The verdict of the rules, with the id of the rule that gave it."""
    del authority, action, resource, recipient
    return Decision(Outcome.DENY, "deny-by-default", Text(zh="没有规则允许。", en="No rule allows this."))
