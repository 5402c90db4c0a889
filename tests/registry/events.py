"""Events of the audit for tests."""

from __future__ import annotations

from bianque.model.audit import Event


def an_event(account: str, agency: str = "cdc") -> Event:
    """A read by an account that was allowed."""
    return Event(
        at="2020-02-01T08:00:00.000+00:00",
        account=account,
        role="tracer",
        organisation=agency,
        agency=agency,
        emergency="",
        purpose="",
        basis="",
        action="read_person",
        kind="person",
        resource="",
        subject="0" * 32,
        fields=("person.name",),
        outcome="allow",
        rule="a_rule",
    )
