"""The lake as a folder that several processes use at once."""

from __future__ import annotations

import datetime as dt
import errno
import io
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bianque.lake import check, facts
from bianque.lake.ingest import ingest
from bianque.lake.store import Lake
from bianque.model.errors import BadLake
from bianque.model.regions import RegionSystem

from .conftest import TODAY, cases

ROOT = str(Path(__file__).resolve().parents[2])
# Several files into one lake, each with the same cells and one of its own.
TAKE_IN = """
import datetime as dt, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bianque.lake.ingest import ingest
from bianque.lake.store import Lake
from bianque.model.regions import Region, RegionSystem
from tests.lake.conftest import cases
regions = RegionSystem({{"A1": Region("A1", "甲县", "Alpha", "county")}}, "one region")
who = int(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for n in range({files}):
    day = dt.date(2020, 1, 1) + dt.timedelta(days={files} * who + n)
    text = f"date,place,confirmed,dead\\n2019-12-31,A1,{{who * 100 + n}},0\\n{{day}},A1,{{n}},0\\n"
    lake, feed = Lake.create(Path({lake!r})), cases(id=f"by-{{who}}")
    ingest(lake, feed, text.encode(), "f.csv", regions, today=dt.date(2021, 1, 1))
"""
FILES, WRITERS = 8, 3


def start(lake: Path, who: int) -> subprocess.Popen[str]:
    code = TAKE_IN.format(root=ROOT, lake=str(lake), files=FILES)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(who)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
def test_processes_that_take_files_in_at_once_lose_nothing(tmp_path: Path) -> None:
    """Three of them into a lake none has made yet; a reader that looks all the while sees whole files alone."""
    path = tmp_path / "lake"
    writers = [start(path, who) for who in range(WRITERS)]
    try:
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        seen = []
        while any(writer.poll() is None for writer in writers):
            if (path / "lake.json").exists():
                found = check.check(Lake.open(path))
                assert found.problems == []
                seen.append(found.facts)
    finally:
        for writer in writers:
            writer.communicate()
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    assert seen == sorted(seen)
    lake = Lake.open(path)
    found = check.check(lake)
    assert (found.receipts, found.problems, found.strays) == (WRITERS * FILES, [], [])
    sequences = [receipt.sequence for receipt in lake.receipts()]
    assert sequences == list(range(1, WRITERS * FILES + 1))
    known = facts.counts(lake, dt.date(2021, 1, 1), measure="confirmed").to_pylist()
    assert len(known) == WRITERS * (FILES + 1)
    newest = {row["feed"]: row["value"] for row in known if row["reference_date"] == dt.date(2019, 12, 31)}
    assert newest == {f"by-{who}": who * 100 + FILES - 1 for who in range(WRITERS)}


