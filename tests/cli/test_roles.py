"""Every command under an authority, as every role, as a stranger and after the log-out: an answer or a refusal; and in
what they print, log or write nothing planted in the register that the role has no right to see whole."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator
from enum import EnumType
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bianque.cli import VERBS
from bianque.model.authority import Role
from bianque.registry import oversight
from bianque.services import sessions
from tests.contract.planted import ROLES, Planted, plant
from tests.readers import now

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
NAMED = {"kind": "phone", "field": "person.phone"}


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


def words(name: str, command: Any, file: Path, record: str) -> str:
    """The command with something in each place that must be filled: a record where one is named, else what is none."""
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
        elif set(parameter.name.split("_")) & DAYS:
            value = "2027-01-01"
        else:
            value = ({"record": record, "records": record, "person": record} | NAMED).get(parameter.name, "x")
        said += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    return " ".join(said)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    made = plant(tmp_path_factory.mktemp("planted"))
    yield made
    made.staff.register.close()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, planted: Planted, tmp_path: Path) -> Path:
    """A file to name, which lists a record, and answers to whatever is asked without echo."""
    monkeypatch.setenv("BIANQUE_REGISTER", str(planted.staff.folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("BIANQUE_SESSION", raising=False)
    monkeypatch.setenv("BIANQUE_PASSWORD", "gibbon onward splashy")
    monkeypatch.setenv("BIANQUE_NEW_PASSWORD", "gibbon onward splashy")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "file.csv"
    file.write_text(f"{last(planted)}\n", "utf-8")
    return file


def last(planted: Planted) -> str:
    """A record that is assigned to nobody."""
    return list(planted.records)[-1]


def test_every_verb_has_its_place_here() -> None:
    assert set(VERBS) == OF_NOBODY | BEFORE | PERSONAL | OTHERS


def test_whoever_is_not_logged_in_is_told_to(
    bianque: Run, typed: Path, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = planted.staff.log_in(Role.TRACER)
    sessions.log_out(planted.staff.register, gone.token, now())
    found, said = commands(), []
    assert len(found) > 50
    for name, command in found:
        for token in ("", gone.token):
            monkeypatch.setenv("BIANQUE_SESSION", token)
            ran = bianque(words(name, command, typed, last(planted)), typed="y\ny\ny\n")
            assert ran.code == 2, (name, ran)
            said += [ran.out, ran.err]
    assert planted.canaries.found_among(said) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_answered_or_refused_and_a_refusal_is_on_record(
    bianque: Run,
    typed: Path,
    planted: Planted,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
    role: Role,
) -> None:
    who, record = planted.sessions[role], last(planted)
    monkeypatch.setenv("BIANQUE_SESSION", who.token)
    refused, told, phone = 0, list[str](), planted.records[record]["phone"]
    for name, command in commands():
        answer = phone if name in ("people find", "people correct") else "y"
        ran = bianque(words(name, command, typed, record), typed=f"{answer}\n" * 3)
        assert ran.code in (0, 2, 3), (name, ran)
        refused += ran.code == 3
        told += [ran.out, ran.err]
        if role is Role.ADMINISTRATOR and name.split()[0] in PERSONAL:
            assert ran.code != 0 or not ran.out.strip(), (name, ran)
    with planted.staff.register.system() as connection:
        recorded = oversight.events(connection, account=who.account, refused=True, limit=1000)
    assert refused > 0
    assert len(recorded) >= refused
    found = planted.canaries.found_in("\n".join([*told, caplog.text]).encode("utf-8", "surrogateescape"))
    found -= {canary for one in planted.records for canary in planted.sees(role, one)}
    assert found == set()
    assert planted.canaries.found_under(typed.parent) == {}
    record_property("commands", len(commands()))
    record_property("refused", refused)
    record_property("canaries", len(planted.canaries.values))
    record_property("found without the right", len(found))


@pytest.mark.parametrize("role", ROLES)
def test_a_record_is_shown_whole_masked_or_not_at_all_as_the_rules_say(
    bianque: Run, typed: Path, planted: Planted, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """Were nothing shown to anybody, the test above could not fail."""
    assert typed.exists()
    monkeypatch.setenv("BIANQUE_SESSION", planted.sessions[role].token)
    for record in list(planted.records)[:-1]:
        said = bianque(f"people show {record}")
        assert planted.canaries.found_among([said.out, said.err]) == planted.sees(role, record)
        assert all(mask in said.out for mask in planted.masks(role, record))
        assert (said.code == 0) is bool(planted.sees(role, record) or planted.masks(role, record))


def test_nothing_of_it_is_kept_in_the_registers_files(
    planted: Planted, record_property: Callable[[str, object], None]
) -> None:
    """After everything above: the audit is among these bytes."""
    planted.staff.register.close()  # or reading its files here would take away the locks that SQLite holds on them
    found = planted.canaries.found_under(planted.staff.folder)
    assert found == {}
    record_property("files searched", len(list(planted.staff.folder.iterdir())))
    record_property("canaries", len(planted.canaries.values))
    record_property("found", len(found))
