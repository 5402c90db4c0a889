"""The reason of an act, in an officer's own words: it says something, and names nobody."""

from __future__ import annotations

from bianque.model.errors import BadInput
from bianque.model.identifiers import mentioned

REASON_LENGTH = 10  # characters; fewer say nothing, in Chinese neither


def stated(reason: str, kept: str) -> str:
    """The reason of an act on a person that somebody else looks at, as it is stored.

    kept    what stays as it is when the reason cannot be used
    raises  BadInput  as `given`, or when it is too short to say anything
    """
    said = given(reason, kept)
    if len(said) < REASON_LENGTH:
        raise BadInput(
            f"a reason of {len(said)} characters says nothing",
            kept=kept,
            remedy=f"say why in at least {REASON_LENGTH} characters",
        )
    return said


def given(reason: str, kept: str) -> str:
    """A reason as it is stored, on one line.

    kept    what stays as it is when the reason cannot be used
    raises  BadInput  when it is empty, holds what is no text, or a phone or ID number: whoever reads the record may not
            know those
    """
    said = " ".join(reason.split())
    if not said or not said.isprintable():
        raise BadInput("a reason is needed", kept=kept, remedy="say why in a sentence")
    if mentioned(said):
        raise BadInput(
            "the reason holds a phone or ID number",
            kept=kept,
            remedy="say why without naming anybody: the record says whom it is about",
        )
    return said
