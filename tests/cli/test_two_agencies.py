"""Two agencies on one PostgreSQL, from the first account to the disposal, as their people type it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import select

from bianque.drill.authority import authority_toml
from bianque.model.emergency import State
from bianque.registry import emergencies
from bianque.registry import register as registers
from bianque.registry.tables.people import person
from bianque.services import sessions
from bianque.services.door import at_door
from bianque.services.enrol_identifiers import enrol_identifiers
from bianque.services.exercise_accounts import AGENCY, ExerciseLogIn
from tests.postgres import Server
from tests.services.access.people import Person

from .conftest import Run, Typed
from .test_access import TODAY, Enter, enter, staffed
from .test_people import PEOPLE, REGIONS

__all__ = ["enter"]  # fixture
NAME, NUMBER, PHONE, MENDED = "张澄岚", "11010519491231002X", "15400138000", "15400137000"
BASIS = "cn-infectious-diseases-2013-12"
GRANTS = (
    ("tracer", "contact_tracing"),
    ("community-worker", "isolation_follow_up"),
    ("hospital", "clinical_care"),
)
Be = Callable[[str], str]
Done = Callable[..., str]


@pytest.fixture
def people(owner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ExerciseLogIn]:
    """The people of the exercise, whose agency is one of several on PostgreSQL."""
    return staffed(registers.create_on_postgresql(tmp_path / "register", owner, AGENCY.id), monkeypatch)


@pytest.fixture
def another(postgresql: Server, tables: str) -> Iterator[str]:
    """The address of the owner of a database that a register is brought back to."""
    with postgresql.database(copy_of=tables) as address:
        yield address


@pytest.fixture
def be(enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Be:
    """Whose turn it is: logged in the first time, the same session from then on; returns its token."""
    tokens: dict[str, str] = {}

    def turn_to(login: str) -> str:
        if login not in tokens:
            monkeypatch.delenv("BIANQUE_SESSION", raising=False)
            enter(login)
            tokens[login] = (tmp_path / "state" / "bianque" / "session").read_text("ascii").strip()
        monkeypatch.setenv("BIANQUE_SESSION", tokens[login])
        monkeypatch.setenv("BIANQUE_PASSWORD", f"gibbon onward splashy {login[::-1]}")
        return tokens[login]

    return turn_to


@pytest.fixture
def done(bianque: Run) -> Done:
    """What a command says that does what it is asked."""

    def do(*words: str | Path, typed: str = "") -> str:
        said = bianque(*words, typed=typed)
        assert said.code == 0, (words, said)
        return said.out

    return do


def declare(done: Done, be: Be, folder: Path) -> None:
    """An emergency whose records are due for destruction as soon as it is closed."""
    terms = authority_toml(TODAY).replace('disposal_by = "health-commission"', 'disposal_by = "command"')
    terms = re.sub("(identified|pseudonymous)_days = [0-9]+", r"\1_days = 0", terms)
    (folder / "terms.toml").write_text(terms, "utf-8")
    be("command")
    assert "drafted: outbreak" in done("emergency draft outbreak", folder / "terms.toml")
    assert "waits for a second person" in done("emergency sign outbreak declare")
    be("command-2")
    assert "it is declared" in done("emergency sign outbreak declare")
    until = f"--region 990000 --expires {TODAY + dt.timedelta(days=20)} --reason 'at work'"
    for login, purpose in GRANTS:
        basis = "cn-infectious-diseases-2013-39" if login == "hospital" else BASIS
        done(f"account grant {login} outbreak {purpose} --basis {basis} {until}")


def take_in(done: Done, be: Be, folder: Path) -> str:
    """One person of a file of two rows, found by phone and corrected; the id of the record."""
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    (folder / "regions.csv").write_text(REGIONS, "utf-8")
    be("tracer")
    done("account choose outbreak contact_tracing")
    done("people add-list returned --zh 返乡人员 --en returned --source community --implies health")
    transfer = "--source community --device tablet-7 --anew --regions"
    taken = done("people import", folder / "people.csv", transfer, folder / "regions.csv")
    assert "read 2 = accepted 1 + quarantined 1" in taken
    receipt = taken.split()[1].rstrip(":")
    assert "李栖云" in done(f"people quarantine {receipt}")
    assert "1 rows destroyed" in done(f"people quarantine {receipt} --drop")
    found = done("people find phone", typed=f"{PHONE}\n")
    assert f"person.name: {NAME}" in found
    record = found.split()[0]
    assert "version 2" in done(f"people correct {record} person.phone", typed=f"{MENDED}\n")
    assert f"person.phone: {MENDED}" in done(f"people show {record} --field person.phone")
    return record


def follow_up(done: Done, be: Be, record: str) -> None:
    done(f"case report {record} suspected --reported {TODAY} --note", typed="fever\n")
    assigned = done(f"followup assign {record} --officer community-worker --until {TODAY}").split()[1]
    be("community-worker")
    done("account choose outbreak isolation_follow_up")
    assert f"person.phone: {MENDED}" in done("followup mine")
    assert done(f"followup note {assigned}", typed="no fever\n").endswith(": noted\n")
    be("tracer")
    assert done(f"followup close {assigned} completed").endswith(": completed\n")


def export(done: Done, bianque: Run, be: Be, folder: Path) -> None:
    be("tracer")
    asked = done("people export returned --recipient hospital --reason beds --field person.name").split()[1]
    refused = bianque(f"people give {asked} --to", folder / "beds.csv")
    assert (refused.code, "second-person-is-first" in refused.err) == (3, True)
    be("officer")
    done("account choose outbreak data_subject_rights")
    assert "1 records, 0 refused" in done(f"people give {asked} --to", folder / "beds.csv")
    assert NAME in (folder / "beds.csv").read_text("utf-8")


def re_identify(done: Done, bianque: Run, be: Be, register: Path) -> None:
    for login, purpose in (("command", "situation_monitoring"), ("officer", "oversight"), ("tracer", "")):
        be(login)
        if purpose:
            done(f"account choose outbreak {purpose}")
        done("reidentify key")
    be("administrator")
    assert "holds the share of health-commission" in done(
        "reidentify ceremony outbreak --holder command --holder officer"
    )
    pseudonym = at_the_door(register, be("tracer"))
    early = bianque(f"reidentify request {pseudonym} --field phone --reason 'a contact'")
    assert (early.code, "not-locked" in early.err) == (3, True)
    done(f"reidentify lock {pseudonym} --rule close-contact --evidence 'query 7 of the receipt'")
    asked = done(f"reidentify request {pseudonym} --field phone --reason 'a contact'").split()[0]
    be("command")
    assert "approved_once" in done(f"reidentify approve {asked}")
    assert bianque(f"reidentify approve {asked}").code == 3
    be("officer")
    assert "released" in done(f"reidentify approve {asked}")
    be("tracer")
    assert f"phone: {PHONE}" in done(f"reidentify read {asked}")


def at_the_door(folder: Path, token: str) -> str:
    """The pseudonym of a person whose identifiers a source brings to the door."""
    register = registers.open_register(folder)
    with at_door(folder) as door:
        tracer = sessions.authority_of(register, token, dt.datetime.now(dt.UTC))
        (pseudonym,) = enrol_identifiers(register, door, tracer, "community", [(PHONE, NUMBER)]).pseudonyms
    register.close()
    return pseudonym


def break_the_glass(done: Done, bianque: Run, be: Be, record: str) -> None:
    be("community-worker")
    assert "not-assigned" in bianque(f"people show {record}").err
    leave = done("glass break --reason 'found unconscious at home'").split()[1]
    assert NAME in done(f"people show {record}")
    done("glass end")
    be("officer")
    done("account choose outbreak oversight")
    assert "justified" in done(f"glass review {leave} --justified --finding 'next of kin was told'")


def answer_and_erase(done: Done, be: Be, record: str, folder: Path, typed: Typed, owner: str) -> None:
    be("officer")
    done("account choose outbreak data_subject_rights")
    receipt = json.loads(done(f"rights receive {record} --right copy --identity id_card"))
    done(f"rights copy {receipt['id']} --out", folder / "copy.json")
    assert json.loads((folder / "copy.json").read_text("utf-8"))["record"]["person.phone"] == MENDED
    asked = json.loads(done(f"rights receive {record} --right access_log --identity id_card"))
    assert "read_person" in done(f"rights access-log {asked['id']}")
    erased = done(f"people erase {record} --reason 'asked for it'")
    assert "1 records erased, 1 keys destroyed" in erased
    assert "the owner of the database rewrites the tables" in erased
    assert "tables rewritten" in done(f"register compact --owner {typed(owner)}")


def dispose(done: Done, bianque: Run, be: Be) -> None:
    for login in ("command", "command-2"):
        be(login)
        done("emergency sign outbreak close")
    be("command")
    assert "identified records from" in done("dispose plan")
    done("dispose sign")
    assert bianque("dispose execute --yes").code == 3
    be("command-2")
    done("account choose outbreak situation_monitoring")
    certificate = json.loads(done("dispose execute --yes"))
    assert (certificate["identifiers_at_the_door"], certificate["key_at_the_door"]) == (0, True)
    assert {one["remaining"] for one in certificate["counts"].values()} == {0}


def the_other_agency(
    done: Done, bianque: Run, folder: Path, owner: str, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to the same database, declares an emergency of its own, and sees nobody of the first."""
    words = "--agency railway --administrator hu --command ping --command an --body railway-command"
    told = done("register create", folder, words, f"--postgresql {typed(owner)}")
    passwords = dict(re.findall(r"^command +(\S+) +one-time password (\S+)$", told, re.MULTILINE))
    terms = re.split(r"\n\[\[sources", authority_toml(TODAY))[0].replace("health-commission", "railway-command")
    terms = re.sub("executing_bodies = .*", "executing_bodies = []", terms)
    terms = terms.replace('command_body = "command"', 'command_body = "railway-command"')
    (folder.parent / "railway.toml").write_text(terms, "utf-8")
    register = registers.open_register(folder)
    with register.snapshot("register") as connection:
        assert connection.execute(select(person.c.id)).all() == []
    tokens = [
        Person(register, login, passwords[login]).first_log_in(dt.datetime.now(dt.UTC)).token for login in passwords
    ]
    register.close()
    with monkeypatch.context() as theirs:
        theirs.setenv("BIANQUE_REGISTER", str(folder))
        theirs.setenv("BIANQUE_SESSION", tokens[0])
        done("emergency draft railway-outbreak", folder.parent / "railway.toml")
        done("emergency sign railway-outbreak declare")
        assert "rule not-there" in bianque("emergency show outbreak").err
        theirs.setenv("BIANQUE_SESSION", tokens[1])
        assert "it is declared" in done("emergency sign railway-outbreak declare")
        assert [line.split(":")[0] for line in done("emergency list").splitlines()] == ["railway-outbreak"]
        assert "WRONG" not in done("register check")


