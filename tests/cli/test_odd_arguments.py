"""Every command with something odd in each place: an error with a remedy, never a traceback, nobody in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import EnumType
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.main import get_command

from bianque.cli import app, main
from bianque.model.authority import Role
from bianque.registry.tables.audit import audit_event
from tests.readers import Staff

NAME, PHONE = "欧阳试验", "13900990099"
DAYS = {"until", "due", "ends", "as_of", "known_at", "start", "onset", "reported", "since", "expires"}
TEXTS = ("", "\0", "x" * 5000, f"{NAME} {PHONE}", "\udcff\ud800", "../../etc/passwd", "１２３", "-1", "' OR 1=1 --")
NUMBERS = ("-1", "0", "99999999999999999999", "１２", "1e9", "nan", "")
ODD_DAYS = ("0001-01-01", "9999-12-31", "２０２６-０１-０１", "2026-02-30", "", "\udcff")
FILES = ("missing/x", "folder", "text.txt", "binary", "a\0b", "\udcff", "y" * 300, "/dev/null", "")
ROLES = (Role.TRACER, Role.DPO, Role.COMMAND, Role.ADMINISTRATOR)
SMALL = {"count": "300", "days": "21", "lake": "none"}  # of a drill that is made: a test waits for no large one
NO_REGISTER = {"serve", "door"}  # with one they would go on until they are stopped
NEVER_ENDS = {"jobs"}  # whatever folder it is given


@dataclass(frozen=True)
class Typed:
    """A command line with one odd word, and who types it."""

    words: tuple[str, ...]
    role: Role


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from leaves(command.get_command(None, name), (*words, name))
    else:
        yield words, command


def odd(parameter: Any) -> tuple[str, ...]:
    kind = parameter.type_descriptor.annotation
    if kind in (Path, list[Path]):
        return FILES
    if isinstance(kind, EnumType):
        return ("nothing", "")
    if kind in (int, float):
        return NUMBERS
    return () if kind is bool else ODD_DAYS if parameter.name in DAYS else TEXTS


def plain(parameter: Any, verb: str) -> str:
    kind = parameter.type_descriptor.annotation
    if parameter.name == "register" and verb not in NO_REGISTER:
        return "register"
    if kind in (Path, list[Path]):
        return "none"
    if isinstance(kind, EnumType):
        return str(next(iter(kind)))
    return "1" if kind in (int, float) else "2099-01-01" if parameter.name in DAYS else "abc"


def line(words: tuple[str, ...], command: Any, place: Any, value: str) -> tuple[str, ...]:
    options, arguments = list(words), []
    for parameter in command.params:
        small = SMALL.get(parameter.name) if words[0] == "drill" else None
        if parameter.name == "help" or not (parameter is place or parameter.required or small):
            continue
        given = value if parameter is place else small or plain(parameter, words[0])
        if parameter.param_type_name == "argument":
            arguments.append(given)
        else:
            options += [parameter.opts[0], given]
    return (*options, "--", *arguments) if arguments else tuple(options)


def typed() -> Iterator[Typed]:
    """Each place of each command with an odd word, another one from place to place, by a role in turn.

    The register has its place in every command: every eighth is tried.
    """
    places = [
        (words, command, place)
        for words, command in leaves(get_command(app))
        for place in command.params
        if words[0] not in NEVER_ENDS and place.name != "help"
    ]
    for number, (words, command, place) in enumerate(places):
        values = odd(place)
        if values and (place.name != "register" or number % 8 == 0):
            yield Typed(line(words, command, place, values[number % len(values)]), ROLES[number % len(ROLES)])


@pytest.fixture
def place(staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with odd files and the register of the tests in it, whose passwords are told by the environment."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("x\n", "utf-8")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "register").symlink_to(staff.folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for variable in ("BIANQUE_PASSWORD", "BIANQUE_NEW_PASSWORD"):
        monkeypatch.setenv(variable, "gibbon onward splashy")
    monkeypatch.setenv("BIANQUE_CODE", "123456")
    return tmp_path


def test_an_odd_argument_is_an_error_that_says_what_to_do(
    place: Path, staff: Staff, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del place
    tokens = {role: staff.log_in(role).token for role in ROLES}
    wrong: list[str] = []
    tried = list(typed())
    assert len(tried) > 100
    for one in tried:
        monkeypatch.setenv("BIANQUE_SESSION", tokens[one.role])
        monkeypatch.setattr("sys.argv", ["bianque", *one.words])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr().err
        told = code == 0 or "what to do: " in said or "Usage: " in said or "(rule " in said
        if code not in (0, 2, 3) or not told or "Traceback" in said:
            wrong.append(f"{one.role} {one.words!r:.300} → {code}: {said.strip()[-300:]}")
    assert wrong == []
    with staff.register.system() as connection:
        kept = connection.execute(select(audit_event.c.event)).scalars()
        named = [event for event in map(bytes.decode, kept) if NAME in event or PHONE in event]
    assert named == []
