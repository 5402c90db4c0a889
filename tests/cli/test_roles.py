"""Every command under an authority, as every role, as a stranger and after the log-out: an answer or a refusal."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bianque.cli import VERBS
from bianque.model.authority import Role
from bianque.registry import oversight
from bianque.services import sessions
from tests.readers import Staff, now

from .conftest import Run

OF_NOBODY = {
    "assess",
    "doctor",
    "drill",
    "example",
    "fold",
    "ingest",
    "jobs",
    "lake",
    "safeguard",
    "serve",
}  # no person
BEFORE = {"login", "logout", "door"}  # the way in, and what stands behind the wall
PERSONAL = {"case", "dispose", "followup", "forms", "glass", "outreach", "people", "protect", "reidentify", "rights"}
OTHERS = {"account", "audit", "emergency", "register"}
OF_THE_MACHINE = {  # whoever holds the folder and its keys, and what concerns nobody
    "audit verify",
    "people check",
    "register check",
    "register compact",
    "register create",
    "register escrow confirm",
    "register escrow make",
    "register escrow restore",
    "register refusals",
    "register restore",
    "register upgrade",
    "register hardware",
    "reidentify rules",
}
DAYS = {"until", "day", "onset", "by", "expires", "reported", "ends"}  # parameters that are days
ROLES = [role for role in Role if role not in (Role.PUBLIC, Role.OPERATOR)]


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if below_it := getattr(command, "commands", None):
        for key, below in below_it.items():
            yield from leaves(below, f"{name} {key}")
    else:
        yield name, command


def commands() -> list[tuple[str, Any]]:
    found = [
        leaf
        for verb in sorted(PERSONAL | OTHERS)
        for leaf in leaves(get_command(importlib.import_module(f"bianque.cli.{verb}").app), verb)
    ]
    return [(name, command) for name, command in found if name not in OF_THE_MACHINE]


def words(name: str, command: Any, file: Path) -> str:
    """The command with something in each place that must be filled."""
    said = [name]
    for parameter in command.params:
        if not parameter.required or parameter.name in ("register", "folder"):
            continue
        kind = parameter.type_descriptor.annotation
        if isinstance(kind, EnumType):
            value = str(next(iter(kind)))
        elif kind in (Path, list[Path]):
            value = str(file)
        elif kind is int:
            value = "1"
        else:
            value = "2027-01-01" if set(parameter.name.split("_")) & DAYS else "x"
        said += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    return " ".join(said)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, staff: Staff, tmp_path: Path) -> Path:
    """A file to name, and answers to whatever is asked without echo."""
    monkeypatch.setenv("BIANQUE_REGISTER", str(staff.folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("BIANQUE_SESSION", raising=False)
    monkeypatch.setenv("BIANQUE_PASSWORD", "gibbon onward splashy")
    monkeypatch.setenv("BIANQUE_NEW_PASSWORD", "gibbon onward splashy")
    file = tmp_path / "file.csv"
    file.write_text("name\n", "utf-8")
    return file


def test_every_verb_has_its_place_here() -> None:
    assert set(VERBS) == OF_NOBODY | BEFORE | PERSONAL | OTHERS


def test_whoever_is_not_logged_in_is_told_to(
    bianque: Run, typed: Path, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = staff.log_in(Role.TRACER)
    sessions.log_out(staff.register, gone.token, now())
    found = commands()
    assert len(found) > 50
    for name, command in found:
        for token in ("", gone.token):
            monkeypatch.setenv("BIANQUE_SESSION", token)
            ran = bianque(words(name, command, typed), typed="y\ny\ny\n")
            assert ran.code == 2, (name, ran)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_answered_or_refused_and_a_refusal_is_on_record(
    bianque: Run, typed: Path, staff: Staff, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    who = staff.log_in(role)
    monkeypatch.setenv("BIANQUE_SESSION", who.token)
    refused = 0
    for name, command in commands():
        ran = bianque(words(name, command, typed), typed="y\ny\ny\n")
        assert ran.code in (0, 2, 3), (name, ran)
        refused += ran.code == 3
        if role is Role.ADMINISTRATOR and name.split()[0] in PERSONAL:
            assert ran.code != 0 or not ran.out.strip(), (name, ran)
    with staff.register.system() as connection:
        recorded = oversight.events(connection, account=who.account, refused=True, limit=1000)
    assert refused > 0
    assert len(recorded) >= refused
