"""The chain of the audit: whoever changes, removes or swaps an event breaks it at that number."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bianque.model.audit import START, Event, first_break, follow


def event(number: int) -> Event:
    return Event(
        at=f"2021-02-01T08:00:{number % 60:02}.000+00:00", account="li", role="tracer", organisation="o", agency="a",
        emergency="e", purpose="contact_tracing", basis="b", action="read_person", kind="person", resource="",
        subject=f"{number:032x}", fields=("person.phone",), outcome="allow", rule="r",
    )  # fmt: skip


def chain(length: int) -> list[tuple[int, bytes, bytes]]:
    rows, previous = [], START
    for number in range(1, length + 1):
        canonical = event(number).canonical()
        previous = follow(previous, canonical)
        rows.append((number, canonical, previous))
    return rows


def test_what_was_written_holds() -> None:
    assert first_break(chain(50)) is None
    assert first_break([]) is None


@given(st.integers(0, 19), st.sampled_from(["change", "remove", "swap"]))
def test_a_change_is_found_where_it_was_made(at: int, how: str) -> None:
    rows = chain(21)
    if how == "change":
        number, canonical, digest = rows[at]
        rows[at] = (number, canonical.replace(b"tracer", b"tracex"), digest)
    elif how == "remove":
        del rows[at]
    else:
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    assert first_break(rows) in (rows[at][0], at + 1)


def test_what_is_hashed_is_json_in_a_fixed_order() -> None:
    canonical = event(1).canonical()
    read = json.loads(canonical)
    assert list(read) == sorted(read)
    assert canonical == json.dumps(read, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
