"""The page on OWASP ASVS: each level-1 requirement, and where it is met."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from reference_markdown import NOTE, cell, table

SOURCE = Path(__file__).with_name("asvs.toml")
ASVS = f"""{NOTE}
# OWASP ASVS 5.0, level 1

The 70 requirements of level 1 of the OWASP Application Security Verification Standard 5.0.0, by number and in our own
words, and for each the tests and modules that meet it, or why it does not apply. The words of the standard itself are
those of the OWASP Foundation, [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/), at
<https://owasp.org/www-project-application-security-verification-standard/>.
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement. `how` with tests or modules, or `not_applicable` with the reason."""

    id: str  # as the standard writes it: V1.2.1
    what: str
    how: str = ""
    tests: tuple[str, ...] = ()  # path::name
    code: tuple[str, ...] = ()  # modules
    not_applicable: str = ""


def requirements() -> list[Requirement]:
    """Every requirement of the file, in its order."""
    read = tomllib.loads(SOURCE.read_text("utf-8"))
    return [
        Requirement(
            key.replace("_", "."),
            entry.pop("what"),
            tests=tuple(entry.pop("tests", ())),
            code=tuple(entry.pop("code", ())),
            **entry,
        )
        for key, entry in read.items()
    ]


def page() -> str:
    """The page as Markdown."""
    found = requirements()
    kinds = Counter("test" if one.tests else "code" if one.code else "none" for one in found)
    counted = (
        f"{kinds['test']} are met and tested, {kinds['code']} are met by the modules named,"
        f" {kinds['none']} do not apply."
    )
    rows = [[one.id.removeprefix("V"), cell(one.what), cell(_how(one))] for one in found]
    return "\n".join([ASVS, counted, "", *table(["requirement", "asks that", "here"], rows), ""])


def _how(one: Requirement) -> str:
    if one.not_applicable:
        return f"Not applicable because {one.not_applicable}."
    where = [*(f"`{test.partition('::')[2]}` ({test.partition('::')[0]})" for test in one.tests)]
    return " ".join([one.how, "; ".join([*where, *(f"`{module}`" for module in one.code)])])
