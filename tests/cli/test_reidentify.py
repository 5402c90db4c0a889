"""bianque reidentify, as it is typed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bianque.registry import register as registers
from bianque.services import setup
from tests.services.access.people import AGENCY, BODY, LOGINS, Person

BIANQUE = str(Path(sys.executable).with_name("bianque"))


def typed(*words: str, folder: Path, by: Person | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "BIANQUE_REGISTER": str(folder), "XDG_STATE_HOME": str(folder.parent)}
    env.pop("BIANQUE_SESSION", None)
    if by:
        env |= {"BIANQUE_SESSION": by.token, "BIANQUE_PASSWORD": by.password}
    return subprocess.run(
        [BIANQUE, "reidentify", *words],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Person]]:
    """A register after its first steps, and its three people logged in now."""
    folder = tmp_path_factory.mktemp("reidentify") / "register"
    register = registers.create(folder)
    now = dt.datetime.now(dt.UTC)
    told = setup.first_steps(register, AGENCY, BODY, LOGINS, now)
    people = {one.account: Person(register, one.account, one.password) for one in told}
    for person in people.values():
        person.first_log_in(now)
    register.close()
    return folder, people


def test_the_risk_rules_are_listed_in_both_languages(tmp_path: Path) -> None:
    said = typed("rules", folder=tmp_path)
    assert said.returncode == 0
    assert "close-contact" in said.stdout
    assert "密" in said.stdout or "接触" in said.stdout


def test_whoever_is_not_logged_in_is_told_how(at_work: tuple[Path, dict[str, Person]]) -> None:
    said = typed("list", folder=at_work[0])
    assert said.returncode == 2
    assert "bianque login" in said.stderr


def test_holders_make_their_keys_and_one_organisation_is_not_enough(at_work: tuple[Path, dict[str, Person]]) -> None:
    folder, people = at_work
    for login in ("lan", "bo"):
        made = typed("key", folder=folder, by=people[login])
        assert made.returncode == 0, made.stderr
        assert f"{login} has a key pair" in made.stdout
    alone = typed("ceremony", "outbreak", "--holder", "lan", "--holder", "bo", folder=folder, by=people["wei"])
    assert alone.returncode == 2
    assert "two organisations" in alone.stderr
    theirs = typed("ceremony", "outbreak", "--holder", "lan", folder=folder, by=people["bo"])
    assert theirs.returncode == 3
    for person in people.values():
        assert person.password not in made.stdout + alone.stdout + alone.stderr
