"""The house: who may import whom, no empty room, tests beside what they test, no address of a machine in a file."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "src" / "bianque"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
# Package registries, and folders that exist on one machine only. Addresses in prose and licences are no harm.
FORBIDDEN = re.compile(
    rb"(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|npmmirror|registry\.[a-z0-9-]+\.(com|org|net|io|dev|cn)\b|index-url\s*=|"
    rb"tuna\.tsinghua|mirrors\.[a-z]+\.|(?<![\w.*~/-])/(opt|home|root|work|Users|mnt|srv)/[\w.-]+)"
)
TEXTS = {"", ".md", ".py", ".toml", ".json", ".lock", ".mjs", ".js", ".css", ".j2", ".csv", ".txt", ".html", ".svg"}


def listed() -> list[Path]:
    """Files that are tracked, or would be: untracked and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout")
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_import_contract_names_a_room_that_exists_and_no_line_is_ignored() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert contracts
    for contract in contracts:
        assert not contract.get("ignore_imports"), contract["name"]
    (layers,) = (c["layers"] for c in contracts if c["type"] == "layers")
    named = {room.strip() for layer in layers for room in layer.split("|")}
    rooms = {f"bianque.{path.name}" for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert rooms == named


def test_kernels_are_called_by_stages_and_the_lake_alone() -> None:
    allowed = {"lake", "predict", "treat"}
    callers = {path.relative_to(PACKAGE).parts[0] for path in MODULES if "import _kernels" in path.read_text("utf-8")}
    assert callers <= allowed


def test_no_room_is_empty() -> None:
    for folder in (path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__"):
        assert any(p for p in folder.iterdir() if p.name != "__pycache__"), f"{folder.relative_to(ROOT)} is empty"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").strip()


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools"}
    assert not [path for path in MODULES if path.stem in empty or set(path.parts) & empty]


def test_every_folder_of_tests_mirrors_a_room() -> None:
    beside = {"contract", "browser", "oracles"}
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - beside <= rooms
    assert rooms <= folders, f"without tests: {sorted(rooms - folders)}"
    for name in folders:
        assert list((ROOT / "tests" / name).rglob("test_*.py")), f"tests/{name} has no test"


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    found = []
    for path in listed():
        if path.suffix not in TEXTS or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if match := FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0].decode()}")
    assert not found, "\n".join(found)


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    npm = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, package in npm.items() if "resolved" in package]
    assert not [name for name, package in npm.items() if name and not package.get("integrity")]
    python = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in python
    requirements = re.split(r"\n(?=[a-zA-Z0-9])", python.strip())
    assert not [one.split()[0] for one in requirements if "==" not in one or "--hash=sha256:" not in one]


def test_third_party_browser_files_are_not_committed() -> None:
    assert not [path for path in listed() if "vendor" in path.relative_to(ROOT).parts and path.suffix != ".mjs"]


@pytest.mark.slow
def test_the_wheel_carries_everything_a_page_needs(tmp_path: Path) -> None:
    build = ["pip", "wheel", ".", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", *build], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = zipfile.ZipFile(wheel).namelist()
    sources = {p.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*") if p.is_file()}
    assert {name for name in sources if "__pycache__" not in name} <= set(inside)
    assert {"LICENSE", "NOTICE"} <= {name.rsplit("/", 1)[-1] for name in inside if ".dist-info/" in name}
    assert not [name for name in inside if name.startswith(("tests", "benchmarks", "examples"))]
