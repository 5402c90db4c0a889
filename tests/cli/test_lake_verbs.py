"""`bianque ingest`, `bianque lake`, `bianque serve`: a day's work on a lake."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bianque.lake.store import Lake

from .conftest import Run


@pytest.fixture
def lake(bianque: Run, example: Path, tmp_path: Path) -> Path:
    """A lake of the small example."""
    assert bianque("assess", example, "--out", tmp_path / "o").code == 0
    return tmp_path / "o" / "lake"


@pytest.fixture
def later(example: Path) -> Path:
    """The next day's file: one correction, one new day, one bad row."""
    folder = example / "later"
    folder.mkdir()
    text = (example / "curve.csv").read_text("utf-8")
    last = text.splitlines()[-1]
    corrected = last.replace("2020-02-11,", "2020-02-11,9")
    (folder / "curve.csv").write_text(
        text.replace(last, corrected) + "2020-02-12,99999,31\n2020-02-13,many,32\n", "utf-8"
    )
    return folder / "curve.csv"


def test_a_later_file_is_taken_in_and_the_receipt_says_what_it_changed(bianque: Run, lake: Path, later: Path) -> None:
    said = bianque("ingest", later, "--lake", lake)
    assert said.code == 0
    assert "read 25 = accepted 24 + quarantined 1; new 1, unchanged 22, corrected 1" in said.out
    assert "line 26, confirmed: the count is no number (1 rows)" in said.out
    assert "receipt nhc-bulletins-" in said.out


def test_a_dry_run_says_the_same_and_changes_nothing(bianque: Run, lake: Path, later: Path) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in lake.rglob("*") if p.is_file())
    said = bianque("ingest", later, "--lake", lake, "--dry-run")
    assert said.code == 0
    assert "read 25 = accepted 24 + quarantined 1; new 1, unchanged 22, corrected 1" in said.out
    assert "dry run: nothing was changed" in said.out
    assert sorted((p, p.stat().st_mtime_ns) for p in lake.rglob("*") if p.is_file()) == before


def test_a_wrong_file_is_taken_out_again_and_the_lake_is_as_before(bianque: Run, lake: Path, later: Path) -> None:
    before = Lake.open(lake).state()
    receipt = bianque("ingest", later, "--lake", lake).out.split()[-1]
    assert Lake.open(lake).state() != before
    said = bianque("lake undo", receipt, "--lake", lake)
    assert said.code == 0
    assert said.out.startswith(f"undone: {receipt} (")
    assert Lake.open(lake).state() == before
    again = bianque("lake undo", receipt, "--lake", lake)
    assert again.code == 2
    assert f"no receipt '{receipt}'" in again.err
    assert "what to do: receipts: nhc-bulletins-" in again.err


def test_receipts_are_listed_newest_first(bianque: Run, lake: Path, later: Path) -> None:
    receipt = bianque("ingest", later, "--lake", lake, "--known-at 2020-02-13").out.split()[-1]
    lines = bianque("lake receipts --lake", lake).out.splitlines()
    assert lines[0] == f"{receipt}  (ingested 2020-02-13)"
    assert sum(line.startswith("nhc-bulletins-") for line in lines) == 2


def test_check_finds_a_whole_lake_whole_and_a_damaged_one_damaged(bianque: Run, lake: Path) -> None:
    said = bianque("lake check --lake", lake)
    assert (said.code, said.out) == (0, "1 receipts, 46 facts, 0 problems\n")
    (lake / "counts" / ".stray").write_text("left behind")
    os.utime(lake / "counts" / ".stray", (0, 0))
    assert "harmless; --tidy deletes it" in bianque("lake check --lake", lake).out
    assert bianque("lake check --tidy --lake", lake).out == "1 receipts, 46 facts, 0 problems\n"
    (facts,) = (lake / "counts").glob("*.parquet")
    facts.write_bytes(b"damaged")
    damaged = bianque("lake check --lake", lake)
    assert damaged.code == 2
    assert str(facts) in damaged.err
    assert f"what to do: take out each receipt named with `bianque lake undo RECEIPT --lake {lake}`" in damaged.err


