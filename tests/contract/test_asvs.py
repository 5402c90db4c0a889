"""OWASP ASVS 5.0, level 1: all 70 requirements are answered, and what an answer names is there."""

from __future__ import annotations

import ast
import csv
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "src" / "bianque"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.j2"))


@pytest.fixture(scope="module")
def asvs() -> Iterator[ModuleType]:
    """scripts/reference_asvs.py, as a module."""
    scripts = str(ROOT / "scripts")
    sys.path.insert(0, scripts)
    try:
        yield importlib.import_module("reference_asvs")
    finally:
        sys.path.remove(scripts)


def test_all_level_one_requirements_are_answered(asvs: ModuleType, shared: Path) -> None:
    """OWASP ASVS 5.0.0 (shared/data/safeguard/owasp_asvs_5.0.0_en.csv, CC BY-SA 4.0)."""
    with (shared / "safeguard" / "owasp_asvs_5.0.0_en.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["L"] == "1"]
    assert len(rows) == 70
    assert [one.id for one in asvs.requirements()] == [row["req_id"] for row in rows]
    ours = {one.id: one.what for one in asvs.requirements()}
    assert not [row["req_id"] for row in rows if ours[row["req_id"]] in row["req_description"]]


def test_each_answer_is_a_test_a_module_or_a_reason(asvs: ModuleType) -> None:
    for one in asvs.requirements():
        assert bool(one.not_applicable) != bool(one.how and (one.tests or one.code)), one.id


def test_every_test_and_module_an_answer_names_is_there(asvs: ModuleType) -> None:
    missing = []
    for one in asvs.requirements():
        for test in one.tests:
            path, _, name = test.partition("::")
            file = ROOT / path
            there = file.is_file() and re.search(rf"^def {name}\(", file.read_text("utf-8"), re.MULTILINE)
            missing += [] if there else [f"{one.id}: {test}"]
        missing += [f"{one.id}: {module}" for module in one.code if importlib.util.find_spec(module) is None]
    assert missing == []


def test_the_page_is_what_the_answers_say(asvs: ModuleType) -> None:
    assert (ROOT / "docs" / "reference" / "asvs.md").read_text("utf-8") == asvs.page()


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def imported() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((f"{path.relative_to(PACKAGE)}:{node.lineno}", alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.module or ""


def test_no_code_is_made_from_text_and_no_shell_is_called() -> None:
    found = []
    for where, call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        whose = getattr(getattr(call.func, "value", None), "id", "")
        shell = any(keyword.arg == "shell" for keyword in call.keywords)
        bare = isinstance(call.func, ast.Name) and name in ("eval", "exec", "compile")
        if bare or shell or (whose == "os" and name in ("system", "popen")) or whose == "pickle":
            found.append(where)
    assert found == []


def test_no_xml_is_read() -> None:
    assert [where for where, name in imported() if name.split(".")[0] in ("xml", "lxml", "defusedxml")] == []


def test_no_weak_hash_function_is_named() -> None:
    weak = re.compile(r"\b(md5|sha1|SHA1|MD5)\b")
    assert [str(path.relative_to(PACKAGE)) for path in MODULES if weak.search(path.read_text("utf-8"))] == []


def test_no_other_origin_is_ever_allowed_to_read() -> None:
    allowed = [path for path in MODULES if re.search("access-control|CORSMiddleware", path.read_text("utf-8"), re.I)]
    assert allowed == []


def test_passwords_are_masked_and_may_be_pasted() -> None:
    fields = []
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert "onpaste" not in text
        fields += re.findall(r"<input[^>]*name=\"[a-z_]*password[a-z_]*\"[^>]*>", text)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"|autocomplete="\{\{', field), field
