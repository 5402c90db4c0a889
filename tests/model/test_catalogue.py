"""Every text a person reads: there in both languages, with the same values, asked for somewhere, and never missing."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import bianque
from bianque.model import catalogue

SOURCE = Path(bianque.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
TEMPLATES = sorted(SOURCE.rglob("*.j2"))
ASKS = {"text", "both", "has", "_both", "t"}  # functions whose first argument is a key
KEYS = catalogue.keys()
KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
IN_TEMPLATE = re.compile(r"""\bt\(\s*(["'])([a-z0-9_]+)\1\s*(~)?""")


def literals() -> Iterator[str]:
    """Every text in quotes of the source."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for path in TEMPLATES:
        yield from (found[1] for found in re.findall(r"""(["'])([a-z0-9_]+)\1""", path.read_text("utf-8")))


def patterns() -> Iterator[re.Pattern[str]]:
    """Every text put together from a beginning in quotes, as the keys it can become."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
                parts = [node.left.value, None]
            else:
                continue
            if isinstance(parts[0], str) and re.fullmatch(r"[a-z0-9_]+_", parts[0]):
                yield re.compile("".join("[a-z0-9_]+" if p is None else re.escape(str(p)) for p in parts))
    for path in TEMPLATES:
        for found in IN_TEMPLATE.finditer(path.read_text("utf-8")):
            if found[3]:
                yield re.compile(re.escape(found[2]) + "[a-z0-9_]+")


def imported_from_elsewhere(module: ast.Module) -> set[str]:
    """Names that a module takes from others than the catalogue: SQLAlchemy has a `text` too."""
    taken = [n for n in ast.walk(module) if isinstance(n, ast.ImportFrom) and n.module != "bianque.model.catalogue"]
    return {alias.asname or alias.name for node in taken for alias in node.names}


def asked_for() -> Iterator[tuple[str, str]]:
    """Every key asked for by its whole name, and where."""
    for path in MODULES:
        module = ast.parse(path.read_text("utf-8"))
        elsewhere = imported_from_elsewhere(module)
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            whose = getattr(getattr(node.func, "value", None), "id", "")
            key = node.args[0].value
            ours = whose == "catalogue" or (isinstance(node.func, ast.Name) and name not in elsewhere)
            if name in ASKS and ours and isinstance(key, str):
                yield key, f"{path.relative_to(SOURCE)}:{node.lineno}"
    for path in TEMPLATES:
        for found in IN_TEMPLATE.finditer(path.read_text("utf-8")):
            if not found[3]:
                yield found[2], str(path.relative_to(SOURCE))


def values_in(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_text_is_there_in_both_languages(language: str) -> None:
    empty = [key for key in KEYS if not catalogue.text(key, language).strip()]
    assert empty == []
    assert all(KEY.fullmatch(key) for key in KEYS)


def test_both_languages_are_filled_with_values_of_the_same_names() -> None:
    differ = {}
    for key in KEYS:
        zh, en = (set(values_in(catalogue.text(key, language))) for language in ("zh-CN", "en"))
        if not zh <= en and not en <= zh:
            differ[key] = (zh, en)
    assert differ == {}


def test_every_key_asked_for_is_there() -> None:
    asked = list(asked_for())
    assert len(asked) > 200
    assert [f"{key} ({where})" for key, where in asked if not catalogue.has(key)] == []


def test_every_key_is_asked_for_somewhere() -> None:
    named, built = set(literals()), list(patterns())
    unused = [k for k in KEYS if k not in named and not any(p.fullmatch(k) for p in built)]
    assert unused == []


def test_every_beginning_of_a_key_leads_to_a_text() -> None:
    """`reason_…`, `method_…`: a beginning nothing starts with is a typing mistake."""
    beginnings = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.JoinedStr):
                continue
            name, first = getattr(node.func, "attr", getattr(node.func, "id", "")), node.args[0].values[0]
            if name in ASKS and isinstance(first, ast.Constant) and str(first.value).endswith("_"):
                beginnings.add(str(first.value))
    assert len(beginnings) > 10
    assert [start for start in sorted(beginnings) if not any(key.startswith(start) for key in KEYS)] == []


def test_an_unknown_key_or_language_is_a_defect() -> None:
    with pytest.raises(KeyError):
        catalogue.text("no_such_key", "en")
    with pytest.raises(KeyError):
        catalogue.text("app_name", "zh")


def test_full_width_and_ascii_punctuation_are_not_mixed_in_one_chinese_text() -> None:
    """A Chinese sentence with a half-width comma between two characters is set in the wrong type."""
    mixed = re.compile(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]")
    assert [key for key in KEYS if mixed.search(catalogue.text(key, "zh-CN"))] == []
