"""The Cedar rules and an evaluator written from the page on decisions give the same answer to any attempt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bianque.model.authority import Action, Authority, Purpose, Recipient, Resource, Role
from bianque.model.decision import Outcome
from bianque.model.emergency import State
from bianque.model.organisation import HolderKind
from bianque.safeguard.decide import decide

from .authorities import AT, BASIS, COUNTY, ELSEWHERE, EMERGENCY, authority, glass, grant, person, recipient
from .evaluator import evaluate

HOUR = dt.timedelta(hours=1)
TERMS = EMERGENCY.terms
FEARED = TERMS.model_copy(update={"climate_of_fear": True})
NARROW = TERMS.model_copy(update={"purposes": (Purpose.RESEARCH,), "regions": ("110000",), "sources": ()})
FIELDS = ("person.name", "person.phone", "person.address", "person.id_number", "person.birth_date", "person.sex")
MORE_FIELDS = ("person.workplace", "person.health_note", "person.list", "case.note", "case.status", "follow_up.until")
BASES = (BASIS, "cn-regulation-2003-44", "eu-gdpr-9-2-i", "because", None)
GRANTS = tuple(
    grant(purpose, **changes)
    for purpose in Purpose
    for changes in (
        {},
        {"regions": ("420000",), "protected": True},
        {"regions": ("110000",)},
        {"expires": AT},
        {"emergency": "another"},
        {"basis": "cn-regulation-2003-44", "regions": ("420106",)},
    )
)
CHANGES: dict[str, tuple[Any, ...]] = {
    "account": ("first", "one-tracer"),
    "organisation": ("a-company", "command", "street"),
    "agency": ("hunan",),
    "kind": tuple(HolderKind),
    "at": (AT + 2 * HOUR, AT + dt.timedelta(days=60)),
    "emergency": (
        None,
        *(replace(EMERGENCY, state=state) for state in State),
        replace(EMERGENCY, terms=FEARED),
        replace(EMERGENCY, terms=NARROW),
        replace(EMERGENCY, id="another"),
    ),
    "purpose": (None, *Purpose),
    "basis": BASES,
    "strong": (False,),
    "proved": (None, AT - HOUR, AT + HOUR),
    "glass": (glass(), glass(AT)),
}
ON: dict[str, tuple[Any, ...]] = {
    "kind": ("share", "account", "release"),
    "id": ("one-command", "one-dpo"),
    "agency": ("", "hunan"),
    "emergency": ("", "another"),
    "within": ((), ELSEWHERE, COUNTY[1:], ("420500", "420000")),
    "purposes": ((Purpose.CONTACT_TRACING,), (Purpose.RESEARCH,)),
    "protected": (True,),
    "named": (False,),
    "locked": (True,),
    "assigned": ("", "one-tracer", "first"),
    "first": ("first", "one-tracer", "one-command"),
    "first_organisation": ("command", "clinic", "cdc"),
    "source": ("street", "rail", "a-company"),
    "source_kind": tuple(HolderKind),
    "anew": (True,),
    "count": (5, 6),
    "until": (AT, AT + HOUR),
    "context": tuple(frozenset({word}) for word in ("health", "religion", "worship", "under_14", "movement", "odd")),
}


def changed(options: dict[str, tuple[Any, ...]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(sorted(options)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(options[name]))
    )
    return st.lists(one, max_size=most).map(dict)


recipients = st.none() | st.builds(
    lambda organisation, kind, proved: recipient(organisation, kind=kind, proved=proved),
    st.sampled_from(("clinic", "street", "a-company", "")),
    st.none() | st.sampled_from(HolderKind),
    st.sampled_from((True, True, False)),
)
some_fields = st.lists(st.sampled_from((*FIELDS, *FIELDS, *MORE_FIELDS, "person.shoe_size")), max_size=4, unique=True)


@st.composite
def attempts(draw: st.DrawFn) -> tuple[Authority, Action, Resource, Recipient | None]:
    """An account at its work, with a few things wrong: so that it is now allowed and now not."""
    action = draw(st.sampled_from(Action))
    who = authority(draw(st.sampled_from(Role)), **draw(changed(CHANGES, 2)))
    if draw(st.booleans()):
        who = replace(who, grants=tuple(draw(st.lists(st.sampled_from(GRANTS), max_size=3))))
    on = person(fields=tuple(draw(some_fields)), **draw(changed(ON, 3)))
    return who, action, on, draw(recipients)


Attempt = tuple[Authority, Action, Resource, Recipient | None]


def same_answer(attempt: Attempt) -> Outcome:
    decision = decide(*attempt)
    assert (decision.outcome, dict(decision.masks)) == evaluate(*attempt), decision.rule
    return decision.outcome


@given(attempts())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_and_evaluator_agree(attempt: Attempt) -> None:
    same_answer(attempt)


@pytest.mark.full
@given(attempts())
@settings(max_examples=40_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_and_evaluator_agree_on_tens_of_thousands(attempt: Attempt) -> None:
    same_answer(attempt)


def test_every_role_action_and_single_change_has_the_same_answer_and_all_four_outcomes_occur() -> None:
    found: Counter[Outcome] = Counter()
    to = recipient()
    for role in Role:
        for action in Action:
            on = person(first="first", locked=True, fields=("person.phone",), until=AT + HOUR)
            for changes in ({}, *({name: value} for name, values in ON.items() for value in values[:1])):
                found[same_answer((authority(role), action, replace(on, **changes), to))] += 1
    assert sum(found.values()) > 5_000
    assert all(found[outcome] > 20 for outcome in (Outcome.ALLOW, Outcome.ALLOW_MASKED, Outcome.DENY))
    alone = [same_answer((authority(role), action, person(), to)) for role in Role for action in Action]
    assert alone.count(Outcome.SECOND_PERSON) > 3