@pytest.mark.slow
def test_a_writer_killed_while_it_holds_the_lock_holds_up_nobody(lake: Lake, regions: RegionSystem) -> None:
    held = "from pathlib import Path; from bianque.lake.store import Lake; import time\n"
    held += f"with Lake.open(Path({str(lake.path)!r})).writing(): print('held', flush=True); time.sleep(60)"
    taken = threading.Event()

    def take() -> None:
        ingest(lake, cases(), b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n", "f.csv", regions, today=TODAY)
        taken.set()

    with subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = threading.Thread(target=take)
        waiting.start()
        assert not taken.wait(0.3)
        holder.send_signal(signal.SIGKILL)
    waiting.join(10)
    assert taken.is_set()
    assert len(lake.receipts()) == 1


def test_undo_brings_the_state_back_and_keeps_the_receipt_aside(lake: Lake, regions: RegionSystem) -> None:
    empty = lake.state()
    rows = b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n"
    first = ingest(lake, cases(), rows, "f.csv", regions, today=TODAY)
    one = lake.state()
    second = ingest(lake, cases(), rows.replace(b"5,0", b"6,0"), "f.csv", regions, today=TODAY)
    assert len({empty, one, lake.state()}) == 3
    lake.undo(second.id)
    assert lake.state() == one
    lake.undo(first.id)
    assert lake.state() == empty
    kept = {json.loads(path.read_bytes())["id"] for path in (lake.path / "undone").glob("*.json")}
    assert kept == {first.id, second.id}
    assert check.check(lake).strays == []


def test_making_a_lake_that_is_there_leaves_it_as_it_is(lake: Lake, regions: RegionSystem) -> None:
    ingest(lake, cases(), b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n", "f.csv", regions, today=TODAY)
    state = lake.state()
    assert Lake.create(lake.path).state() == state


def test_a_lake_whose_making_was_killed_is_made_by_the_next_ingest(tmp_path: Path) -> None:
    """Folders made, lake.json written beside its name and not renamed."""
    (tmp_path / "counts").mkdir()
    unfinished = tmp_path / ".lake.json-0123456789abcdef"
    unfinished.write_text('{"form')
    lake = Lake.create(tmp_path)
    os.utime(unfinished, (0, 0))
    assert [path.name for path in check.check(lake).strays] == [".lake.json-0123456789abcdef"]
    assert len(check.remove_strays(lake)) == 1
    assert check.check(lake).strays == []


@pytest.mark.parametrize(
    ("content", "says"),
    [('{"format": 99}', "lake format 99, this program reads 1"), ("{", "this is no lake"), ("[]", "this is no lake")],
)
def test_a_lake_of_another_version_or_damaged_is_refused(content: str, says: str, lake: Lake) -> None:
    (lake.path / "lake.json").write_text(content)
    with pytest.raises(BadLake, match=says) as error:
        Lake.open(lake.path)
    assert error.value.remedy


ROWS = b"date,place,confirmed,dead\n2020-01-23,A1,5,0\n"


@pytest.mark.parametrize(
    ("good", "bad"), [('"accepted": 1', '"accepted": 2'), ('"id": "cases-', '"id": "causes-'), ("{", "")]
)
def test_a_damaged_receipt_is_named_and_can_be_taken_out(
    good: str, bad: str, lake: Lake, regions: RegionSystem
) -> None:
    """The facts of the others stay, and its own file can be taken in again."""
    other = ingest(lake, cases(id="others"), ROWS, "others.csv", regions, today=TODAY)
    receipt = ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    path = lake.path / "receipts" / f"{receipt.id}.json"
    path.write_text(path.read_text("utf-8").replace(good, bad, 1), "utf-8")
    with pytest.raises(BadLake, match="damaged receipt") as error:
        lake.receipts()
    assert str(path) in error.value.what
    assert f"bianque lake undo {receipt.id} --lake {lake.path}" in error.value.remedy
    found = check.check(lake)
    assert (found.receipts, found.facts) == (1, other.facts)
    assert found.problems == [f"{path}: damaged receipt"]
    assert check.remove_strays(lake) == []
    assert lake.undo(receipt.id) is None
    assert [r.id for r in lake.receipts()] == [other.id]
    assert ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY).facts == receipt.facts
    found = check.check(lake)
    assert (found.receipts, found.problems, found.strays) == (2, [], [])


def test_a_receipt_can_be_taken_out_while_another_is_damaged(lake: Lake, regions: RegionSystem) -> None:
    other = ingest(lake, cases(id="others"), ROWS, "others.csv", regions, today=TODAY)
    receipt = ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    (lake.path / "receipts" / f"{receipt.id}.json").write_text("{")
    assert lake.undo(other.id) == other


def test_facts_that_were_deleted_are_missed_not_left_out(lake: Lake, regions: RegionSystem) -> None:
    """A smaller picture would look like a smaller outbreak."""
    ingest(lake, cases(id="others"), ROWS, "others.csv", regions, today=TODAY)
    receipt = ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    path = lake.path / "counts" / f"{receipt.id}.parquet"
    path.unlink()
    with pytest.raises(BadLake, match=f"the facts of receipt {receipt.id} are gone") as error:
        facts.counts(lake, TODAY)
    assert str(path) in error.value.what
    assert f"bianque lake undo {receipt.id} --lake {lake.path}" in error.value.remedy
    assert facts.flows(lake, TODAY).num_rows == 0
    (problem,) = check.check(lake).problems
    assert str(path) in problem
    lake.undo(receipt.id)
    ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    assert facts.counts(lake, TODAY).num_rows == 4


def swapped(data: bytes, at: slice) -> bytes:
    return data[: at.start] + bytes(byte ^ 0x5A for byte in data[at]) + data[at.stop :]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda _: b"", "0 bytes"),
        (lambda data: data[:-100], "magic bytes"),
        (lambda data: swapped(data, slice(4, len(data) // 2)), ""),
        (lambda _: parquet_of({"feed": ["cases"]}), "names are not matching"),
    ],
    ids=["empty", "cut off", "overwritten in the middle", "other columns"],
)
def test_facts_that_cannot_be_read_are_named_with_the_way_out(
    damage: Callable[[bytes], bytes], says: str, lake: Lake, regions: RegionSystem
) -> None:
    ingest(lake, cases(id="others"), ROWS, "others.csv", regions, today=TODAY)
    receipt = ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    path = lake.path / "counts" / f"{receipt.id}.parquet"
    path.write_bytes(damage(path.read_bytes()))
    for ask in (lambda: facts.counts(lake, TODAY), lambda: facts.versions(lake, "counts", "cases")):
        with pytest.raises(BadLake, match=f"the facts of receipt {receipt.id} cannot be read: .*{says}") as error:
            ask()
        assert str(path) in error.value.what
        assert f"bianque lake undo {receipt.id} --lake {lake.path}" in error.value.remedy
    (problem,) = check.check(lake).problems
    assert str(path) in problem
    lake.undo(receipt.id)
    ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    assert check.check(lake).problems == []
    assert facts.counts(lake, TODAY).num_rows == 4


def test_a_file_with_fewer_facts_than_its_receipt_says_is_a_problem(lake: Lake, regions: RegionSystem) -> None:
    receipt = ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    path = lake.path / "counts" / f"{receipt.id}.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    assert check.check(lake).problems == [f"{path}: 1 facts where the receipt says 2"]


def parquet_of(columns: dict[str, list[str]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.slow
def test_a_reader_meets_no_error_while_files_are_taken_out(lake: Lake, regions: RegionSystem) -> None:
    """It sees each file or not: between its look at the receipts and its look at the facts one may go."""
    receipts = [ingest(lake, cases(id=f"c{n}"), ROWS, "f.csv", regions, today=TODAY) for n in range(30)]
    going = threading.Thread(target=lambda: [lake.undo(receipt.id) for receipt in receipts])
    going.start()
    while going.is_alive():
        assert facts.counts(lake, TODAY).num_rows % 2 == 0
    assert facts.counts(lake, TODAY).num_rows == 0


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond this many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_names_the_file_and_leaves_nothing_behind(lake: Lake, regions: RegionSystem) -> None:
    with no_room_beyond(100), pytest.raises(OSError, match=r"counts/cases-.*\.parquet") as error:
        ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY)
    assert error.value.errno == errno.EFBIG
    assert {path.name for path in lake.path.rglob("*") if path.is_file()} == {".lock", "lake.json"}
    assert ingest(lake, cases(), ROWS, "f.csv", regions, today=TODAY).facts == 2


def test_tidying_up_leaves_a_picture_that_a_page_is_writing(lake: Lake) -> None:
    at_work, abandoned = (lake.path / "situations" / f".picture.json-{n}" for n in (1, 2))
    for path in (at_work, abandoned):
        path.write_text("{")
    a_day_ago = time.time() - 24 * 3600
    os.utime(abandoned, (a_day_ago, a_day_ago))
    assert check.check(lake).strays == check.remove_strays(lake) == [abandoned]
    assert at_work.exists()
