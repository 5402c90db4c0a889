"""The masking point: a view shows what the decision lets be seen, and no more."""

from __future__ import annotations

import pytest

from bianque.model.authority import Action, Role
from bianque.model.decision import Mask
from bianque.model.errors import PolicyRefusal
from bianque.safeguard.decide import decide
from bianque.safeguard.view import masked, view

from .authorities import authority, person

RECORD = {
    "person.name": "李小明",
    "person.id_number": "110105194912310021",
    "person.phone": "13812348000",
    "person.address": "中山路1号",
}


@pytest.mark.parametrize(
    ("value", "mask", "shown"),
    [
        ("李小明", Mask.FIRST_CHARACTER, "李＊＊"),
        ("欧阳", Mask.FIRST_CHARACTER, "欧＊＊"),
        ("Maria Rossi", Mask.FIRST_CHARACTER, "M＊＊"),
        ("13812348000", Mask.LAST_FOUR, "138****8000"),
        ("138 1234 8000", Mask.LAST_FOUR, "138****8000"),
        ("11010519491231002X", Mask.LAST_FOUR, "****002X"),
        ("12345678", Mask.LAST_FOUR, "****"),
        ("中山路1号", Mask.AREA, "武昌区"),
        ("1987-05-13", Mask.DECADE, "198X"),
        ("unknown", Mask.DECADE, "＊＊＊"),
        ("anything", Mask.HIDDEN, "＊＊＊"),
        ("whole", None, "whole"),
        ("", Mask.HIDDEN, ""),
    ],
)
def test_a_field_under_its_mask(value: str, mask: Mask | None, shown: str) -> None:
    assert masked(value, mask, area="武昌区") == shown


def test_an_address_whose_region_is_unknown_is_hidden_whole() -> None:
    assert masked("中山路1号", Mask.AREA) == "＊＊＊"


def test_the_command_body_sees_a_masked_record() -> None:
    shown = view(decide(authority(Role.COMMAND), Action.READ_PERSON, person()), RECORD, area="武昌区")
    assert dict(shown) == {
        "person.name": "李＊＊",
        "person.id_number": "****0021",
        "person.phone": "138****8000",
        "person.address": "武昌区",
    }
    assert shown.masked == RECORD.keys()


def test_a_tracer_sees_the_record_and_its_repr_shows_nobody() -> None:
    shown = view(decide(authority(), Action.READ_PERSON, person()), RECORD)
    assert dict(shown) == RECORD
    assert not any(value in repr(shown) for value in RECORD.values())


def test_a_field_that_was_not_asked_for_does_not_leave() -> None:
    decision = decide(authority(), Action.READ_PERSON, person(fields=("person.phone",)))
    with pytest.raises(ValueError, match=r"not decided on: person\.name"):
        view(decision, {"person.phone": "13812348000", "person.name": "李小明"})


def test_nothing_is_seen_under_a_refusal() -> None:
    with pytest.raises(PolicyRefusal, match="purpose-not-granted"):
        view(decide(authority(grants=()), Action.READ_PERSON, person()), RECORD)
