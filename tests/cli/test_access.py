"""`bianque login`, `account`, `emergency`, `audit`: from a log-in to a declared emergency and a checked audit."""

from __future__ import annotations

import datetime as dt
import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from bianque.drill.authority import authority_toml
from bianque.registry import oversight
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.safeguard import second_factor
from bianque.services.exercise_accounts import ExerciseLogIn, exercise_accounts

from .conftest import Run

TODAY = dt.datetime.now(dt.UTC).date()
Enter = Callable[[str], None]


def staffed(register: Register, monkeypatch: pytest.MonkeyPatch) -> dict[str, ExerciseLogIn]:
    """The people of the exercise in a new register, which is that of every command from now on."""
    told = exercise_accounts(register, TODAY, dt.datetime.now(dt.UTC))
    register.close()
    monkeypatch.setenv("BIANQUE_REGISTER", str(register.at_rest))
    monkeypatch.setenv("XDG_STATE_HOME", str(register.at_rest.with_name("state")))
    return {one.login: one for one in told}


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ExerciseLogIn]:
    """The people of the exercise; its register is the one of every command."""
    return staffed(registers.create(tmp_path / "register"), monkeypatch)


@pytest.fixture
def enter(people: dict[str, ExerciseLogIn], bianque: Run, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Log in for the first time with what was told."""

    def log_in(login: str) -> None:
        one = people[login]
        monkeypatch.setenv("BIANQUE_PASSWORD", one.password)
        monkeypatch.setenv("BIANQUE_NEW_PASSWORD", f"gibbon onward splashy {login[::-1]}")
        said = bianque(f"login {login} --code {second_factor.code(one.secret, dt.datetime.now(dt.UTC))}")
        assert said.out.startswith(f"logged in as {login}"), said.err

    return log_in


def test_an_emergency_is_drafted_and_declared_by_two_at_the_command_line(
    enter: Enter, bianque: Run, tmp_path: Path
) -> None:
    (tmp_path / "authority.toml").write_text(authority_toml(TODAY), "utf-8")
    enter("command")
    assert "drafted: second" in bianque("emergency draft second", tmp_path / "authority.toml").out
    assert "waits for a second person" in bianque("emergency sign second declare").out
    again = bianque("emergency sign second declare")
    assert again.code == 3
    assert "second-person-is-first" in again.err
    enter("command-2")
    assert "it is declared" in bianque("emergency sign second declare").out
    assert bianque("emergency list").out.startswith("second: declared")
    shown = bianque("emergency show second").out
    assert "signed declare: command," in shown
    assert "signed declare: command-2," in shown
    assert "it waits" in bianque(f"emergency sign second extend --ends {TODAY + dt.timedelta(days=300)}").out
    assert bianque("emergency sign second extend --ends soon").code == 2


def test_an_emergency_of_the_register_is_explained_to_whoever_is_logged_in_and_on_record(
    enter: Enter, bianque: Run
) -> None:
    assert bianque("safeguard explain person --emergency exercise").code == 2  # nobody is logged in
    enter("epidemiologist")
    code = tomllib.loads(authority_toml(TODAY))["regions"][0]
    told = bianque(f"safeguard explain person --emergency exercise --region {code}").out
    address = told[told.index("person.address ") :].splitlines()
    assert address[0].split()[:5] == ["person.address", "location", "personal", "->", "sensitive"]
    assert any("raised by place-in-emergency: " in line for line in address[1:])
    elsewhere = bianque("safeguard explain person --emergency exercise --region 110101").out
    assert "place-in-emergency" not in elsewhere
    assert "rule not-there" in bianque("safeguard explain person --emergency another").err
    register = registers.open_register(Path(os.environ["BIANQUE_REGISTER"]))
    with register.system() as connection:
        links = oversight.events(connection, account="epidemiologist")
        asked = [(link.event.resource, link.event.rule) for link in links]
    register.close()
    assert [resource for resource, _ in asked].count("exercise") == 2
    assert ("", "not-there") in asked  # and not what was typed


def test_a_person_sees_and_chooses_what_they_may_work_for(enter: Enter, bianque: Run) -> None:
    enter("tracer")
    assert "may choose: exercise contact_tracing until" in bianque("account show").out
    assert "at work in exercise" in bianque("account choose exercise contact_tracing").out
    assert "at work in exercise (declared) for contact_tracing" in bianque("account show").out
    assert bianque("account choose exercise research").code == 2
    assert bianque("account list").code == 3


def test_an_administrator_makes_and_closes_accounts(
    enter: Enter, bianque: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("tracer")
    assert "no key pair" in bianque("account show").out
    monkeypatch.setenv("BIANQUE_PASSWORD", f"gibbon onward splashy {'tracer'[::-1]}")
    assert bianque("reidentify key").code == 0
    assert "no key pair" not in bianque("account show").out
    enter("administrator")
    assert "no key pair" not in bianque("account show").out
    said = bianque("account create min health-commission tracer")
    assert "min (tracer): one-time password" in said.out
    assert "second person" in bianque("account create hua health-commission dpo").out
    assert "waits for a second person" in bianque("account list").out
    assert bianque("account organisation station police --zh 车站派出所 --en 'Station police'").code == 0
    assert "station  police, 车站派出所, Station police" in bianque("account organisations").out
    assert "one-time password" in bianque("account password min").out
    assert bianque("account disable min --reason 'left'").out == "disabled: min\n"
    asked = bianque("account lost tracer --reason 'phone lost; came with a badge'").out.split()[1].rstrip(";")
    assert asked in bianque("account resets").out
    assert bianque(f"account reset {asked}").code == 3
    enter("command")
    told = bianque(f"account reset {asked}").out
    assert "tracer (tracer): one-time password" in told
    assert "the key pair of tracer went with the password" in told
    assert "reidentify pass-on" in told
    assert bianque("account consent hua").out == "open: hua\n"


def test_a_grant_is_given_listed_and_revoked(enter: Enter, bianque: Run) -> None:
    enter("command")
    ends = TODAY + dt.timedelta(days=10)
    words = "account grant hospital exercise contact_tracing --basis cn-infectious-diseases-2013-12"
    given = bianque(f"{words} --region 999001 --expires {ends} --reason 'asked for' --protected").out
    assert "waits for a second person" in given
    id_ = given.split()[0]
    assert bianque(f"account confirm {id_}").code == 3
    assert id_ in bianque("account grants --days 14").out
    enter("command-2")
    assert bianque(f"account confirm {id_}").out == f"confirmed: {id_}\n"
    assert bianque(f"account revoke {id_} --reason 'no longer needed'").out == f"revoked: {id_}\n"
    assert id_ not in bianque("account grants").out


def test_the_audit_is_verified_listed_and_exported(enter: Enter, bianque: Run, tmp_path: Path) -> None:
    enter("tracer")
    assert bianque("audit list").code == 3
    enter("officer")
    said = bianque("audit list --refused").out
    assert "tracer  read_audit audit  deny" in said
    verified = bianque("audit verify").out
    head = verified.split()[-1]
    assert bianque(f"audit verify --head {head}").code == 0
    assert bianque(f"audit verify --head 1:{'0' * 64}").code == 2
    out = tmp_path / "audit.ndjson"
    assert bianque("audit export --format fhir --out", out).code == 0
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(out.read_text("utf-8").splitlines()[0])["resourceType"] == "AuditEvent"
    assert bianque("audit export --format fhir --out", out).code == 2
    lines = bianque("audit export --format jsonl").out.splitlines()
    assert json.loads(lines[-1])["event"]["action"] == "export_audit"


def test_the_token_lies_in_a_file_of_its_owner_until_the_log_out(
    enter: Enter, bianque: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("tracer")
    path = tmp_path / "state" / "bianque" / "session"
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text("ascii").strip()
    assert bianque("logout").out == "logged out\n"
    assert not path.exists()
    assert "nobody is logged in" in bianque("account show").err
    monkeypatch.setenv("BIANQUE_SESSION", token)
    assert "nobody is logged in" in bianque("account show").err


def test_a_password_comes_from_a_descriptor_or_a_terminal_and_never_from_an_argument(
    people: dict[str, ExerciseLogIn], bianque: Run
) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"not this one\n")
    os.close(writer)
    said = bianque(f"login tracer --password-fd {reader} --code 000000")
    assert said.code == 2
    assert "is not right" in said.err
    assert "there is nobody to ask" in bianque("login tracer").err
    assert "No such option" in bianque(f"login tracer --password {people['tracer'].password}").err
