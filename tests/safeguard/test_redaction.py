"""What a log line says of a person: nothing."""

from __future__ import annotations

import pytest

from bianque.safeguard.redaction import redacted


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("call 13800138000 now", "call [phone] now"),
        ("+86 138-0013-8000", "[phone]"),
        ("008613800138000.", "[phone]."),
        ("１３８００１３８０００", "[phone]"),
        ("id 11010519491231002X,", "id [id],"),
        ("id=110105 19491231 002x", "id=[id]"),
        ("110105491231002", "[id]"),
        ("wang.xiao+1@example.org wrote", "[e-mail] wrote"),
        ("cookie session=" + "aZ3_-" * 8 + "abc", "cookie session=[token]"),
    ],
)
def test_a_phone_an_id_a_mail_address_and_a_token_are_replaced_by_their_kind(said: str, kept: str) -> None:
    assert redacted(said) == kept


@pytest.mark.parametrize("said", ["2021-03-02T10:00:00.123Z", "44,653 cases on 2020-02-11", "GET /regions/999012 200"])
def test_a_day_a_count_and_a_region_stay(said: str) -> None:
    assert redacted(said) == said
