"""A register's folder is its owner's alone, and no personal value lies in the clear anywhere: canaries tell."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest
from pyrage import x25519

from bianque.registry import backup, people
from bianque.registry.age import identities
from bianque.registry.register import create
from bianque.registry.restore import restore
from tests.canaries import packings, planted
from tests.registry.sample import NOW, take_in, tracer

FORMS = sorted(packings("x"))


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_value_in_every_form(form: str) -> None:
    canaries = planted()
    for name, text in canaries.values.items():
        if len(text.encode()) < 9 and form.startswith("base64"):
            continue  # too short to be told from chance
        assert name in canaries.found_in(packings(text)[form]), name


def test_the_search_finds_nothing_of_one_person_in_what_holds_another() -> None:
    canaries, other = planted(), planted()
    for text in other.values.values():
        assert canaries.found_among(packings(text).values()) == set()


def test_nothing_personal_lies_in_clear_after_people_are_taken_in_backed_up_and_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    canaries = planted()
    register = create(work / "register")
    take_in(register, canaries.values)
    (record,) = people.find(register, tracer(), "phone", canaries.values["phone"])
    assert people.read(register, tracer(), record, ["person.name"]) == {"person.name": canaries.values["name"]}
    key = x25519.Identity.generate()
    (tmp_path / "identity.txt").write_text(str(key))
    made = backup.back_up(register, work / "backups", [str(key.to_public())], NOW)
    restore(made.file, identities(tmp_path / "identity.txt"), work / "new", register.at_rest)
    register.close()
    assert canaries.found_under(work, temporary) == {}
    assert list(temporary.iterdir()) == []
    for path in [work / "register", work / "new", work / "backups"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    (work / "left.csv").write_text(canaries.values["phone"])
    assert canaries.found_under(work) == {str(work / "left.csv"): {"phone"}}