def lose_it_and_bring_it_back(done: Done, bianque: Run, be: Be, folder: Path, owner: str) -> None:
    """From a backup into another database."""
    identity = x25519.Identity.generate()
    (folder / "identity.txt").write_text(str(identity))
    be("administrator")
    done(f"register backup --to {folder / 'backups'} --recipient {identity.to_public()}")
    (data,) = (folder / "backups").glob("*-data-*.age")
    (folder / "register").rename(folder / "lost")
    brought = f"--identity {folder / 'identity.txt'} --keys {folder / 'lost'} --to {folder / 'register'}"
    without = bianque("register restore", "--from", data, brought, f"--postgresql {owner}")
    assert (without.code, "--agency" in without.err) == (2, True)
    where = f"--postgresql {owner} --agency {AGENCY.id}"
    assert "audit whole up to event" in done("register restore", "--from", data, brought, where)


def test_a_whole_emergency_of_one_agency_beside_another(
    bianque: Run,
    done: Done,
    be: Be,
    owner: str,
    another: str,
    typed: Typed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declare(done, be, tmp_path)
    record = take_in(done, be, tmp_path)
    the_other_agency(done, bianque, tmp_path / "railway", owner, typed, monkeypatch)
    follow_up(done, be, record)
    export(done, bianque, be, tmp_path)
    re_identify(done, bianque, be, tmp_path / "register")
    break_the_glass(done, bianque, be, record)
    answer_and_erase(done, be, record, tmp_path, typed, owner)
    dispose(done, bianque, be)
    be("officer")
    assert "events hold; the head is" in done("audit verify")
    lose_it_and_bring_it_back(done, bianque, be, tmp_path, typed(another))
    be("officer")
    assert bianque("emergency list").code == 2, "every session has ended"
    assert "events hold; the head is" in done("audit verify")
    looked = done("register check")
    assert "WRONG" not in looked
    assert "each chained to the one before" in looked
    register = registers.open_register(tmp_path / "register")
    with register.system() as connection:
        restored = emergencies.find(connection, "outbreak")
    register.close()
    assert restored is not None
    assert restored.state is State.DISPOSED
