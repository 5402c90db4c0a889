"""`bianque doctor`: true on this machine, and true where something is missing."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bianque.cli import doctor

from .conftest import Run


def test_doctor_tells_what_is_installed_here(bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = bianque("doctor")
    lines = said.out.splitlines()
    assert f"ok       Python: {'.'.join(map(str, sys.version_info[:3]))}" in lines
    for package in ("duckdb", "ibis-framework", "numpy", "pydantic", "typer"):
        assert f"ok       {package}: {version(package)}" in lines
    assert f"ok       folder to write in: {tmp_path}" in lines
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    expected = f"ok       Chromium: {chromium}" if chromium else "optional Chromium: for the browser tests"
    assert any(line.startswith(expected) for line in lines)


@pytest.mark.parametrize("there", [True, False])
def test_real_data_is_found_where_bianque_shared_says(
    there: bool, bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIANQUE_SHARED", str(tmp_path))
    if there:
        (tmp_path / "data").mkdir()
    said = bianque("doctor").out
    assert (f"ok       real data: {tmp_path / 'data'}" in said) is there
    assert ("optional real data: for the oracle tests: set BIANQUE_SHARED" in said) is not there


def test_a_missing_need_is_exit_code_2_with_the_command_that_mends_it(
    bianque: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: ["no-such-package>=1"])
    said = bianque("doctor")
    assert said.code == 2
    assert "MISSING  no-such-package: pip install 'no-such-package>=1'" in said.out.replace("MISSING n", "MISSING  n")
    assert "error: missing: no-such-package" in said.err
