"""The masking point: what of a person leaves, and how?  An object leaves only as a view that is made here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bianque.model.decision import Decision, Mask
from bianque.model.errors import PolicyRefusal

STAR = "＊"
SHOWN_DIGITS = 4


@dataclass(frozen=True, slots=True, repr=False)
class View(Mapping[str, str]):
    """Field → text as it may be shown. Made by `view` alone; its repr names the fields and never a value."""

    _shown: tuple[tuple[str, str], ...]
    masked: frozenset[str]

    def __getitem__(self, field: str) -> str:
        return dict(self._shown)[field]

    def __iter__(self) -> Iterator[str]:
        return (field for field, _ in self._shown)

    def __len__(self) -> int:
        return len(self._shown)

    def __repr__(self) -> str:
        return f"View({', '.join(self)})"


def view(decision: Decision, fields: Mapping[str, str], *, area: str = "") -> View:
    """What a decision lets be seen of some fields.

    fields   the texts by `table.field`
    area     name of the region, shown in the place of an address; nothing is guessed from the address itself
    raises   PolicyRefusal  when the decision does not allow anything to be seen
    raises   ValueError  for a field that was not asked for when it was decided: nothing undecided leaves
    """
    if not decision.allowed:
        raise PolicyRefusal(decision)
    if undecided := fields.keys() - decision.fields:
        raise ValueError(f"not decided on: {', '.join(sorted(undecided))}")
    shown = {name: masked(value, decision.masks.get(name), area=area) for name, value in fields.items()}
    return View(tuple(shown.items()), frozenset(decision.masks.keys() & fields.keys()))


def masked(value: str, mask: Mask | None, *, area: str = "") -> str:
    """One text under a mask; an empty text stays empty, so that unknown stays unknown."""
    if mask is None or not value:
        return value
    match mask:
        case Mask.HIDDEN:
            return STAR * 3
        case Mask.FIRST_CHARACTER:
            return _first_character(value)
        case Mask.LAST_FOUR:
            return _last_four(value)
        case Mask.AREA:
            return area or STAR * 3
        case Mask.DECADE:
            return _decade(value)


def _first_character(name: str) -> str:
    """李小明 → 李＊＊; Maria Rossi → M＊＊. The number of stars says nothing of the length of the name."""
    return f"{unicodedata.normalize('NFC', name.strip())[:1]}{STAR * 2}"


def _last_four(number: str) -> str:
    """13812348000 → 138****8000 (the prefix of a mobile number says the operator alone); others: the last four."""
    compact = "".join(c for c in unicodedata.normalize("NFKC", number) if c.isalnum())
    if len(compact) <= SHOWN_DIGITS * 2:
        return "*" * SHOWN_DIGITS  # too short to show half of it
    if len(compact) == 11 and compact.startswith("1") and compact.isdecimal():
        return f"{compact[:3]}****{compact[-SHOWN_DIGITS:]}"
    return f"****{compact[-SHOWN_DIGITS:]}"


def _decade(born: str) -> str:
    """1987-05-13 → 198X. What is no date is hidden whole."""
    year = born.strip()[:4]
    return f"{year[:3]}X" if len(year) == 4 and year.isdecimal() and year.isascii() else STAR * 3
