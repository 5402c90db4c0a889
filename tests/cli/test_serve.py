"""`bianque serve`: who may be reached by whom is settled before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run


@pytest.fixture(autouse=True)
def no_register_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIANQUE_REGISTER", raising=False)


def test_without_a_register_it_says_how_to_make_one(bianque: Run, exercise_lake: Path) -> None:
    said = bianque(f"serve --lake {exercise_lake}")
    assert said.code == 2
    assert "bianque register create" in said.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "centre.example"])
def test_it_listens_to_other_machines_only_encrypted(
    bianque: Run, exercise_lake: Path, tmp_path: Path, host: str
) -> None:
    said = bianque(f"serve --lake {exercise_lake} --register {tmp_path} --host {host} --port 0")
    assert said.code == 2
    assert "--tls-cert" in said.err


def test_half_a_certificate_is_refused(bianque: Run, exercise_lake: Path, tmp_path: Path) -> None:
    said = bianque(f"serve --lake {exercise_lake} --register {tmp_path} --tls-cert {tmp_path}/cert.pem")
    assert said.code == 2
    assert "go together" in said.err


def test_a_folder_without_a_register_is_refused(bianque: Run, exercise_lake: Path, tmp_path: Path) -> None:
    said = bianque(f"serve --lake {exercise_lake} --register {tmp_path} --port 0")
    assert said.code == 2
    assert "there is no register" in said.err
