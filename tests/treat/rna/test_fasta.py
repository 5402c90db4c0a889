"""FASTA files as people have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.treat import rna


def records(text: str) -> list[tuple[str, str, str]]:
    return [(one.name, one.sequence, one.structure) for one in rna.read_records(text.splitlines(), "x.fa")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">a b c\nACGU\nAC GU\n", [("a", "ACGUACGU", "")]),
        (">a\r\nACGU\r\n\r\n>b\r\nAC\r\n", [("a", "ACGU", ""), ("b", "AC", "")]),
        ("ACGU\nGGCC\n", [("sequence1", "ACGU", ""), ("sequence2", "GGCC", "")]),
        (">a\nGGGAAACCC\n(((...))) (-1.20)\n", [("a", "GGGAAACCC", "(((...)))")]),
        (">a\n>b\nAC\n", [("a", "", ""), ("b", "AC", "")]),
        (">\nAC\n; a remark\n", [("sequence1", "AC", "")]),
        ("\ufeff>a\nAC\n", [("a", "AC", "")]),
        ("", []),
    ],
)
def test_records_are_found(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert records(text) == expected


def test_a_record_says_where_it_is() -> None:
    (first, second) = rna.read_records([">a", "AC", "", ">b", "GU"], "x.fa")
    assert first.where == "x.fa, line 1, record 'a'"
    assert second.where == "x.fa, line 4, record 'b'"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for one in rna.read_records(text.splitlines(), "x.fa"):
        assert one.where.startswith("x.fa, line ")


def test_a_name_cannot_steer_a_terminal() -> None:
    (record,) = rna.read_records([">\x1b[31mred\x00", "ACGU"], "x.fa")
    assert record.name == "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"
