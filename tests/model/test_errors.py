"""One tree of errors; each says what, what was kept and what to do."""

from __future__ import annotations

import re

import pytest

from bianque.model import errors
from bianque.model.errors import BadInput, BianqueError, HistoryTooShort, PolicyRefusal


def tree(root: type[BianqueError]) -> list[type[BianqueError]]:
    return [root, *(found for child in root.__subclasses__() for found in tree(child))]


def test_the_tree_at_the_top_of_the_module_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(error.__name__ for error in tree(BianqueError) if error is not BianqueError)
    assert all(error.__doc__ for error in tree(BianqueError))


def test_exit_codes_are_2_for_bad_input_and_3_for_a_refusal() -> None:
    assert {error.exit_code for error in tree(BadInput)} == {2}
    assert (HistoryTooShort.exit_code, PolicyRefusal.exit_code) == (2, 3)


@pytest.mark.parametrize(
    ("kept", "remedy", "message"),
    [
        ("", "", "f.csv: empty"),
        ("nothing", "", "f.csv: empty\nkept: nothing"),
        ("", "send it again", "f.csv: empty\nwhat to do: send it again"),
        ("nothing", "send it again", "f.csv: empty\nkept: nothing\nwhat to do: send it again"),
    ],
)
def test_a_message_is_a_line_for_each_part_that_is_given(kept: str, remedy: str, message: str) -> None:
    error = BadInput("f.csv: empty", kept=kept, remedy=remedy)
    assert error.diagnostics() == message
    assert str(error) == "f.csv: empty"
