"""The documentation: the reference is what the code says, links lead somewhere, every figure has a definition."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import jsonschema
import pytest

from bianque.lake.receipt import Receipt
from bianque.model import catalogue
from bianque.predict.series import Reason
from bianque.services import definitions, lakes, picture
from tests.conftest import ROOT
from tests.readers import OPERATOR

from .documents import FENCE, markdown

REFERENCE = ROOT / "docs" / "reference"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def reference() -> Iterator[ModuleType]:
    """scripts/reference.py, as a module."""
    scripts = str(ROOT / "scripts")
    sys.path.insert(0, scripts)
    try:
        yield importlib.import_module("reference")
    finally:
        sys.path.remove(scripts)


def test_the_reference_is_what_the_code_says(reference: ModuleType) -> None:
    written = {path.name: path.read_text("utf-8") for path in REFERENCE.iterdir()}
    stale = [name for name, text in reference.pages().items() if written.pop(name, None) != text]
    assert not stale, f"run `make docs`: {stale}"
    assert not written, f"docs/reference holds files that are not written from the code: {sorted(written)}"


def test_every_key_of_a_model_is_described(reference: ModuleType) -> None:
    for page in ("emergency-toml.md", "situation-json.md"):
        assert "| None |" not in (REFERENCE / page).read_text("utf-8")
    schema = reference.situation_schema()
    for model in (schema, *schema["$defs"].values()):
        assert all(field.get("description") for field in model["properties"].values()), model


def test_a_picture_is_valid_against_the_published_schema(tmp_path: Path) -> None:
    example = ROOT / "examples" / "china-2020-bulletins"
    lakes.ingest_example(example, example, tmp_path / "lake", dt.date(2020, 2, 12))
    situation = picture.read(OPERATOR, lakes.open_lake(tmp_path / "lake"))
    schema = json.loads((REFERENCE / "situation.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(situation.model_dump_json()), schema)


def test_every_column_of_a_receipt_is_in_the_reference() -> None:
    text = (REFERENCE / "results.md").read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in Receipt.model_fields)


def anchors(page: Path) -> set[str]:
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", markdown(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert not dead, f"{page.relative_to(ROOT)}: {dead}"


def test_every_page_of_the_documentation_can_be_reached_from_its_map() -> None:
    seen, waiting = set(), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        for link in LINK.findall(page.read_text("utf-8")):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.is_file():
                waiting.append(target)
    assert not [page for page in (ROOT / "docs").rglob("*.md") if page not in seen]


@pytest.mark.parametrize("figure", definitions.FIGURES)
def test_every_figure_of_the_pages_has_a_definition_in_both_languages(figure: str) -> None:
    texts = [definitions.name(figure), *definitions.parts(figure).values()]
    assert all(text.zh.strip() and text.en.strip() for text in texts)


def test_every_figure_a_column_names_is_defined() -> None:
    named = set()
    for path in (ROOT / "src" / "bianque" / "services" / "tables").glob("*.py"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r'definition="(\w+)"', text))
        named |= set(re.findall(r'Column\("\w+", "(?:number|text)", "(\w+)"', text))
    assert named
    assert named <= set(definitions.FIGURES)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_text(reason: Reason) -> None:
    assert catalogue.has(f"reason_{reason.value}")


QUOTED = re.compile(r"^```text benchmark=(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", markdown(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_figures_of_a_page_are_those_of_the_benchmark_it_names(page: Path) -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
    for name, quoted in QUOTED.findall(page.read_text("utf-8")):
        section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", results, re.MULTILINE | re.DOTALL)
        assert section, f"{page.relative_to(ROOT)}: benchmarks/RESULTS.md has no section {name}"
        changed = [line for line in quoted.splitlines() if line not in section[1]]
        assert not changed, f"{page.relative_to(ROOT)}: not in section {name} of benchmarks/RESULTS.md: {changed}"
