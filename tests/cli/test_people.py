"""`bianque people`: from a file to a record, as those who may do it type it; what names a person is asked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from .conftest import Run
from .test_access import Enter, enter, people

__all__ = ["enter", "people"]  # fixtures
REGIONS = "code,parent,level,name_zh,name_en\n990000,,province,澄岚省,Chenglan\n990101,990000,county,栖云,Qiyun\n"
PEOPLE = """name,id_number,phone,region,list,mother
张澄岚,11010519491231002X,15400138000,栖云,returned,陈远岫
李栖云,440524188001010015,15400139000,栖云,,
"""


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> object:
    """What is typed when the command asks."""

    def answer(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))

    return answer


@pytest.fixture
def tracer(enter: Enter, bianque: Run, tmp_path: Path) -> Path:
    """A tracer at work, with a file of people."""
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "regions.csv").write_text(REGIONS, "utf-8")
    enter("tracer")
    assert bianque("account choose exercise contact_tracing").code == 0
    added = bianque("people add-list returned --zh 返乡人员 --en returned --source community --implies health")
    assert added.code == 0, added.err
    return tmp_path


def take_in(bianque: Run, folder: Path) -> str:
    said = bianque(
        "people import",
        folder / "people.csv",
        "--source community --device tablet-7 --anew --regions",
        folder / "regions.csv",
    )
    assert said.code == 0, said.err
    return said.out


def test_a_file_comes_in_with_a_receipt_that_adds_up(tracer: Path, bianque: Run) -> None:
    said = take_in(bianque, tracer)
    assert "read 2 = accepted 1 + quarantined 1; 1 values the source may not give, not kept" in said
    assert "row 3, id_number: the check character does not fit (1 rows)" in said
    assert "440524188001010015" not in said
    assert "returned  返乡人员 / returned  (community) health" in bianque("people lists").out
    assert "accepted 1" in bianque("people receipts").out
    assert bianque("people import", tracer / "people.csv", "--source community --device x --anew").code == 2
    receipt = said.split()[1].rstrip(":")
    assert "李栖云, 440524188001010015" in bianque(f"people quarantine {receipt}").out
    assert "1 rows destroyed" in bianque(f"people quarantine {receipt} --drop").out
    assert bianque(f"people quarantine {receipt}").out == ""


def test_a_record_is_found_shown_and_corrected(tracer: Path, bianque: Run, typed: object) -> None:
    take_in(bianque, tracer)
    typed("+86 154 0013 8000")  # type: ignore[operator]
    found = bianque("people find phone").out
    assert "person.name: 张澄岚" in found
    assert "1 records that you may see" in found
    record = found.split()[0]
    typed("15400137000")  # type: ignore[operator]
    assert "version 2" in bianque(f"people correct {record} person.phone").out
    shown = bianque(f"people show {record} --field person.phone --field person.workplace").out
    assert "person.phone: 15400137000" in shown
    assert "person.workplace: (unknown)" in shown
    assert bianque(f"people erase {record} --reason asked").code == 3


def test_an_export_waits_for_a_second_person(tracer: Path, bianque: Run) -> None:
    take_in(bianque, tracer)
    assert bianque("people export returned --recipient hospital --reason beds").code == 2
    asked = bianque("people export returned --recipient hospital --reason beds --field person.name")
    assert asked.code == 0, asked.err
    request = asked.out.split()[1]
    assert request in bianque("people exports").out
    refused = bianque(f"people give {request} --to", tracer / "out.csv")
    assert refused.code == 3
    assert "second-person-is-first" in refused.err
    assert not (tracer / "out.csv").exists()


def test_the_check_is_the_administrators_and_finds_a_whole_vault(tracer: Path, bianque: Run, enter: Enter) -> None:
    take_in(bianque, tracer)
    assert bianque("people check").code == 3
    enter("administrator")
    said = bianque("people check --tidy")
    assert said.code == 0, said.err
    assert said.out.startswith("exercise: 0 keys that seal nothing, 0 records that nothing opens")


def test_without_a_session_nothing_is_done(people: object, bianque: Run) -> None:
    assert people
    said = bianque("people lists")
    assert (said.code, said.out) == (2, "")
    assert "bianque login" in said.err
