"""Every field of every table, registered once: what kind of information is it, whatever the context?

One file a group of tables in `fields/`. A field that is not registered may not be used: decisions refuse it. What a
context makes of a field is computed in safeguard/classify.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

ART_9 = "art9"


class Category(StrEnum):
    """What a field says of a person."""

    DIRECT_IDENTIFIER = "direct_identifier"
    CONTACT = "contact"
    LOCATION = "location"
    HEALTH = "health"
    BIOMETRIC = "biometric"
    QUASI_IDENTIFIER = "quasi_identifier"
    PUBLIC = "public"
    TECHNICAL = "technical"  # of the system, of no person


class Class(IntEnum):
    """Class of GB/T 35273-2020, 3.1 and 3.2, in order of severity."""

    NONE = 0
    PERSONAL = 1
    SENSITIVE = 2

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Field:
    """One field as registered. `art_9`: a special category of GDPR art. 9(1) by itself."""

    category: Category
    gb: Class
    art_9: bool = False


@cache
def registered() -> Mapping[str, Field]:
    """Every registered field by `table.field`, in the order of the files."""
    found: dict[str, Field] = {}
    for topic in sorted(files("bianque.model").joinpath("fields").iterdir(), key=lambda f: f.name):
        for table, fields in tomllib.loads(topic.read_text("utf-8")).items():
            for name, said in fields.items():
                if (key := f"{table}.{name}") in found:
                    raise KeyError(f"{topic.name}: {key} is registered already")
                found[key] = _field(key, said)
    return MappingProxyType(found)


def of_table(table: str) -> dict[str, Field]:
    """The fields of one table, in order; none when there is no such table."""
    return {key: field for key, field in registered().items() if key.partition(".")[0] == table}


def tables() -> list[str]:
    return list(dict.fromkeys(key.partition(".")[0] for key in registered()))


def _field(key: str, said: str) -> Field:
    category, *rest = said.split()
    flags = [word for word in rest if word != ART_9]
    field = Field(Category(category), Class[flags[0].upper()] if flags else Class.NONE, ART_9 in rest)
    of_nobody = field.category in (Category.PUBLIC, Category.TECHNICAL)
    if len(flags) > 1 or of_nobody != (field.gb is Class.NONE) or (field.art_9 and field.gb is not Class.SENSITIVE):
        raise ValueError(f"{key}: {said!r} contradicts itself")
    return field