def test_a_damaged_receipt_is_listed_and_taken_out(bianque: Run, lake: Path, example: Path) -> None:
    (receipt,) = (lake / "receipts").glob("*.json")
    receipt.write_bytes(b"{")
    said = bianque("lake check --lake", lake)
    assert (said.code, said.out) == (2, "0 receipts, 0 facts, 1 problems\n")
    assert f"{receipt}: damaged receipt" in said.err
    assert bianque("lake undo", receipt.stem, "--lake", lake).out == f"undone: {receipt.stem} (a damaged receipt)\n"
    assert bianque("ingest", example / "curve.csv", "--lake", lake).code == 0
    assert bianque("lake check --lake", lake).out == "1 receipts, 46 facts, 0 problems\n"


@pytest.mark.parametrize(
    ("name", "text", "words", "says", "remedy"),
    [
        ("other.csv", "date,confirmed,deaths\n", "", "0 feeds describe a file named 'other.csv'", "one with --feed"),
        ("curve.csv", "x", "--feed wrong", "no feed 'wrong'", "name one with --feed: nhc-bulletins"),
        ("curve.csv", "", "", "the file is empty", "ask the sender for the file again"),
        ("curve.csv", "day,n\n2020-01-24,5\n", "", "no column 'date', 'confirmed', 'deaths'", "emergency.toml"),
        ("curve.csv", None, "", "No such file or directory", "--data"),
        ("curve.csv", "x", "--known-at yesterday", "--known-at 'yesterday' is no date", "YYYY-MM-DD"),
        ("curve.csv", "x", "--known-at 9999-12-31", "--known-at 9999-12-31 is in the future", "give a day up to"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_in_is_exit_code_2_and_leaves_the_facts(
    name: str, text: str | None, words: str, says: str, remedy: str, bianque: Run, lake: Path, tmp_path: Path
) -> None:
    facts = sorted((lake / "counts").glob("*.parquet"))
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    said = bianque("ingest", tmp_path / name, "--lake", lake, words)
    assert said.code == 2
    assert says in said.err
    assert remedy in said.err.split("what to do: ")[1]
    assert facts[0] in set((lake / "counts").glob("*.parquet"))
    assert bianque("lake check --lake", lake).code == 0


def test_tidy_deletes_no_facts_of_a_lake_whose_receipts_were_deleted(bianque: Run, lake: Path) -> None:
    shutil.rmtree(lake / "receipts")
    (facts,) = (lake / "counts").glob("*.parquet")
    checked = bianque("lake check --lake", lake)
    assert checked.code == 2
    assert f"{facts}: facts whose receipt is gone" in checked.err
    tidied = bianque("lake check --tidy --lake", lake)
    assert tidied.code == 2
    assert "kept: everything; nothing was deleted" in tidied.err
    assert "put the receipts back from a copy of the lake" in tidied.err
    assert facts.exists()


def test_a_pipe_given_as_file_is_refused_and_not_waited_for(bianque: Run, lake: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "curve.csv")
    said = bianque("ingest", tmp_path / "curve.csv", "--lake", lake, "--feed nhc-bulletins")
    assert said.code == 2
    assert f"{tmp_path / 'curve.csv'}: this is no file but a pipe or a device" in said.err


@pytest.mark.parametrize("words", ["ingest x.csv", "lake check", "lake undo r", "lake receipts", "serve --register r"])
def test_a_lake_that_is_not_there_is_named_and_how_to_make_one(words: str, bianque: Run, tmp_path: Path) -> None:
    said = bianque(words, "--lake", tmp_path / "nowhere")
    assert said.code == 2
    assert f"{tmp_path / 'nowhere'}: this is no lake" in said.err
    assert "bianque assess" in said.err
    assert not (tmp_path / "nowhere").exists()
